# SPDX-License-Identifier: Apache-2.0
"""Compare tokens with one partner: tags out, proofs back (spec page ``exchange``).

- `tags`: keys of a session, tags, proofs, match ids
- `buckets`: the sizes in which tags leave
- `exchange`: the two sides of a bucket, without input or output
"""
