# SPDX-License-Identifier: Apache-2.0
"""Worker processes for the arithmetic of large batches, and for normalising them.

- `pool`: `WorkerPool`, what the node hands to its member
- `child`: what runs in a worker; it imports nothing but `federation.crypto`, until it is asked
  to normalise
- `frames`: how the two talk, over the worker's standard input and output
- `values`: how values go there and come back

Nothing is imported here, so that a worker starts with as little as it needs.
"""
