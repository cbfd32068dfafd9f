# SPDX-License-Identifier: Apache-2.0
"""``python -m federation_node.cli``."""

from federation_node.cli import main

main()
