# SPDX-License-Identifier: Apache-2.0
"""What released versions put on the wire and signed is read, and written alike, by this one.

The files are written by ``make freeze`` and never changed. A test that fails here says that
nodes of two versions would not understand each other, or not believe each other's signatures.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from federation import errors
from federation.crypto import dsse
from federation.local import failures
from federation.v1.header_pb2 import Header, SignedHeader
from federation.wire import catalogue
from proto.released import VERSIONS, image_of
from tests.golden.codecs import CODECS
from tests.golden.documents import DOCUMENTS, HEADERS, at, payload_of
from tests.golden.spelling import spell
from tests.local.test_failures import make as make_error

HERE = Path(__file__).parent
FILES = ("messages", "errors", "documents")
ALONE = {"Header", "SignedHeader", "CharterStale"}
"""Messages that are no method's, and travel beside them."""


def read(version: str, name: str) -> list[dict[str, Any]]:
    """Return the entries of one golden file; none if it is missing, which a test of its own says."""
    path = HERE / f"v{version}" / f"{name}.json"
    entries: list[dict[str, Any]] = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    )
    return entries


def entries(name: str, label: str) -> Any:
    """All entries of a kind, of all releases."""
    return pytest.mark.parametrize(
        "entry",
        [
            pytest.param(entry, id=f"{version}-{number}-{entry[label]}")
            for version in VERSIONS
            for number, entry in enumerate(read(version, name))
        ],
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_every_release_has_its_files(version: str) -> None:
    """A release whose bytes nobody kept could be broken without anybody's noticing."""
    assert all(read(version, name) for name in FILES)


@entries("messages", "message")
def test_a_message_means_what_it_meant(entry: dict[str, Any]) -> None:
    """The bytes of the release become the stated object, and that object an equal message."""
    codec, raw = CODECS[entry["message"]], bytes.fromhex(entry["bytes"])

    found = codec.decode(raw)
    again = codec.encode(found)

    assert spell(found) == entry["says"]
    assert codec.proto.FromString(again) == codec.proto.FromString(raw)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_message_of_the_contract_is_there(version: str) -> None:
    """Request and reply of every method, with every field and every name of an enum set once."""
    files = [
        file
        for file in FileDescriptorSet.FromString(image_of(version).read_bytes()).file
        if file.package == "federation.v1"
    ]
    spoken = {
        kind.rpartition(".")[2]
        for file in files
        for service in file.service
        for method in service.method
        for kind in (method.input_type, method.output_type)
    }
    fields = {
        (message.name, field.name)
        for file in files
        for outer in file.message_type
        for message in (outer, *outer.nested_type)
        for field in message.field
    }
    names = {
        (enum.name, value.number)
        for file in files
        for enum in file.enum_type
        for value in enum.value
        if value.number
    }
    golden = read(version, "messages")
    seen = {
        found
        for entry in golden
        for found in _used(CODECS[entry["message"]].proto.FromString(bytes.fromhex(entry["bytes"])))
    }

    assert {entry["message"] for entry in golden} == spoken | ALONE
    assert set() == (fields | names) - seen
    assert not [file for file in files for message in file.message_type if _deeper(message)]


def _used(message: Message) -> Iterator[tuple[str, Any]]:
    """Yield each (message, field) and (enum, number) that a message uses."""
    for field, value in message.ListFields():
        yield message.DESCRIPTOR.name, field.name
        for one in value if field.is_repeated and not _is_map(field) else [value]:
            if _is_map(field):
                yield from ((field.message_type.name, name) for name in ("key", "value"))
            elif isinstance(one, Message):
                yield from _used(one)
            elif field.enum_type is not None:
                yield field.enum_type.name, one


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _deeper(message: DescriptorProto) -> bool:
    """Tell whether there are messages that the test above does not reach."""
    return any(nested.nested_type or nested.enum_type for nested in message.nested_type) or bool(
        message.enum_type
    )


@entries("errors", "error")
def test_an_error_means_what_it_meant(entry: dict[str, Any]) -> None:
    """What a node of the release refuses with arrives as then; so does, there, what this one says."""
    error = make_error(getattr(errors, entry["error"]))
    member, own = bytes.fromhex(entry["to_members"]), bytes.fromhex(entry["to_own_programs"])

    assert type(catalogue.from_status(member, "hope")).__name__ == entry["arrives"]
    assert type(failures.from_status(own)).__name__ == entry["arrives_there"]
    assert _decides(catalogue.to_status(error)) == _decides(Status.FromString(member))
    assert _decides(failures.to_status(error)) == _decides(Status.FromString(own))


def _decides(status: Status) -> tuple[Any, ...]:
    """Return what of a status a program goes by; the words may change."""
    info, retry = ErrorInfo(), RetryInfo()
    kinds = [detail.type_url for detail in status.details]
    for detail in status.details:
        _ = detail.Unpack(info) or detail.Unpack(retry)
    return status.code, info.reason, info.domain, retry.retry_delay.seconds, kinds


@entries("documents", "type")
def test_a_document_keeps_its_bytes(entry: dict[str, Any]) -> None:
    """What was signed reads back, and is written with the same bytes: hashes and signatures hold."""
    text = at(entry["file"], entry["at"])
    assert hashlib.sha256(text.encode()).hexdigest() == entry["sha256"]
    if entry["type"] in HEADERS:
        _check_header(bytes.fromhex(text))
        return
    payload = payload_of(text)

    assert DOCUMENTS[entry["type"]].from_bytes(payload).to_bytes() == payload
    if text.encode() != payload:
        assert dsse.encode(dsse.decode(text.encode(), 1 << 23)) == text.encode()


def _check_header(raw: bytes) -> None:
    signed = SignedHeader.FromString(raw)
    header = Header.FromString(signed.header)

    assert header.SerializeToString() == signed.header
    assert SignedHeader(header=signed.header, signature=signed.signature).SerializeToString() == raw
