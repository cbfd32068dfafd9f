# SPDX-License-Identifier: Apache-2.0
"""Loaded before any test module: TLS 1.2 is turned off before one of them loads gRPC."""

from federation.wire import require_tls13

require_tls13()
