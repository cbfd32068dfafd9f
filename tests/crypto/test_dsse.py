# SPDX-License-Identifier: Apache-2.0
"""Envelopes: one encoding, distinct keys, nothing parsed before it is verified."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.crypto import dsse
from federation.crypto.signing import SigningKey
from federation.errors import MalformedError, VerifyError

TYPE = "ct/v1/test"
KEYS = {name: SigningKey.generate() for name in ("alpha", "beta", "gamma")}
PUBLIC = {name: key.verify_key for name, key in KEYS.items()}


def envelope(*names: str, payload: bytes = b"payload") -> dsse.Envelope:
    """Make an envelope that the named keys signed."""
    made = dsse.sign(TYPE, payload, names[0], KEYS[names[0]])
    for name in names[1:]:
        made = dsse.add_signature(made, name, KEYS[name])
    return made


def test_official_vector() -> None:
    """The pre-authentication encoding and the ECDSA signature of the DSSE specification."""
    encoded = dsse.pae("http://example.com/HelloWorld", b"hello world")
    signature = base64.b64decode(
        "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    )
    public = ec.EllipticCurvePublicNumbers(
        46950820868899156662930047687818585632848591499744589407958293238635476079160,
        5640078356564379163099075877009565129882514886557779369047442380624545832820,
        ec.SECP256R1(),
    ).public_key()
    der = utils.encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))

    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    public.verify(der, encoded, ec.ECDSA(SHA256()))


def test_threshold_of_distinct_keys() -> None:
    """Two of three is reached by two keys, and not by one key under two names."""
    verified = dsse.verify(envelope("alpha", "gamma"), PUBLIC, 2, TYPE)

    assert dsse.Verified(b"payload", frozenset({"alpha", "gamma"})) == verified
    with pytest.raises(VerifyError):
        dsse.verify(envelope("alpha"), PUBLIC, 2, TYPE)
    twice = dsse.add_signature(envelope("alpha"), "copy", KEYS["alpha"])
    with pytest.raises(VerifyError):
        dsse.verify(twice, PUBLIC | {"copy": PUBLIC["alpha"]}, 2, TYPE)


def test_what_is_not_counted() -> None:
    """Strangers, wrong keys, altered payloads, other types and a threshold of zero."""
    good = envelope("alpha")
    for bad in (
        dsse.sign(TYPE, b"payload", "stranger", SigningKey.generate()),
        dsse.sign(TYPE, b"payload", "alpha", KEYS["beta"]),
        dsse.Envelope(TYPE, b"other", good.signatures),
        dsse.Envelope("ct/v1/else", b"payload", good.signatures),
        dsse.Envelope(TYPE, b"payload", ()),
    ):
        with pytest.raises(VerifyError):
            dsse.verify(bad, PUBLIC, 1, TYPE)
    with pytest.raises(VerifyError):
        dsse.verify(good, PUBLIC, 1, "ct/v1/else")
    with pytest.raises(VerifyError):
        dsse.verify(good, PUBLIC, 0, TYPE)


def test_a_signature_that_does_not_hold_does_no_harm() -> None:
    """One bad signature beside a good one leaves the good one counted."""
    good = envelope("alpha")
    mixed = dsse.Envelope(TYPE, b"payload", (*good.signatures, dsse.Signature("beta", bytes(64))))

    assert frozenset({"alpha"}) == dsse.verify(mixed, PUBLIC, 1, TYPE).signers


def test_merge_collects_what_holds() -> None:
    """Signatures of two copies come together; a bad copy cannot push out a good one."""
    bad = dsse.Envelope(TYPE, b"payload", (dsse.Signature("alpha", bytes(64)),))
    merged = dsse.merge(bad, envelope("alpha", "beta"), PUBLIC)

    assert envelope("beta", "alpha") == merged
    assert merged == dsse.merge(merged, bad, PUBLIC)
    with pytest.raises(MalformedError):
        dsse.merge(envelope("alpha"), envelope("alpha", payload=b"other"), PUBLIC)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=100), st.sets(st.sampled_from(sorted(KEYS)), min_size=1))
def test_encoding_round_trip(payload: bytes, names: set[str]) -> None:
    """What is encoded is decoded to the same envelope."""
    made = envelope(*names, payload=payload)

    assert made == dsse.decode(dsse.encode(made), 10_000)


TEXT = dsse.encode(envelope("alpha", "beta"))
VALUE = json.loads(TEXT)


def spelled(**changes: object) -> bytes:
    """Encode the envelope with changed members, compactly."""
    return json.dumps(VALUE | changes, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        TEXT + b"\n",
        b" " + TEXT,
        TEXT.replace(b":", b": "),
        TEXT.replace(b'"alpha"', b'"\\u0061lpha"'),
        TEXT.replace(b'{"payload"', b'{"payload":"","payload"'),
        spelled(extra=1),
        spelled(payload="cGF5bG9hZB=="),
        spelled(payload="cGF5bG9hZA"),
        spelled(payload="cGF5 bG9hZA=="),
        spelled(payload=7),
        spelled(payload=None),
        spelled(payloadType=5),
        spelled(payloadType=""),
        spelled(payloadType="ct v1"),
        spelled(payloadType="\ud800"),
        spelled(payloadType="x" * 201),
        spelled(signatures=[]),
        spelled(signatures={}),
        spelled(signatures=VALUE["signatures"][::-1]),
        spelled(signatures=VALUE["signatures"][:1] * 2),
        spelled(signatures=[{"keyid": "alpha"}]),
        spelled(signatures=[{"keyid": 1, "sig": VALUE["signatures"][0]["sig"]}]),
        spelled(signatures=[{"keyid": "alpha", "sig": "AAAA"}]),
        spelled(signatures=[{"keyid": "x" * 201, "sig": VALUE["signatures"][0]["sig"]}]),
        spelled(signatures=["alpha"]),
    ],
)
def test_other_spellings_are_refused(text: bytes) -> None:
    """There is one encoding; everything else is one error."""
    with pytest.raises(MalformedError):
        dsse.decode(text, 1_000_000)


def test_the_size_is_checked_first() -> None:
    """A text over the cap is not parsed."""
    with pytest.raises(MalformedError, match="too long"):
        dsse.decode(TEXT, len(TEXT) - 1)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_decoding_is_total(data: bytes) -> None:
    """Any octets give an envelope or the one error."""
    with pytest.raises(MalformedError):
        dsse.decode(data, 1000)
