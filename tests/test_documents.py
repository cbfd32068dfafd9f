# SPDX-License-Identifier: Apache-2.0
"""Documents have one spelling, known fields only, and are read after their signatures."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from federation.crypto import dsse
from federation.crypto.signing import SigningKey
from federation.documents import (
    Document,
    Hex16,
    HexBytes,
    Instant,
    MemberId,
    Part,
    Text,
    digest,
    open_envelope,
    sign,
    since,
)
from federation.errors import MalformedError, VerifyError

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
KEY = SigningKey.from_bytes(bytes(32))
OTHER = SigningKey.from_bytes(bytes([1]) * 32)


class Line(Part):
    id: Hex16
    note: Text


class Letter(Document):
    TYPE: ClassVar[str] = "test/letter"
    LIMIT: ClassVar[int] = 1000

    to: MemberId
    at: Instant
    copies: Annotated[int, Field(ge=0)]
    lines: tuple[Line, ...]
    extra: HexBytes | None = None


class FirstLetter(Document):
    """What the first release of `tests/vectors/documents.json` knows."""

    TYPE: ClassVar[str] = "test/letter"

    to: MemberId
    at: Instant
    lines: tuple[Line, ...]


class LaterLine(Line):
    urgent: bool = since("0.2", default=False)


class LaterLetter(FirstLetter):
    """What later releases know."""

    lines: tuple[LaterLine, ...]  # type: ignore[assignment]
    reply_by: Instant | None = since("0.2", default=None)
    seal: HexBytes = since("0.3", default=b"")


VECTORS = json.loads(
    (Path(__file__).parent / "vectors" / "documents.json").read_text(encoding="utf-8")
)


class Postcard(Letter):
    TYPE: ClassVar[str] = "test/postcard"


LETTER = Letter(to="hope", at=NOW, copies=1, lines=(Line(id=bytes(16), note="Grüße"),))
BYTES = (
    '{"at":"2026-01-31T12:00:00Z","copies":1,"extra":null,'
    '"lines":[{"id":"00000000000000000000000000000000","note":"Grüße"}],"to":"hope"}'
).encode()
KEYS = {"a": KEY.verify_key, "b": OTHER.verify_key}


def test_one_spelling() -> None:
    """A document is written with sorted keys, no spaces, UTF-8, and reads back the same."""
    assert LETTER.to_bytes() == BYTES
    assert Letter.from_bytes(BYTES) == LETTER


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"copies":1', b'"copies": 1'),
        (b'"copies":1', b'"copies":1.0'),
        (b'"copies":1', b'"copies":"1"'),
        (b'"copies":1', b'"copies":true'),
        (b'"copies":1', b'"copies":-1'),
        (b'"copies":1', b'"copies":1,"copies":1'),
        (b'"copies":1', b'"copies":1,"unknown":0'),
        (b'"note":', b'"nota":'),
        (b'"extra":null,', b""),
        (b'"extra":null', b'"extra":"0G"'),
        (b'"extra":null', b'"extra":"AB"'),
        (b'"extra":null', b'"extra":"abc"'),
        (b"0000" * 8, b"0000" * 7),
        ("Grüße".encode(), b"Gr\\u00fc\\u00dfe"),
        ("Grüße".encode(), b"Gr\\ud800"),
        ("Grüße".encode(), b"two\\nlines"),
        ("Grüße".encode(), b"\xff"),
        ("Grüße".encode(), b""),
        (b"hope", b"Hope"),
        (b"hope", b"hope\\n"),
        (b"12:00:00Z", b"12:00:00+00:00"),
        (b"12:00:00Z", b"12:00:00.5Z"),
        (b"2026-01-31", b"2026-02-31"),
        (b"2026-01-31", b"026-01-31"),
        (b'"to":"hope"}', b'"to":"hope"}\n'),
        (b'{"at"', b'\xef\xbb\xbf{"at"'),
    ],
)
def test_other_spellings_are_refused(old: bytes, new: bytes) -> None:
    """Whatever would read as the same, or nearly, in another spelling is refused."""
    assert old in BYTES
    with pytest.raises(MalformedError):
        Letter.from_bytes(BYTES.replace(old, new, 1))


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"[" * 900, b"{", b" " * 1001])
def test_garbage_is_refused(raw: bytes) -> None:
    """Bytes that are no document raise MalformedError and nothing else."""
    with pytest.raises(MalformedError):
        Letter.from_bytes(raw)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_raise_only_malformed(raw: bytes) -> None:
    """No input makes the parser fail in another way."""
    with pytest.raises(MalformedError):
        Letter.from_bytes(raw)
    with pytest.raises(MalformedError):
        Letter.from_envelope(raw)


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "x"},
        {"at": NOW.replace(tzinfo=None)},
        {"at": NOW.replace(microsecond=1)},
        {"at": NOW.astimezone(timezone(timedelta(hours=1)))},
        {"lines": ({"id": "00" * 16, "note": "x"},)},
        {"lines": [Line(id=bytes(16), note="x")]},
        {"copies": "1"},
        {"extra": "00"},
        {"unknown": 1},
    ],
)
def test_constructors_are_as_strict(changes: dict[str, Any]) -> None:
    """What cannot be written cannot be made, and the error is one of ours."""
    with pytest.raises(MalformedError):
        LETTER.replace(**changes)


def test_errors_do_not_quote_input() -> None:
    """An error says which field is wrong, not what stood there."""
    raw = BYTES.replace(b'"to":"hope"', b'"to":"+52 55 1234 5678","+52 55 1234":1')

    with pytest.raises(MalformedError) as caught:
        Letter.from_bytes(raw)

    assert "55" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_large_documents_are_refused_before_parsing() -> None:
    """The size is capped on both ways."""
    large = LETTER.replace(extra=bytes(600))

    with pytest.raises(MalformedError, match="larger"):
        Letter.from_bytes(large.to_bytes())
    with pytest.raises(MalformedError, match="larger"):
        sign(large, "a", KEY)


def test_envelope_round_trip() -> None:
    """A signed document opens with the signer's key."""
    envelope = sign(LETTER, "a", KEY)

    assert open_envelope(Letter, envelope, KEYS, 1) == LETTER
    assert open_envelope(Letter, dsse.encode(envelope), KEYS, 1) == LETTER
    assert Letter.from_envelope(dsse.encode(envelope)) == LETTER
    assert digest(envelope.payload) == digest(LETTER.to_bytes())


