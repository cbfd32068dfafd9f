# SPDX-License-Identifier: Apache-2.0
"""Loaded before any test module: TLS 1.2 is turned off before one of them loads gRPC."""

from hypothesis import HealthCheck, settings

from federation.wire import require_tls13

require_tls13()

# How long an example takes on a busy machine says nothing about what it shows.
settings.register_profile("casethread", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("casethread")
