# SPDX-License-Identifier: Apache-2.0
"""How well persons are matched: data, rivals, the choice of parameters, and one table.

`python -m benchmarks.quality` prints the table; `make quality` does the same.
"""
