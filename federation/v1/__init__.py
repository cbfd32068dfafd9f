# SPDX-License-Identifier: Apache-2.0
"""Generated from proto/federation/v1 by proto/generate.py; not to be edited.

Only `federation.wire` and `federation.local` read it: everything else works with
`federation.messages` and the dataclasses of the library.
"""
