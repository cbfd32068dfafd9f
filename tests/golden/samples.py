# SPDX-License-Identifier: Apache-2.0
"""What the next golden files will hold: messages that use every field and every name."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

from federation.agreements import Status
from federation.errors import PeerError
from federation.indicators import Case, IndicatorClass, Kind, Lane, Subject
from federation.local.records import AgreementNotice, Event, FederationStatus, NodeStatus
from federation.member import (
    ImportResult,
    Match,
    MatchStatus,
    SendReport,
    SyncReport,
    TokeniseReport,
)
from federation.messages import (
    AgreementNews,
    CeremonyNews,
    CharterNews,
    ConfirmMatches,
    Evaluate,
    Evaluation,
    MatchesConfirmed,
    OpenSession,
    PutTags,
    SessionOpened,
    SyncAgreement,
    SyncCeremony,
    SyncCharter,
    TagsAnswered,
)
from federation.storage import NotTokenised, ObservationStatus

__all__ = ["SAMPLES"]

AT: Final = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
RAW: Final[dict[Kind, str | dict[str, str]]] = {
    Kind.PHONE: "55 1234 5678",
    Kind.EMAIL: "jobs@carnival.example",
    Kind.HANDLE: {"handle": "carnival_jobs", "platform": "instagram"},
    Kind.VEHICLE: {"plate": "ABC-123", "country": "MX"},
    Kind.COMPANY: {"name": "Carnival Crew S.A.", "country": "MX"},
    Kind.URL: "https://carnival.example/jobs?id=7",
    Kind.BANK_ACCOUNT: "DE89 3704 0044 0532 0130 00",
    Kind.WALLET: {"address": "0x52908400098527886E0F7030069857D2E4169EE7", "chain": "ethereum"},
    Kind.DOCUMENT: {"number": "C01X00T47", "issuer": "DE", "type": "passport"},
    Kind.PLACE: {"latitude": "19.4326", "longitude": "-99.1332"},
    Kind.DEVICE: "49-015420-323751-8",
}


def _numbered(first: int, size: int) -> bytes:
    return bytes(range(first, first + size))


def _case() -> Case:
    subjects = list(Subject)
    case = Case("H-17", region="MX")
    for number, kind in enumerate(Kind):
        subject = subjects[number % len(subjects)]
        region = "US" if number % 2 else None
        case = case.add(kind, RAW[kind], subject, region=region, field=f"column {number}")
    return case


def _matches() -> list[Match]:
    statuses = list(MatchStatus)
    return [
        Match(
            id=f"{number:032x}",
            case=f"H-{number}",
            source="case-system",
            field="recruiter_phone",
            kind=kind,
            subject=list(Subject)[number % len(Subject)],
            lane=list(Lane)[number % len(Lane)],
            member="amparo",
            status=statuses[number % len(statuses)],
            reason="over-budget" if number % 2 else "",
            found=AT,
            agreement=_numbered(number, 32),
            weak=bool(number % 2),
        )
        for number, kind in enumerate(Kind)
    ]


def _left_out() -> list[NotTokenised]:
    statuses = list(ObservationStatus)
    return [
        NotTokenised(f"H-{number}", "phone", kind, statuses[number % len(statuses)], "placeholder")
        for number, kind in enumerate(Kind)
    ]


def _status() -> NodeStatus:
    return NodeStatus(
        member="hope",
        federation=FederationStatus("Carnival", 3, AT, ("amparo", "hope", "licht")),
        cases=1_000_000,
        observations={each: number for number, each in enumerate(ObservationStatus, start=1)},
        matches={each: number for number, each in enumerate(MatchStatus, start=1)},
        waiting_for_you=2,
        position="17",
    )


def _header(**more: object) -> dict[str, object]:
    return {
        "method": "/federation.v1.CharterService/SyncCharter",
        "sender": "amparo",
        "recipient": "hope",
        "request_id": "AQEBAQEBAQEBAQEBAQEBAQ==",
        "issue_time": "2026-11-25T12:00:00Z",
        "expire_time": "2026-11-25T12:05:00Z",
        "nonce": "AgICAgICAgICAgICAgICAg==",
        "charter_version": 3,
        "charter_digest": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        "body_sha256": "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=",
    } | more


_PROOFS: Final = ((0, _numbered(16, 16)), (5, _numbered(32, 16)), (63, _numbered(48, 16)))
_ENVELOPE: Final = b'{"payload":"e30=","payloadType":"ct/v1/charter","signatures":[]}'
_OTHER: Final = b'{"payload":"e30=","payloadType":"ct/v1/bulk-grant","signatures":[]}'
_TAGS: Final = b"".join((7 * number).to_bytes(16, "big") for number in range(64))

SAMPLES: Final[dict[str, list[Any]]] = {
    "SyncCharterRequest": [
        SyncCharter(0, bytes(32)),
        SyncCharter(3, _numbered(0, 32), (_ENVELOPE,), (_OTHER, _ENVELOPE)),
    ],
    "SyncCharterResponse": [
        CharterNews((), ()),
        CharterNews((_ENVELOPE, _OTHER), (_ENVELOPE,), (_OTHER,)),
    ],
    "SyncCeremonyRequest": [
        SyncCeremony(_numbered(0, 16), (), ()),
        SyncCeremony(_numbered(0, 16), (_numbered(1, 32), _numbered(2, 32)), (_ENVELOPE, _OTHER)),
    ],
    "SyncCeremonyResponse": [CeremonyNews(()), CeremonyNews((_ENVELOPE, _OTHER))],
    "SyncAgreementRequest": [
        SyncAgreement(_ENVELOPE),
        SyncAgreement(_ENVELOPE, (_OTHER, _ENVELOPE), (_OTHER,)),
    ],
    "SyncAgreementResponse": [
        AgreementNews(_ENVELOPE, (), ()),
        AgreementNews(_ENVELOPE, (_OTHER, _ENVELOPE), (_OTHER,)),
    ],
    "EvaluateRequest": [
        Evaluate(_numbered(0, 16), _numbered(16, 16), 1, (1, 2), bytes(range(256)), prove=True),
        Evaluate(
            _numbered(0, 16),
            _numbered(16, 16),
            2**32 - 1,
            (1, 3, 65_535),
            _numbered(32, 32),
            prove=False,
            check_of=_numbered(48, 16),
        ),
    ],
    "EvaluateResponse": [
        Evaluation(bytes(range(256)), _numbered(0, 64), _ENVELOPE),
        Evaluation(_numbered(0, 32), None, _ENVELOPE),
    ],
    "OpenSessionRequest": [
        OpenSession(_numbered(0, 32), 3, lane, cls, _numbered(32, 16), 2, 1, _numbered(48, 32))
        for lane in Lane
        for cls in IndicatorClass
    ],
    "OpenSessionResponse": [SessionOpened(_numbered(0, 32))],
    "PutTagsRequest": [
        PutTags(_numbered(0, 16), _numbered(16, 16), 7, _TAGS),
        PutTags(_numbered(0, 16), _numbered(16, 16), 7, _TAGS, released=True),
    ],
    "PutTagsResponse": [TagsAnswered(()), TagsAnswered(_PROOFS)],
    "ConfirmMatchesRequest": [
        ConfirmMatches(_numbered(0, 16), 7, ()),
        ConfirmMatches(_numbered(0, 16), 2**32 - 1, _PROOFS),
    ],
    "ConfirmMatchesResponse": [MatchesConfirmed()],
    "PutCasesRequest": [
        {"source": "case-system", "run": "2026-11", "cases": [_case(), Case("H-18")]},
        {"source": "api", "run": "", "cases": []},
    ],
    "PutCasesResponse": [
        ImportResult(),
        ImportResult(1, 2, 3, 4, 5, Counter({(ObservationStatus.SCREENED, "placeholder"): 6})),
    ],
    "DeleteCaseRequest": [{"source": "case-system", "case_id": "H-17"}],
    "DeleteCaseResponse": [{}, {"deleted": True}],
    "ListMatchesRequest": [
        {},
        *(
            {"page_size": 500, "page_token": "17", "status": f"MATCH_STATUS_{each.name}"}
            for each in MatchStatus
        ),
    ],
    "ListMatchesResponse": [
        {"matches": [], "next_page_token": ""},
        {"matches": _matches(), "next_page_token": "17"},
    ],
    "ListNotTokenisedRequest": [{}, {"page_size": 500, "page_token": "17"}],
    "ListNotTokenisedResponse": [
        {"observations": [], "next_page_token": ""},
        {"observations": _left_out(), "next_page_token": "17"},
    ],
    "SynchroniseRequest": [{}],
    "SynchroniseResponse": [
        SyncReport(
            TokeniseReport(tokens=7, culprits=frozenset({"licht", "amparo"})),
            SendReport(buckets=2, matches=3, failures=(("amparo", PeerError("is away")),)),
        ),
        SyncReport(TokeniseReport(), SendReport()),
    ],
    "GetStatusRequest": [{}],
    "GetStatusResponse": [
        _status(),
        NodeStatus("hope", None, 0, {}, {}, 0, "0"),
    ],
    "WatchEventsRequest": [{}, {"position": "17", "catch_up_only": True}],
    "WatchEventsResponse": [
        Event("17", match=_matches()[0]),
        *(
            Event("18", agreement=AgreementNotice(_numbered(0, 32), "T", ("a1", "b1"), status))
            for status in Status
        ),
    ],
    "Header": [_header(), _header(request_sha256="CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=")],
    "SignedHeader": [{"header": "CgEv", "signature": "AA=="}],
    "CharterStale": [{}, {"envelopes": ["e30=", "e30="]}],
}
"""By name of the message; of messages that the library has an object for, the objects."""
