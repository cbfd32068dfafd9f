# SPDX-License-Identifier: Apache-2.0
"""One function per thing a person does with a node.

The command line and the demonstration call these functions and nothing else, so
that both do the same. Each takes an opened node, acts, and returns a small frozen
record of what happened; showing it is the caller's part.
"""
