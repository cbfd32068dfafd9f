# SPDX-License-Identifier: Apache-2.0
"""Between dataclasses and the contract of the own node's service."""

from collections import Counter
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.agreements import Status
from federation.errors import InputError, MalformedError, PeerError
from federation.indicators import Case, Kind, Lane, Observation, Subject
from federation.local import names, reports, translation
from federation.local.records import AgreementNotice, Event, FederationStatus, NodeStatus
from federation.member import (
    ImportResult,
    Match,
    MatchStatus,
    SendReport,
    SyncReport,
    TokeniseReport,
)
from federation.storage import NotTokenised, ObservationStatus
from federation.v1 import local_service_pb2 as pb

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MATCH = Match(
    id="5a" * 16,
    case="H-1",
    source="api",
    field="phone",
    kind=Kind.PHONE,
    subject=Subject.RECRUITER,
    lane=Lane.NETWORK,
    member="amparo",
    status=MatchStatus.HELD,
    reason="over-budget",
    found=AT,
    weak=True,
    agreement=bytes(32),
)
TABLES: list[tuple[names.Names, type[Enum]]] = [
    (names.KINDS, Kind),
    (names.SUBJECTS, Subject),
    (names.LANES, Lane),
    (names.OBSERVED, ObservationStatus),
    (names.MATCHES, MatchStatus),
    (names.AGREEMENTS, Status),
]

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
raws = st.text(max_size=50) | st.dictionaries(texts, texts, max_size=3)
observations = st.builds(
    Observation,
    kind=st.sampled_from(Kind),
    raw=raws,
    subject=st.sampled_from(Subject),
    region=st.sampled_from([None, "MX", "US"]),
    field=texts,
)
cases = st.builds(
    Case,
    id=texts.filter(str.strip),
    region=st.sampled_from([None, "DE"]),
    observations=st.lists(observations, max_size=3).map(tuple),
)


@pytest.mark.parametrize(("table", "domain"), TABLES)
def test_every_name_has_its_twin(table: names.Names, domain: type[Enum]) -> None:
    """Whoever adds a kind or a status adds it to the contract."""
    assert [table.member(table.number(member)) for member in domain] == list(domain)


@pytest.mark.parametrize(("table", "domain"), TABLES)
def test_an_unknown_number_is_refused(table: names.Names, domain: type[Enum]) -> None:
    """Zero is refused too."""
    for number in (0, 99, -1):
        with pytest.raises(MalformedError, match="not known"):
            table.member(number)


@given(case=cases)
def test_a_case_survives(case: Case) -> None:
    """What arrives is what was given."""
    body = translation.case_to_proto(case).SerializeToString()

    assert translation.case_from_proto(pb.Case.FromString(body), 0, None) == case


@given(body=st.binary(max_size=200))
def test_any_bytes_are_a_case_or_an_error(body: bytes) -> None:
    """Of the tree, and no other."""
    try:
        message = translation.parse(pb.PutCasesRequest, body)
        for case in message.cases:
            translation.case_from_proto(case, 0, None)
    except InputError:
        return


def test_the_default_region_is_for_cases_without_one() -> None:
    """A case that says where it happened keeps it."""
    plain, placed = pb.Case(id="a"), pb.Case(id="a", region="US")

    assert translation.case_from_proto(plain, 0, "MX").region == "MX"
    assert translation.case_from_proto(placed, 0, "MX").region == "US"


def test_too_many_observations_are_refused_on_both_sides() -> None:
    """Before they are translated."""
    seen = Observation(Kind.PHONE, "1", Subject.RECRUITER)
    with pytest.raises(InputError, match="2000"):
        translation.case_to_proto(Case("a", observations=(seen,) * 2_001))


def test_a_match_survives() -> None:
    """Every field of it."""
    message = translation.match_to_proto(MATCH)

    assert translation.match_from_proto(message) == MATCH
    assert {field.name for field, _ in message.ListFields()} == {
        field.name for field in pb.Match.DESCRIPTOR.fields
    }


@pytest.mark.parametrize("status", [None, *MatchStatus])
def test_a_filter_survives(status: MatchStatus | None) -> None:
    """No status asks for all."""
    number = translation.match_status_to_proto(status)

    assert translation.match_status_from_proto(number) is status


def test_an_import_survives() -> None:
    """Every count of it, and why observations were left out."""
    left_out = Counter(
        {
            (ObservationStatus.SCREENED, "placeholder"): 6,
            (ObservationStatus.WAITING_CONSENT, ""): 7,
        }
    )
    result = ImportResult(1, 2, 3, 4, 5, left_out)

    assert translation.import_from_proto(translation.import_to_proto(result)) == result


def test_what_takes_no_part_survives() -> None:
    """With its reason."""
    entry = NotTokenised("H-1", "phone", Kind.PHONE, ObservationStatus.REFUSED, "is empty")
    message = translation.not_tokenised_to_proto(entry)

    assert translation.not_tokenised_from_proto(message) == entry


def test_a_report_survives() -> None:
    """Failures come back as what is wrong with the partner."""
    report = SyncReport(
        TokeniseReport(tokens=7, culprits=frozenset({"licht"})),
        SendReport(buckets=2, matches=3, failures=(("amparo", PeerError("gone")),)),
    )
    back = reports.sync_from_proto(reports.sync_to_proto(report))
    ((partner, error),) = back.sent.failures

    assert (back.tokens.tokens, back.tokens.culprits) == (7, {"licht"})
    assert (back.sent.buckets, back.sent.matches) == (2, 3)
    assert (partner, str(error), type(error)) == ("amparo", "gone", PeerError)


@pytest.mark.parametrize("joined", [None, FederationStatus("Carnival", 3, AT, ("hope", "amparo"))])
def test_a_status_survives(joined: FederationStatus | None) -> None:
    """With and without a federation."""
    status = NodeStatus(
        member="hope",
        federation=joined,
        cases=4,
        observations={each: number for number, each in enumerate(ObservationStatus)},
        matches={each: number for number, each in enumerate(MatchStatus)},
        waiting_for_you=1,
        position="17",
    )

    assert reports.status_from_proto(reports.status_to_proto(status)) == status


@pytest.mark.parametrize(
    "event",
    [
        Event("1", match=MATCH),
        Event("2", agreement=AgreementNotice(bytes(32), "T", ("a", "b"), Status.REVOKED)),
        Event("3"),
    ],
)
def test_an_event_survives(event: Event) -> None:
    """Also one of a kind that this version does not know."""
    assert reports.event_from_proto(reports.event_to_proto(event)) == event


def test_a_message_that_is_too_long_is_refused() -> None:
    """Before it is parsed."""
    with pytest.raises(MalformedError, match="longer"):
        translation.parse(pb.Case, bytes(4 * 1024 * 1024 + 1))


@pytest.mark.parametrize("text", ["", "x" * 201, "a\x00", "a\ud800"])
def test_a_name_that_cannot_be(text: Any) -> None:
    """Of a source, a case or an import."""
    with pytest.raises(InputError):
        translation.check_id("source", text)
