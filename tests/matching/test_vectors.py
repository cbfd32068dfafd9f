# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from federation.matching.exchange import Answering, Hit, Sending, Session, look_up
from federation.matching.tags import match_id

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "exchange.json").read_text())
PAIR_KEY = bytes.fromhex(VECTOR["pair_key"])


def session() -> Session:
    """The published session."""
    fields = dict(VECTOR["session"])
    return Session(
        agreement=bytes.fromhex(fields["agreement"]),
        key_version=fields["key_version"],
        sender=fields["opener"],
        receiver=fields["answerer"],
        lane=fields["lane"],
        cls=fields["class"],
        key_id=bytes.fromhex(fields["key_id"]),
        epoch=fields["epoch"],
        normalisation_version=fields["normalisation_version"],
        nonce_opener=bytes.fromhex(fields["nonce_opener"]),
        nonce_answerer=bytes.fromhex(fields["nonce_answerer"]),
    )


def numbered(name: str) -> list[tuple[int, bytes]]:
    """A published list of tokens, with row numbers."""
    return [(row, bytes.fromhex(token)) for row, token in enumerate(VECTOR[name])]


def test_session_and_keys_are_the_vectors() -> None:
    """Session id and keys are those of the published session."""
    keys = session().keys(PAIR_KEY)

    assert VECTOR["session_id"] == session().id.hex()
    assert (VECTOR["tag_key"], VECTOR["proof_key"]) == (keys.tag.hex(), keys.proof.hex())


def test_bucket_answer_and_confirmation_are_the_vectors() -> None:
    """Tags, both proofs and the match id are bit for bit the published ones."""
    keys = session().keys(PAIR_KEY)
    seed = bytes.fromhex(VECTOR["dummy_seed"])
    sending = Sending(keys, numbered("opener_tokens"), size=64, seed=seed)
    own = numbered("answerer_tokens")
    found = look_up(keys, sending.tags, b"".join(token[:16] for _, token in own))
    hits = [Hit(position, *own[index]) for position, index in found]
    answer = Answering(keys, hits).answer()
    confirmation = sending.confirm(sending.accept(answer))

    assert VECTOR["tags"] == [
        sending.tags[start : start + 16].hex() for start in range(0, len(sending.tags), 16)
    ]
    assert VECTOR["answer"] == [{"position": at, "proof": proof.hex()} for at, proof in answer]
    assert VECTOR["confirmation"] == [
        {"position": at, "proof": proof.hex()} for at, proof in confirmation
    ]
    assert VECTOR["match_id"] == match_id(PAIR_KEY, hits[0].token).hex()


def test_a_tag_follows_from_the_written_formula() -> None:
    """A second implementation, from the spec page alone, finds the same tag and proof."""
    token = bytes.fromhex(VECTOR["answerer_tokens"][0])
    encryptor = Cipher(AES256(bytes.fromhex(VECTOR["tag_key"])), ECB()).encryptor()
    tag = bytes(a ^ b for a, b in zip(encryptor.update(token[:16]), token[:16], strict=True))
    position = VECTOR["tags"].index(tag.hex())
    proof = hashlib.blake2b(
        b"\x01" + position.to_bytes(4, "big") + token[16:],
        digest_size=16,
        key=bytes.fromhex(VECTOR["proof_key"]),
        person=b"ct/v1/proof",
    ).hexdigest()

    assert [{"position": position, "proof": proof}] == VECTOR["answer"]