def test_envelope_of_another_type_is_refused() -> None:
    """No document passes for another, though its fields are the same."""
    envelope = sign(LETTER, "a", KEY)

    with pytest.raises(VerifyError):
        open_envelope(Postcard, envelope, KEYS, 1)
    with pytest.raises(MalformedError):
        Postcard.from_envelope(dsse.encode(envelope))


def test_threshold_counts_distinct_signers() -> None:
    """Two signatures take two keys."""
    once = sign(LETTER, "a", KEY)
    again = dsse.add_signature(once, "b", KEY)

    with pytest.raises(VerifyError):
        open_envelope(Letter, once, KEYS, 2)
    with pytest.raises(VerifyError):
        open_envelope(Letter, again, KEYS, 2)
    assert open_envelope(Letter, dsse.add_signature(once, "b", OTHER), KEYS, 2) == LETTER


def test_frozen() -> None:
    """A document does not change after it was checked."""
    with pytest.raises(ValueError, match="frozen"):
        LETTER.copies = 2


@pytest.mark.parametrize("vector", VECTORS["payloads"], ids=lambda one: one["comment"])
@pytest.mark.parametrize(("release", "reader"), [("first", FirstLetter), ("later", LaterLetter)])
def test_vectors_of_two_releases(
    vector: dict[str, str], release: str, reader: type[FirstLetter]
) -> None:
    """Each release accepts what it can write itself, and nothing else."""
    raw = vector["payload"].encode()
    if vector[release] == "valid":
        assert reader.from_bytes(raw).to_bytes() == raw
        return
    with pytest.raises(MalformedError):
        reader.from_bytes(raw)


def test_what_says_nothing_new_keeps_its_bytes() -> None:
    """Until a later field is used, hash and signatures of both releases are the same."""
    fields: dict[str, Any] = {"to": "hope", "at": NOW}
    line: dict[str, Any] = {"id": bytes(16), "note": "Grüße"}
    first = FirstLetter(**fields, lines=(Line(**line),))
    later = LaterLetter(**fields, lines=(LaterLine(**line, urgent=False),), reply_by=None, seal=b"")

    assert first.to_bytes() == later.to_bytes() == VECTORS["payloads"][0]["payload"].encode()
    assert digest(later.to_bytes()).hex() == VECTORS["sha256"]


def test_a_later_field_is_checked_like_any_other() -> None:
    """What its type forbids can neither be made nor read."""
    letter = LaterLetter.from_bytes(VECTORS["payloads"][0]["payload"].encode())

    assert letter.replace(seal=b"x").to_bytes() != letter.to_bytes()
    with pytest.raises(MalformedError, match="seal"):
        letter.replace(seal="x")
    with pytest.raises(MalformedError, match="urgent"):
        LaterLine(id=bytes(16), note="x", urgent=0)


@settings(deadline=None)
@given(
    st.none() | st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
    st.binary(max_size=40),
    st.lists(st.booleans(), max_size=3),
)
def test_any_letter_has_one_spelling(
    reply_by: datetime | None, seal: bytes, urgent: list[bool]
) -> None:
    """Whatever later fields say, the bytes read back to the same letter."""
    when = None if reply_by is None else reply_by.replace(tzinfo=UTC, microsecond=0)
    lines = tuple(LaterLine(id=bytes(16), note="x", urgent=one) for one in urgent)
    letter = LaterLetter(to="hope", at=NOW, lines=lines, reply_by=when, seal=seal)

    assert letter == LaterLetter.from_bytes(letter.to_bytes())


def test_a_later_field_says_since_when() -> None:
    """The release stands with the field, for whoever asks which node reads a document."""
    releases = {
        name: field.json_schema_extra
        for name, field in LaterLetter.model_fields.items()
        if field.json_schema_extra
    }

    assert releases == {"reply_by": {"since": "0.2"}, "seal": {"since": "0.3"}}
