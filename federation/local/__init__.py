# SPDX-License-Identifier: Apache-2.0
"""The own node, for the programs of its organisation (spec page ``local``).

::

    node = federation.connect()
    node.put_cases([Case("H-17", region="MX").add(Kind.PHONE, "55 1234 5678", Subject.RECRUITER)])
    node.sync()
    node.matches()

- `access`: where the node listens, its certificate and secret: the file ``local.token``
- `node`: `connect` and `LocalNode`, the verbs of `federation.member.Member` on the own node
- `records`: what the verbs return beside the member's dataclasses
- `translation`, `threads`, `reports`: dataclasses to and from the contract; the node's server
  uses them too
- `failures`: errors across the connection

Nothing is imported here, so that `access` loads without gRPC.
"""
