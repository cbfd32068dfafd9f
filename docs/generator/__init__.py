# SPDX-License-Identifier: Apache-2.0
"""What writes the reference pages; run by ``docs/generate.py``."""
