# SPDX-License-Identifier: Apache-2.0
"""The own node's service, over a real socket and through the client that programs use."""

import dataclasses
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from federation import Case, Kind, Subject, connect
from federation.agreements import Status
from federation.errors import (
    AuthenticationError,
    ConfigurationError,
    InputError,
    MalformedError,
    NodeUnavailableError,
    StoreError,
)
from federation.local.access import Access
from federation.local.node import LocalNode
from federation.member import MatchStatus
from federation.storage import ObservationStatus
from federation.testing import Federation
from federation.v1 import local_service_pb2 as pb
from federation_node.actions import local
from federation_node.local_handlers import MOST_WATCHERS
from federation_node.local_server import LocalServer
from tests.node.local_node import CANARY, SERVICE, Served, ask, bare_channel, recruiter, serve

METHODS = [method.name for method in pb.DESCRIPTOR.services_by_name["LocalService"].methods]


@pytest.fixture(autouse=True)
def quick_glances(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that no test waits."""
    monkeypatch.setattr("federation_node.local_handlers._GLANCE", 0.01)


@pytest.fixture(scope="module")
def agreed() -> Iterator[Federation]:
    """Hope and Amparo, who have agreed: made once, because keys take a second."""
    with Federation("hope", "amparo") as made:
        made.agree("hope", "amparo")
        yield made


@pytest.fixture
def federation(agreed: Federation) -> Iterator[Federation]:
    """Hope and Amparo without cases."""
    yield agreed
    for seat in agreed.seats.values():
        with seat.store.write() as tx:
            for case in tx.cases.list():
                tx.cases.delete(case.id, case.source)


@pytest.fixture
def served(federation: Federation, tmp_path: Path) -> Iterator[Served]:
    """Hope's node, serving."""
    with serve(federation, tmp_path / "hope") as made:
        yield made


@pytest.fixture
def node(served: Served) -> Iterator[LocalNode]:
    """A program's connection to it."""
    with served.connect() as opened:
        yield opened


def test_from_case_to_match(served: Served, node: LocalNode) -> None:
    """The verbs of a member, on the own node."""
    done = node.put_cases([recruiter("H-1", "ana")])
    served.federation["amparo"].put_cases([recruiter("A-1", "ana")])
    served.federation["amparo"].tokenise()
    report = node.sync()
    served.federation.sync()
    (match,) = node.matches()

    assert (done.new, report.tokens.tokens, report.sent.failures) == (1, 1, ())
    assert (match.case, match.member, match.kind) == ("H-1", "amparo", Kind.HANDLE)
    assert node.matches() == served.context.member.matches()


def test_the_same_case_again_changes_nothing(node: LocalNode) -> None:
    """A case is keyed by source and id."""
    cases = [recruiter("H-1", "ana"), recruiter("H-2", "bea")]
    node.put_cases(cases)
    again = node.put_cases(cases)
    corrected = node.put_cases([recruiter("H-1", "eva")])
    elsewhere = node.put_cases([recruiter("H-1", "ana")], source="other")

    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert (corrected.changed, corrected.observations_removed) == (1, 1)
    assert elsewhere.new == 1


def test_many_cases_go_in_batches(node: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program hands over what it has; no message has too many cases or is too long."""
    monkeypatch.setattr("federation.local.translation.MAX_CASES", 10)
    many = node.put_cases((Case(f"H-{n}") for n in range(25)), run="all")
    monkeypatch.setattr("federation.local.node._BATCH_BYTES", 50)
    long = node.put_cases(recruiter(f"H-{n}", str(n)) for n in range(5))

    assert (many.new, long.changed, node.status().cases) == (25, 5, 25)


def test_a_case_that_is_too_long_is_refused(
    node: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sent."""
    monkeypatch.setattr("federation.local.node._LARGEST_CASE", 20)
    with pytest.raises(InputError, match="longer than 20 bytes"):
        node.put_cases([recruiter("H-1", "ana")])


def test_a_raw_value_in_parts(node: LocalNode, served: Served) -> None:
    """Text and parts arrive as they were given."""
    case = (
        Case("H-1", region="US")
        .add(Kind.PHONE, "55 1234 5678", Subject.RECRUITER, region="MX", field="phone")
        .add(Kind.VEHICLE, {"country": "MX", "plate": "ABC-12-34"}, Subject.FACILITATOR)
    )
    node.put_cases([case])
    with served.context.store.read() as tx:
        stored = tx.cases.get("H-1", "api")

    assert stored is not None
    assert [(seen.raw, seen.region, seen.field) for seen in stored.observations] == [
        (seen.raw, seen.region, seen.field) for seen in case.observations
    ]


def test_the_region_of_the_organisation(node: LocalNode, served: Served) -> None:
    """A case that does not say where it happened happened where the organisation works."""
    node.put_cases([Case("H-1").add(Kind.PHONE, "55 1234 5678", Subject.RECRUITER)])

    assert [entry.status for entry in node.not_tokenised()] == [ObservationStatus.PENDING]


def test_a_deleted_case_takes_its_matches_along(served: Served, node: LocalNode) -> None:
    """And deleting again is no error."""
    node.put_cases([recruiter("H-1", "ana")])
    served.find("ana")
    before = len(node.matches())
    other = node.delete_case("H-1", source="other")
    first, second = node.delete_case("H-1"), node.delete_case("H-1")

    assert (before, other, first, second) == (1, False, True, False)
    assert (node.matches(), node.status().cases) == ([], 0)


def test_what_takes_no_part_is_told(
    node: LocalNode, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason, over as many pages as it takes, as a member tells it."""
    monkeypatch.setattr("federation.local.node._PAGE", 2)
    cases = [Case(f"H-{n}").add(Kind.PHONE, "nothing", Subject.RECRUITER) for n in range(5)]
    cases.append(Case("H-9").add(Kind.PHONE, CANARY, Subject.SURVIVOR))
    node.put_cases(cases)
    entries = node.not_tokenised()

    assert entries == served.context.member.not_tokenised()
    assert [entry.status for entry in entries] == [
        *[ObservationStatus.REFUSED] * 5,
        ObservationStatus.WAITING_CONSENT,
    ]


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_matches_come_page_by_page(
    served: Served, node: LocalNode, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page size gives the same rows as the member, also where one match has several."""
    monkeypatch.setattr("federation.local.node._PAGE", page)
    names = ["ana", "bea", "eva"]
    node.put_cases([recruiter(f"H-{name}-{n}", name) for name in names for n in range(3)])
    served.find(*names)
    own = served.context.member.matches()

    assert node.matches() == own
    assert len(own) == 9


def test_a_weak_match_beside_a_certain_one_is_left_out(served: Served, node: LocalNode) -> None:
    """As a member leaves it out; the pages have both."""
    office = {"country": "DE", "register": "HRB 123456 Berlin", "name": "Sonnenschein Kirmes GmbH"}
    node.put_cases([Case("H-1").add(Kind.COMPANY, office, Subject.BUSINESS)])
    partner = Case("A-1").add(Kind.COMPANY, office, Subject.BUSINESS)
    served.federation["amparo"].put_cases([partner])
    served.federation.sync()
    page = local.match_page(served.context, None, "", 10)
    (match,) = node.matches()

    assert [match] == served.context.member.matches()
    assert sorted(row.weak for row in page.rows) == [False, True]


def test_a_match_that_changes_between_pages_is_told_once(served: Served, node: LocalNode) -> None:
    """The later state counts."""
    node.put_cases([recruiter("H-1", "ana"), recruiter("H-2", "bea")])
    served.find("ana", "bea")
    first = local.match_page(served.context, MatchStatus.PROVEN, "", 1)
    node.put_cases(
        [recruiter("H-3", first.rows[0].case.replace("H-1", "ana").replace("H-2", "bea"))]
    )
    node.sync()
    rest = local.match_page(served.context, MatchStatus.PROVEN, first.next, 10)

    assert {row.case for row in rest.rows} == {"H-1", "H-2", "H-3"}
    assert rest.next == ""


@pytest.mark.parametrize("token", ["x", "proven.0.0", "held.1.0", "proven.1.0 ", "proven.01.0"])
def test_a_page_token_belongs_to_its_listing(served: Served, token: str) -> None:
    """Another listing's token is refused, as is any other text."""
    with pytest.raises(InputError, match="page_token"):
        local.match_page(served.context, MatchStatus.PROVEN, token, 1)
    with pytest.raises(InputError, match="page_token"):
        local.not_tokenised_page(served.context, token, 1)
    with pytest.raises(InputError, match="page_size"):
        local.match_page(served.context, None, "", -1)


def test_watching_brings_what_is_new(served: Served, node: LocalNode) -> None:
    """From the beginning, from a position, and then live."""
    node.put_cases([recruiter("H-1", "ana")])
    served.find("ana")
    agreed, found = node.watch(follow=False)
    live = node.watch(found.position)
    node.put_cases([recruiter("H-2", "bea")])
    served.find("bea")
    tied, news = next(live), next(live)
    live.close()

    assert agreed.agreement is not None
    assert (agreed.agreement.status, agreed.agreement.title) == (Status.IN_FORCE, "Test agreement")
    assert found.match is not None
    assert tied.thread is not None
    assert news.match is not None
    assert (found.match.case, news.match.case) == ("H-1", "H-2")
    assert list(node.watch(news.position, follow=False)) == []
    assert node.status().position == news.position


def test_a_new_case_with_a_known_match_is_an_event(served: Served, node: LocalNode) -> None:
    """The second case learns of the match as the first did, and every row of it comes."""
    node.put_cases([recruiter("H-1", "ana")])
    served.find("ana")
    position = node.status().position
    node.put_cases([recruiter("H-2", "ana")])
    node.sync()
    events = list(node.watch(position, follow=False))

    *matches, tied = events
    assert [event.match and event.match.case for event in matches] == ["H-1", "H-2"]
    assert tied.thread is not None
    # Who dealt with the first of them only gets all again.
    assert [event.position == position for event in events] == [True, False, False]
    assert len(list(node.watch(events[0].position, follow=False))) == 3


def test_a_held_match_is_an_event(served: Served, node: LocalNode) -> None:
    """So is its release; a match that is not proven yet is none."""
    node.put_cases([recruiter("H-1", "ana")])
    served.find("ana")
    (match,) = node.matches()
    position = node.status().position
    with served.context.store.write() as tx:
        tx.matches.set_status(bytes.fromhex(match.id), MatchStatus.PENDING, match.found)
    pending = list(node.watch(position, follow=False))
    with served.context.store.write() as tx:
        tx.matches.set_status(bytes.fromhex(match.id), MatchStatus.HELD, match.found, reason="x")
    (held,) = node.watch(position, follow=False)

    assert pending == []
    assert held.match is not None
    assert (held.match.status, held.match.reason) == (MatchStatus.HELD, "x")
    assert [row.status for row in node.matches(status=None)] == [MatchStatus.HELD]
    assert node.matches() == []


def test_a_revoked_agreement_is_an_event(tmp_path: Path) -> None:
    """It says which and what became of it."""
    with (
        Federation("hope", "amparo") as fed,
        serve(fed, tmp_path / "hope") as served,
        served.connect() as node,
    ):
        agreement = fed.agree("hope", "amparo")
        (signed,) = node.watch(follow=False)
        fed["hope"].revoke_agreement(agreement, "over")
        (event,) = node.watch(signed.position, follow=False)

    assert signed.agreement is not None
    assert signed.agreement.status is Status.IN_FORCE

    assert event.agreement is not None
    assert (event.agreement.agreement, event.agreement.status) == (agreement, Status.REVOKED)
    assert event.agreement.parties == ("amparo", "hope")


@pytest.mark.parametrize("position", ["x", "-1", "01", "1e3", "999999999"])
def test_a_position_of_another_database_is_refused(node: LocalNode, position: str) -> None:
    """Beginning in the middle of nowhere would leave things out in silence."""
    with pytest.raises(InputError, match="position") as caught:
        next(node.watch(position))

    assert "empty position" in str(caught.value.next_step)


def test_watchers_are_few_and_leave_room_for_others(served: Served, node: LocalNode) -> None:
    """The fifth is refused, other calls go on, and who leaves makes room."""
    watching = [node.watch() for _ in range(MOST_WATCHERS)]
    for one in watching:
        next(one)
    with pytest.raises(NodeUnavailableError, match="watch already"):
        next(node.watch())
    cases = node.status().cases
    for one in watching:
        one.close()

    def try_again() -> bool:
        try:
            return next(node.watch()) is not None
        except NodeUnavailableError:
            return False

    assert cases == 0
    assert any(try_again() for _ in range(1_000))


def test_a_watcher_is_told_that_the_node_stops(served: Served, node: LocalNode) -> None:
    """It waits for nothing, and the node does not wait for it."""
    live = node.watch()
    next(live)
    stopper = threading.Thread(target=served.server.stop, args=(5,))
    stopper.start()
    with pytest.raises(NodeUnavailableError):
        next(live)
    stopper.join(10)

    assert not stopper.is_alive()
    with pytest.raises(NodeUnavailableError) as caught:
        node.status()
    assert "casethread serve" in str(caught.value.next_step)


def test_status_of_the_node(served: Served, node: LocalNode) -> None:
    """Counts and names."""
    node.put_cases([recruiter("H-1", "ana")])
    served.find("ana")
    status = node.status()

    assert (status.member, status.cases, status.waiting_for_you) == ("hope", 1, 0)
    assert status.federation is not None
    assert set(status.federation.members) == {"hope", "amparo"}
    assert status.observations[ObservationStatus.TOKENISED] == 1
    assert status.matches[MatchStatus.PROVEN] == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_without_the_secret_nothing_is_answered(
    served: Served, method: str, token: str | None
) -> None:
    """No method, whatever is sent; it is not even parsed."""
    with served.channel() as channel:
        code, _ = ask(channel, method, b"\xff", token)

    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert [event for event, _ in served.journal.entries][1:] == ["local_call_refused"]


def test_the_right_secret_twice_is_refused(served: Served) -> None:
    """One caller, one secret."""
    token = ("authorization", f"Bearer {served.server.access.token}")
    with served.channel() as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(f"{SERVICE}/GetStatus")(b"", timeout=20, metadata=[token, token])
    error: Any = caught.value

    assert error.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_program_with_an_old_secret_is_told(served: Served) -> None:
    """It learns where the new one is."""
    access = dataclasses.replace(served.server.access, token="0" * 64)
    with connect(token=access.to_text()) as node, pytest.raises(AuthenticationError) as caught:
        node.status()

    assert "local.token" in str(caught.value.next_step)


@pytest.mark.parametrize(
    "method", ["SyncCharter", "Evaluate", "ServerReflectionInfo", "Check", "Unheard"]
)
def test_nothing_else_is_offered(served: Served, method: str) -> None:
    """No method of the contract between members, no reflection, no health."""
    with served.channel() as channel:
        code, _ = ask(channel, method, b"", served.server.access.token)

    assert code is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("method", [name for name in METHODS if name != "WatchEvents"])
def test_a_malformed_request_is_refused(served: Served, method: str) -> None:
    """And the node goes on serving."""
    with served.channel() as channel:
        code, _ = ask(channel, method, b"\xff\xff", served.server.access.token)
        after, _ = ask(channel, "GetStatus", b"", served.server.access.token)

    assert (code, after) == (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OK)


def test_an_oversized_request_is_refused(served: Served) -> None:
    """Beyond 4 MiB nothing is taken in."""
    body = bytes(4 * 1024 * 1024 + 1)
    with served.channel() as channel:
        code, _ = ask(channel, "PutCases", body, served.server.access.token)

    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


def observation(**changes: Any) -> pb.Observation:
    """A valid observation, or not."""
    fields = {"kind": 1, "subject": 1, "text": CANARY, **changes}
    return pb.Observation(**fields)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (pb.PutCasesRequest(cases=[pb.Case(id="H-1")]), "source"),
        (pb.PutCasesRequest(source="x" * 201), "source"),
        (pb.PutCasesRequest(source="x", run="\x00"), "run"),
        (pb.PutCasesRequest(source="x", cases=[pb.Case()]), "cases[0]"),
        (pb.PutCasesRequest(source="x", cases=[pb.Case(id="y" * 201)]), "cases[0]"),
        (pb.PutCasesRequest(source="x", cases=[pb.Case(id="y", region="Mexico")]), "cases[0]"),
        (pb.PutCasesRequest(source="x", cases=[pb.Case(id="y")] * 1_001), "1000 cases"),
        (
            pb.PutCasesRequest(
                source="x", cases=[pb.Case(id="y", observations=[observation()] * 2_001)]
            ),
            "2000 observations",
        ),
    ],
)
def test_limits_are_kept(served: Served, request_: pb.PutCasesRequest, said: str) -> None:
    """What the contract states, the node enforces, and says where it is broken."""
    with served.channel() as channel:
        code, details = ask(
            channel, "PutCases", request_.SerializeToString(), served.server.access.token
        )

    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert said in details


@pytest.mark.parametrize(
    "seen",
    [
        observation(kind=0),
        observation(kind=99),
        observation(subject=0),
        observation(subject=77),
        observation(region="MEX"),
        observation(field="a\nb"),
        observation(text=CANARY * 100),
        pb.Observation(kind=1, subject=1),
    ],
)
def test_a_bad_observation_is_named_without_its_value(served: Served, seen: Any) -> None:
    """Nothing of the request is stored, and neither answer nor log quotes it."""
    good = pb.Case(id="H-0", observations=[observation()])
    bad = pb.Case(id="H-1", observations=[observation(), seen])
    request = pb.PutCasesRequest(source="api", cases=[good, bad])
    with served.channel() as channel:
        code, details = ask(
            channel, "PutCases", request.SerializeToString(), served.server.access.token
        )

    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details.startswith("cases[1]")
    assert CANARY not in details + repr(served.journal.entries)
    assert served.context.member.not_tokenised() == []


def test_an_unexpected_fault_stays_in_the_node(
    served: Served, node: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program learns that there was one; what it said may hold a value."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("federation_node.actions.local.put_cases", fail)
    with pytest.raises(Exception, match="internal error") as caught:
        node.put_cases([recruiter("H-1", "ana")])

    assert CANARY not in str(caught.value)


def test_an_error_keeps_its_type_and_next_step(
    served: Served, node: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ends belong to one organisation."""

    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", next_step="make room")

    monkeypatch.setattr("federation_node.actions.local.status", fail)
    with pytest.raises(StoreError, match="the disk is full") as caught:
        node.status()

    assert caught.value.next_step == "make room"


def test_half_a_character_is_refused_by_the_client(node: LocalNode) -> None:
    """It cannot be sent, and the error does not quote it."""
    case = Case("H-1").add(Kind.PHONE, f"{CANARY}\ud800", Subject.RECRUITER)
    with pytest.raises(InputError) as caught:
        node.put_cases([case])

    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(InputError):
        node.put_cases([], source="\ud800")
    with pytest.raises(InputError):
        node.delete_case("")


def test_two_programs_and_a_synchronisation_at_once(served: Served) -> None:
    """Nobody waits for anybody for ever, and nothing is lost or doubled."""
    with served.connect() as first, served.connect() as second, ThreadPoolExecutor(4) as pool:
        puts = [
            pool.submit(node.put_cases, [recruiter(f"H-{n}", str(n)) for n in part], source=name)
            for name, node, part in (
                ("one", first, range(40)),
                ("two", second, range(20, 60)),
                ("one", second, range(40)),
            )
        ]
        syncs = [pool.submit(first.sync) for _ in range(2)]
        results = [put.result(60) for put in puts]
        for sync in syncs:
            sync.result(60)
        first.sync()
        status = second.status()

    assert sum(result.new for result in results) == status.cases == 80
    assert status.observations[ObservationStatus.TOKENISED] == 80


def test_the_file_is_private_new_at_each_start_and_gone_at_the_end(
    federation: Federation, tmp_path: Path
) -> None:
    """What lay around before is worth nothing; a program that reads the file follows."""
    tokens = []
    with serve(federation, tmp_path / "hope") as first:
        path = first.home.local_file
        mode = path.stat().st_mode & 0o777
        tokens.append(Access.read(path))
        node = first.connect()
        node.status()
    gone = not path.exists()
    with serve(federation, tmp_path / "hope") as second:
        tokens.append(Access.read(path))
        followed = node.status().member
        node.close()
        # Another process of this home has started since: its file stays.
        path.write_text(tokens[0].to_text())
        second.server.stop(0)

    assert (mode, gone, followed) == (0o600, True, "hope")
    assert tokens[0].token != tokens[1].token
    assert path.read_text() == tokens[0].to_text()


def test_somebody_else_at_the_address_gets_nothing(served: Served, tmp_path: Path) -> None:
    """A program does not hand cases to whoever listens: the certificate is pinned."""
    with serve(served.federation, tmp_path / "impostor") as impostor:
        aimed = dataclasses.replace(served.server.access, address=impostor.server.access.address)
        with connect(token=aimed.to_text()) as node, pytest.raises(NodeUnavailableError):
            node.put_cases([recruiter("H-1", "ana")])

    assert [event for event, _ in impostor.journal.entries] == [
        "local_server_started",
        "local_server_stopped",
    ]


def test_without_tls_nothing_is_answered(served: Served) -> None:
    """Not even with the right secret."""
    with grpc.insecure_channel(served.server.access.target) as channel:
        code, _ = ask(channel, "GetStatus", b"", served.server.access.token)

    assert code is grpc.StatusCode.UNAVAILABLE


def test_over_a_unix_socket(federation: Federation, tmp_path: Path) -> None:
    """The other address that no other machine reaches."""
    with (
        serve(federation, tmp_path / "hope", f"unix:{tmp_path}/api.sock") as served,
        served.connect() as node,
    ):
        assert node.status().member == "hope"


def test_another_address_for_the_same_node(served: Served) -> None:
    """For a program that reaches the port by another way on this machine."""
    port = served.server.access.address.rpartition(":")[2]
    with connect(served.home.path, address=f"127.0.0.1:{port}") as node:
        assert node.status().member == "hope"


@pytest.mark.parametrize(
    "address", ["0.0.0.0:0", "192.0.2.1:1", "localhost:1", "[::]:0", "example.org:1", "unix:x"]
)
def test_an_address_that_others_reach_is_refused(
    served: Served, tmp_path: Path, address: str
) -> None:
    """On both sides, whatever the configuration says."""
    with pytest.raises(ConfigurationError, match="this machine alone"):
        LocalServer(served.context, address=address, at=served.federation.clock())
    with pytest.raises(ConfigurationError, match="this machine alone"):
        connect(served.home.path, address=address)


def test_an_address_in_use_is_said_so(served: Served) -> None:
    """Two nodes do not share a port."""
    with pytest.raises(ConfigurationError, match="cannot listen"):
        LocalServer(
            served.context, address=served.server.access.address, at=served.federation.clock()
        )


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_others_can_open_is_refused(served: Served, mode: int) -> None:
    """Whoever could write it could aim a program at himself."""
    served.home.local_file.chmod(mode)
    with pytest.raises(ConfigurationError, match="open to other accounts"):
        served.connect()


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """The node does not serve."""
    with pytest.raises(NodeUnavailableError) as caught:
        connect(tmp_path)

    assert "casethread serve" in str(caught.value.next_step)


def test_a_link_in_its_place_is_refused(served: Served) -> None:
    """A link may be made by somebody else."""
    path = served.home.local_file
    moved = path.rename(path.with_suffix(".moved"))
    path.symlink_to(moved)
    with pytest.raises(ConfigurationError):
        served.connect()


@pytest.mark.skipif(os.name != "posix", reason="the kinds of file are POSIX's")
def test_a_directory_in_its_place_is_refused(tmp_path: Path) -> None:
    """Nor is anything else a file."""
    (tmp_path / "local.token").mkdir()
    with pytest.raises(ConfigurationError):
        connect(tmp_path)


def test_home_or_token_but_not_both(served: Served) -> None:
    """Which of the two would count?"""
    with pytest.raises(ConfigurationError):
        connect(served.home.path, token=served.server.access.to_text())


def test_the_home_is_found_as_the_command_line_finds_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the same variable."""
    monkeypatch.setenv("CASETHREAD_HOME", str(served.home.path))
    with connect() as node:
        assert node.status().member == "hope"


@pytest.mark.parametrize("text", ["", "{}", "x", "[]", " ", '{"address":"127.0.0.1:1"}'])
def test_a_token_that_is_none_is_refused(text: str) -> None:
    """With what to pass instead."""
    with pytest.raises(MalformedError) as caught:
        connect(token=text)

    assert "local.token" in str(caught.value.next_step)


def test_an_unreadable_certificate_is_refused() -> None:
    """It comes from a file that somebody may have damaged."""
    access = Access("127.0.0.1:1", "0" * 64, b"nonsense")
    with (
        connect(token=access.to_text()) as node,
        pytest.raises((MalformedError, NodeUnavailableError)),
    ):
        node.status()


def test_bare_channel_works(served: Served) -> None:
    """The tests above are refused for the reason that they name."""
    access = served.server.access
    with bare_channel(access.target, access.certificate) as channel:
        assert ask(channel, "GetStatus", b"", access.token)[0] is grpc.StatusCode.OK
