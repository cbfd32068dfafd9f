# SPDX-License-Identifier: Apache-2.0
"""Signed documents: canonical JSON, hashed and signed as the exact bytes.

A document has one spelling: UTF-8 JSON with sorted keys and no spaces. Whatever reads
back to other bytes is refused, and so is a field that this version does not know: a term
that is not understood must not be ignored. Documents travel in DSSE envelopes, and are
parsed only after enough of the signatures hold (spec page ``documents``).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    ValidationInfo,
)

from federation.crypto import dsse
from federation.crypto.signing import SigningKey
from federation.errors import MalformedError

__all__ = [
    "Document",
    "Hex16",
    "Hex32",
    "Hex64",
    "HexBytes",
    "Instant",
    "MemberId",
    "Part",
    "Text",
    "digest",
    "findings",
    "open_envelope",
    "sign",
    "since",
]

_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,40}")


def _read_hex(value: Any, info: ValidationInfo) -> bytes:
    if info.mode == "json":
        if not isinstance(value, str) or _HEX.fullmatch(value) is None:
            raise ValueError("not lower-case hexadecimal")
        return bytes.fromhex(value)
    if not isinstance(value, bytes):
        raise ValueError("not bytes")  # noqa: TRY004 - pydantic reads ValueError only
    return value


def _read_instant(value: Any, info: ValidationInfo) -> datetime:
    if info.mode == "json":
        if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
            raise ValueError("not a UTC time such as 2026-01-31T12:00:00Z")
        return datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is not UTC or value.microsecond:
        raise ValueError("not a UTC time with whole seconds")
    return value


def _write_instant(value: datetime) -> str:
    # strftime does not pad the year on every platform.
    return value.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _bytes_field(length: int | None) -> Any:
    def check(value: Any, info: ValidationInfo) -> bytes:
        read = _read_hex(value, info)
        if length is not None and len(read) != length:
            raise ValueError(f"not {length} bytes")
        return read

    return PlainValidator(check)


_AS_HEX = PlainSerializer(bytes.hex, return_type=str, when_used="json")

HexBytes = Annotated[bytes, _bytes_field(None), _AS_HEX]
"""Bytes; lower-case hexadecimal in the document."""
Hex16 = Annotated[bytes, _bytes_field(16), _AS_HEX]
"""Exactly 16 bytes: an id."""
Hex32 = Annotated[bytes, _bytes_field(32), _AS_HEX]
"""Exactly 32 bytes: a key, a hash, a group element."""
Hex64 = Annotated[bytes, _bytes_field(64), _AS_HEX]
"""Exactly 64 bytes: a proof."""
Instant = Annotated[
    datetime,
    PlainValidator(_read_instant),
    PlainSerializer(_write_instant, return_type=str, when_used="json"),
]
"""A UTC time with whole seconds; ``2026-01-31T12:00:00Z`` in the document."""
MemberId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
"""A member's short name, chosen once."""
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""One line for people to read."""


def since(release: str, *, default: Any) -> Any:
    """Declare a field that came with a later release, and is left out while it says nothing.

    So the documents of before keep their bytes, hashes and signatures. Bytes that spell the
    default out are another spelling, and refused. Who does not know the field yet refuses a
    document in which it stands::

        pause_days: Annotated[int, Field(ge=0, le=30)] = since("0.2", default=0)

    `Document.to_bytes` leaves it out, and so does `model_dump`.

    Args:
        release: The first release that knows the field.
        default: What the absence of the field means. It can never be changed: the bytes of
            before would come to mean something else.
    """

    def is_default(value: Any) -> bool:
        return bool(value == default)

    return Field(default=default, exclude_if=is_default, json_schema_extra={"since": release})


def _explain(name: str, error: ValidationError) -> str:
    # Field names may come from outside: say only what is known to be harmless.
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = [
        str(step) if isinstance(step, int) or _FIELD.fullmatch(step) else "?"
        for step in first["loc"]
    ]
    where = ".".join(path) or "document"
    # A value error is worded here or in our validators; other messages may quote input.
    ours = first["type"] == "value_error"
    reason = first["msg"].removeprefix("Value error, ") if ours else first["type"].replace("_", " ")
    return f"{name}: {where}: {reason}"


def findings(error: ValidationError) -> str:
    """Say everything that is wrong with a file of one's own, without quoting any value.

    Args:
        error: pydantic's error.

    Returns:
        For each finding, the dotted name and what is wrong with it.
    """
    return "; ".join(
        f"{'.'.join(str(part) for part in one['loc']) or 'settings'}: {one['msg']}"
        for one in error.errors(include_input=False, include_url=False, include_context=False)
    )


if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)


class _InOurWords(ModelMetaclass):
    """Makes the constructors raise errors of our tree, which never quote their input."""

    def __call__(self, *args: Any, **fields: Any) -> Any:
        try:
            return super().__call__(*args, **fields)
        except ValidationError as error:
            raise MalformedError(_explain(self.__name__, error)) from None


class Part(BaseModel, metaclass=_InOurWords):
    """A piece of a document: frozen, strictly typed, without unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    def replace(self, **changes: Any) -> Self:
        """Return a checked copy with some fields changed.

        Raises:
            MalformedError: The result is not a valid document.
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(fields | changes))


class Document(Part):
    """Something that organisations sign."""

    TYPE: ClassVar[str]
    """The DSSE payload type; signed with the payload, so that no document passes for another."""
    LIMIT: ClassVar[int] = 64 * 1024
    """The largest accepted payload, in bytes."""
    OMIT_DEFAULTS: ClassVar[bool] = False
    """Leave out every field that holds its default: for documents with many optional fields."""

    def to_bytes(self) -> bytes:
        """Return the one spelling: JSON, sorted keys, no spaces, UTF-8."""
        value = self.model_dump(mode="json", exclude_defaults=self.OMIT_DEFAULTS)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a payload whose signatures were checked.

        Args:
            raw: The exact payload.

        Returns:
            The document; `to_bytes` gives the same payload again.

        Raises:
            MalformedError: Too large, not this document, or another spelling of it.
        """
        if len(raw) > cls.LIMIT:
            raise MalformedError(f"{cls.__name__}: larger than {cls.LIMIT} bytes")
        try:
            document = cls.model_validate_json(raw)
        except ValidationError as error:
            raise MalformedError(_explain(cls.__name__, error)) from None
        again = document.to_bytes()
        if again != raw:
            raise MalformedError(f"{cls.__name__}: not in its one spelling")
        return document

    @classmethod
    def decode_envelope(cls, envelope: bytes) -> dsse.Envelope:
        """Read the envelope of such a document without believing it.

        Raises:
            MalformedError: Too large, or not an envelope.
        """
        # Base64 takes four thirds; each signature takes less than 512 bytes.
        return dsse.decode(envelope, cls.LIMIT * 4 // 3 + 256 * 512)

    @classmethod
    def from_envelope(cls, envelope: bytes) -> Self:
        """Read a document WITHOUT checking signatures: for envelopes from the own store.

        Raises:
            MalformedError: Not an envelope of this document.
        """
        opened = cls.decode_envelope(envelope)
        if opened.payload_type != cls.TYPE:
            raise MalformedError(f"{cls.__name__}: the envelope holds another type of payload")
        return cls.from_bytes(opened.payload)


D = TypeVar("D", bound=Document)


def digest(payload: bytes) -> bytes:
    """Return the SHA-256 of an exact payload: how documents refer to each other."""
    return hashlib.sha256(payload).digest()


def sign(document: Document, keyid: str, key: SigningKey) -> dsse.Envelope:
    """Put a document into an envelope with one signature.

    Args:
        document: What is signed.
        keyid: The signer's member id.
        key: The signer's key.

    Raises:
        MalformedError: The document is larger than others accept.
    """
    payload = document.to_bytes()
    if len(payload) > document.LIMIT:
        raise MalformedError(f"{type(document).__name__}: larger than {document.LIMIT} bytes")
    return dsse.sign(document.TYPE, payload, keyid, key)


def open_envelope(
    cls: type[D], envelope: dsse.Envelope | bytes, keys: Mapping[str, bytes], threshold: int
) -> D:
    """Check signatures, then read the document.

    Args:
        cls: The document that is expected.
        envelope: The envelope, or its encoding.
        keys: Who may sign: Ed25519 public keys by member id.
        threshold: How many of them must have signed.

    Returns:
        The document.

    Raises:
        VerifyError: Too few signatures hold, or it is another type of document.
        MalformedError: The bytes are not the one spelling of such a document.
    """
    if isinstance(envelope, bytes):
        envelope = cls.decode_envelope(envelope)
    return cls.from_bytes(dsse.verify(envelope, keys, threshold, cls.TYPE).payload)
