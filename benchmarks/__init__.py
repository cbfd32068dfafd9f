# SPDX-License-Identifier: Apache-2.0
"""Measurements, each beside a baseline of the same run; ``python -m benchmarks`` prints all."""
