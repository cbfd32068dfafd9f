# SPDX-License-Identifier: Apache-2.0
"""The pure core: bytes in, bytes out; no clock, no network, no logging.

From the ground up:

``encoding``   length prefixes and big-endian integers
``scalars``    integers modulo the group order, secret ones never as Python integers
``group``      ristretto255 (RFC 9496): elements, hash to group and to scalar (``expand``)
``oprf``       RFC 9497: blind, blind_evaluate, finalize; ``voprf`` and ``poprf`` with proofs
``dleq``       the proof that two pairs share one discrete logarithm (RFC 9497, section 2.2)
``shares``     Shamir sharing of a scalar, commitments, Lagrange coefficients
``toprf``      the threshold evaluation: one custodian's answer, its check, the combination
``weighted``   sums with small weights, for the check of large batches
``setting``    what a key ceremony is about; the key id
``dkg``        the arithmetic of key generation, refresh and resharing
``signing``    Ed25519; ``agree`` X25519; ``dsse`` signed envelopes
``seal``       a message to one X25519 key (HPKE); ``aead`` with a shared key
``kdf``        HKDF, Argon2id, BLAKE2b digests; ``commit`` salted commitments
``merkle``     the tree of an append-only log (RFC 9162)

Group elements and scalars are canonical 32-byte ``bytes``; a batch is their concatenation.
A secret scalar is never a Python integer, whose arithmetic is not constant-time.
"""
