# SPDX-License-Identifier: Apache-2.0
"""The node: what an organisation runs to take part in a federation."""
