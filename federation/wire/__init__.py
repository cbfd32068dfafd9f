# SPDX-License-Identifier: Apache-2.0
"""The only translation between `federation.messages` and the contract in ``proto/``.

- `methods`: the table of methods; encode and decode requests and replies
- `header`: the signed header that goes with each of them
- `catalogue`: the error tree as gRPC status and reason
- `environment`: TLS 1.3 only, which must be set before gRPC is loaded; importing this
  package does it

Nothing here imports gRPC: the same bytes travel in memory and by mailbox.
"""

from federation.wire.environment import require_tls13

__all__ = ["require_tls13"]
