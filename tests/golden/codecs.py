# SPDX-License-Identifier: Apache-2.0
"""How each message of the contract is read and written by this version."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from federation.local import reports, translation
from federation.local.records import NodeStatus
from federation.v1 import charter_stale_pb2, header_pb2
from federation.v1 import local_service_pb2 as pb
from federation.wire.methods import METHODS

__all__ = ["CODECS", "Codec"]


@dataclass(frozen=True)
class Codec:
    """One message, between bytes and what the library makes of it."""

    proto: type[Message]
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def _local(proto: type[Message], read: Callable[[Any], Any], write: Callable[[Any], Any]) -> Codec:
    return Codec(
        proto,
        lambda raw: read(translation.parse(proto, raw)),
        lambda value: write(value).SerializeToString(),
    )


def _plain(proto: type[Message]) -> Codec:
    """A message that no object of the library stands for: its fields."""
    return _local(
        proto,
        lambda message: MessageToDict(message, preserving_proto_field_name=True),
        lambda fields: ParseDict(fields, proto()),
    )


def _read_cases(message: pb.PutCasesRequest) -> Any:
    cases = [
        translation.case_from_proto(case, index, None) for index, case in enumerate(message.cases)
    ]
    return {"source": message.source, "run": message.run, "cases": cases}


def _write_cases(value: Any) -> pb.PutCasesRequest:
    cases = [translation.case_to_proto(case) for case in value["cases"]]
    return pb.PutCasesRequest(source=value["source"], run=value["run"], cases=cases)


def _page(proto: type[Message], field: str, read: Any, write: Any) -> Codec:
    return _local(
        proto,
        lambda message: {
            field: [read(one) for one in getattr(message, field)],
            "next_page_token": message.next_page_token,
        },
        lambda value: proto(
            **{field: [write(one) for one in value[field]]},
            next_page_token=value["next_page_token"],
        ),
    )


def _read_status(message: pb.GetStatusResponse) -> NodeStatus:
    status = reports.status_from_proto(message)
    # A status of which there is none says nothing: a later release may know more of them.
    return NodeStatus(
        **{name: getattr(status, name) for name in NodeStatus.__slots__}
        | {
            name: {each: count for each, count in getattr(status, name).items() if count}
            for name in ("observations", "matches")
        }
    )


_OWN: Final = [
    _local(pb.PutCasesRequest, _read_cases, _write_cases),
    _local(pb.PutCasesResponse, translation.import_from_proto, translation.import_to_proto),
    _plain(pb.DeleteCaseRequest),
    _plain(pb.DeleteCaseResponse),
    _plain(pb.ListMatchesRequest),
    _page(
        pb.ListMatchesResponse, "matches", translation.match_from_proto, translation.match_to_proto
    ),
    _plain(pb.ListNotTokenisedRequest),
    _page(
        pb.ListNotTokenisedResponse,
        "observations",
        translation.not_tokenised_from_proto,
        translation.not_tokenised_to_proto,
    ),
    _plain(pb.SynchroniseRequest),
    _local(pb.SynchroniseResponse, reports.sync_from_proto, reports.sync_to_proto),
    _plain(pb.GetStatusRequest),
    _local(pb.GetStatusResponse, _read_status, reports.status_to_proto),
    _plain(pb.WatchEventsRequest),
    _local(pb.WatchEventsResponse, reports.event_from_proto, reports.event_to_proto),
    # What goes beside the messages.
    _plain(header_pb2.Header),
    _plain(header_pb2.SignedHeader),
    _plain(charter_stale_pb2.CharterStale),
]

_PEERS: Final = [
    codec
    for method in METHODS.values()
    for codec in (
        Codec(method.proto_request, method.decode, method.encode),
        Codec(method.proto_reply, method.decode_reply, method.encode_reply),
    )
]

CODECS: Final = {codec.proto.DESCRIPTOR.name: codec for codec in (*_PEERS, *_OWN)}
"""By name of the message."""
