# SPDX-License-Identifier: Apache-2.0
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from federation.errors import StoreError
from federation.indicators import Case, Kind, Subject
from federation.storage import (
    AtRest,
    CasePut,
    NotTokenised,
    ObservationStatus,
    PutOutcome,
    StatusChange,
    Store,
    Tx,
)

KEY = b"k" * 16
OTHER_KEY = b"o" * 16

PHONE = "55 1234 5678"
PLATE = {"country": "MX", "plate": "ABC-123-4"}


def a_case(case_id: str = "H-17") -> Case:
    """A case with two observations about offenders."""
    return (
        Case(case_id, region="MX")
        .add(Kind.PHONE, PHONE, Subject.RECRUITER, field="telefono")
        .add(Kind.VEHICLE, PLATE, Subject.TRAFFICKER, field="placa")
    )


def tokenise(tx: Tx, at: datetime, key_id: bytes = KEY) -> None:
    """Give every pending observation a token that depends on what was observed."""
    raw = {seen.uuid: repr(seen.raw) for case in tx.cases.list() for seen in case.observations}
    pending = tx.cases.pending(key_id, 100)
    pairs = [(seen.uuid, raw[seen.uuid].encode().ljust(32)[:32]) for seen in pending]
    tx.tokens.add(key_id, pairs, at)


def test_a_case_comes_back_as_it_was_put(store: Store, at: datetime) -> None:
    """Ids, regions, fields and values go in and come out."""
    with store.write() as tx:
        assert tx.cases.put(a_case(), "calls", at, "run 1") == CasePut(PutOutcome.NEW, 2, 0)
        found = tx.cases.get("H-17", "calls")

    assert found is not None
    assert (found.id, found.source, found.region, found.run) == ("H-17", "calls", "MX", "run 1")
    assert [(seen.kind, seen.raw, seen.subject, seen.field) for seen in found.observations] == [
        (Kind.PHONE, PHONE, Subject.RECRUITER, "telefono"),
        (Kind.VEHICLE, PLATE, Subject.TRAFFICKER, "placa"),
    ]
    assert {seen.region for seen in found.observations} == {"MX"}
    assert {seen.status for seen in found.observations} == {ObservationStatus.PENDING}


def test_the_same_case_again_changes_nothing(store: Store, at: datetime) -> None:
    """Importing a file twice keeps rows and tokens."""
    with store.write() as tx:
        tx.cases.put(a_case(), "calls", at, "run 1")
        tokenise(tx, at)
        before = tx.cases.get("H-17", "calls")
        assert tx.cases.put(a_case(), "calls", at, "run 2") == CasePut(PutOutcome.UNCHANGED, 0, 0)
        after = tx.cases.get("H-17", "calls")
        assert tx.tokens.counts() == {KEY: 2}

    assert before is not None
    assert after is not None
    assert after.observations == before.observations
    assert after.run == "run 1"


def test_a_corrected_cell_retracts_the_old_token(store: Store, at: datetime) -> None:
    """What changed is retracted and waits again; what stayed keeps its token."""
    corrected = (
        Case("H-17", region="MX")
        .add(Kind.PHONE, "55 9999 0000", Subject.RECRUITER, field="telefono")
        .add(Kind.VEHICLE, PLATE, Subject.TRAFFICKER, field="placa")
    )
    with store.write() as tx:
        tx.cases.put(a_case(), "calls", at)
        tokenise(tx, at)
        assert tx.cases.put(corrected, "calls", at) == CasePut(PutOutcome.CHANGED, 1, 1)
        assert tx.tokens.counts() == {KEY: 1}
        (waiting,) = tx.cases.pending(KEY, 10)
        changed = tx.cases.get("H-17", "calls")
        assert changed is not None
        assert [seen.raw for seen in changed.observations if seen.uuid == waiting.uuid] == [
            "55 9999 0000"
        ]


def test_another_region_is_another_observation(store: Store, at: datetime) -> None:
    """A national number means something else in another country."""
    with store.write() as tx:
        tx.cases.put(Case("1", region="MX").add(Kind.PHONE, PHONE, Subject.PLACE), "calls", at)
        moved = Case("1", region="US").add(Kind.PHONE, PHONE, Subject.PLACE)
        assert tx.cases.put(moved, "calls", at) == CasePut(PutOutcome.CHANGED, 1, 1)
        found = tx.cases.get("1", "calls")

    assert found is not None
    assert (found.region, found.observations[0].region) == ("US", "US")


def test_a_case_without_observations_may_change_its_region(store: Store, at: datetime) -> None:
    """The case's own content counts as a change."""
    with store.write() as tx:
        tx.cases.put(Case("1", region="MX"), "calls", at)
        assert tx.cases.put(Case("1", region="US"), "calls", at) == CasePut(
            PutOutcome.CHANGED, 0, 0
        )


def test_one_value_twice_in_a_case_counts_once(store: Store, at: datetime) -> None:
    """A repeated cell of the same column is one observation, of another column two."""
    case = a_case().add(Kind.PHONE, PHONE, Subject.RECRUITER, field="telefono")
    with store.write() as tx:
        assert tx.cases.put(case, "calls", at).added == 2
        case = case.add(Kind.PHONE, PHONE, Subject.RECRUITER, field="whatsapp")
        assert tx.cases.put(case, "calls", at).added == 1


def test_sources_do_not_meet(store: Store, at: datetime) -> None:
    """Two systems may use the same case id."""
    with store.write() as tx:
        tx.cases.put(a_case(), "calls", at)
        assert tx.cases.put(a_case(), "shelter", at).outcome is PutOutcome.NEW
        assert tx.cases.sources("H-17") == ["calls", "shelter"]
        assert tx.cases.sources("H-18") == []
        assert tx.cases.delete("H-17", "calls") is True
        assert tx.cases.sources("H-17") == ["shelter"]


def test_many_cases_in_one_call(store: Store, at: datetime) -> None:
    """A batch reports each case, and the later of two with one id wins."""
    again = Case("2").add(Kind.EMAIL, "a@example.org", Subject.BUSINESS)
    cases = [a_case("1"), a_case("2"), a_case("3"), again]
    with store.write() as tx:
        results = tx.cases.put_many(cases, "calls", at)
        found = tx.cases.get("2", "calls")
        assert tx.cases.count() == 3

    assert found is not None
    assert [seen.kind for seen in found.observations] == [Kind.EMAIL]
    assert [result.outcome.value for result in results] == ["new", "new", "new", "changed"]


def test_survivors_wait_for_consent(store: Store, at: datetime) -> None:
    """An observation about a survivor is kept, never pending, and cannot get a token."""
    case = Case("1").add(Kind.PHONE, "+525512345678", Subject.SURVIVOR, field="tel")
    with store.write() as tx:
        tx.cases.put(case, "calls", at)
        found = tx.cases.get("1", "calls")
        assert found is not None
        (seen,) = found.observations
        assert seen.status is ObservationStatus.WAITING_CONSENT
        assert tx.cases.pending(KEY, 10) == []
        with pytest.raises(StoreError, match="withheld"):
            tx.tokens.add(KEY, [(seen.uuid, bytes(32))], at)


def test_pending_is_per_key(store: Store, at: datetime) -> None:
    """With a new epoch everything is pending once more, under the new key only."""
    with store.write() as tx:
        tx.cases.put(a_case(), "calls", at)
        assert len(tx.cases.pending(KEY, 10)) == 2
        assert len(tx.cases.pending(KEY, 1)) == 1
        tokenise(tx, at)
        assert tx.cases.pending(KEY, 10) == []
        assert len(tx.cases.pending(OTHER_KEY, 10)) == 2


def test_pending_goes_page_by_page(store: Store, at: datetime) -> None:
    """Pages meet every observation once, whatever its status, although none is dealt with."""
    with store.write() as tx:
        tx.cases.put_many([a_case(str(number)) for number in range(5)], "calls", at)
        tokenise(tx, at, OTHER_KEY)
        tx.cases.put_many([a_case(str(number)) for number in range(5, 9)], "calls", at)
        everything = [seen.uuid for seen in tx.cases.pending(KEY, 100)]
        met, last = [], None
        while page := tx.cases.pending(KEY, 4, after=last):
            met += [seen.uuid for seen in page]
            last = page[-1]

    assert len(everything) == 18
    assert met == everything


def test_statuses_carry_normal_forms_and_reasons(store: Store, at: datetime) -> None:
    """What was normalised, screened or refused is listed with its reason."""
    with store.write() as tx:
        tx.cases.put(a_case(), "calls", at)
        phone, plate = sorted(tx.cases.pending(KEY, 10), key=lambda seen: seen.kind)
        tx.cases.set_status(phone.uuid, ObservationStatus.PENDING, "", "+525512345678", 1)
        tx.cases.set_status(plate.uuid, ObservationStatus.SCREENED, "placeholder", "MX:X", 1)
        tx.tokens.add(KEY, [(phone.uuid, bytes(32))], at)
        found = tx.cases.get("H-17", "calls")
        assert found is not None
        assert [(seen.status.value, seen.value) for seen in found.observations] == [
            ("tokenised", "+525512345678"),
            ("screened", "MX:X"),
        ]
        assert tx.cases.not_tokenised() == [
            NotTokenised("H-17", "placa", Kind.VEHICLE, ObservationStatus.SCREENED, "placeholder")
        ]
        (waiting,) = tx.cases.pending(OTHER_KEY, 10)
        assert (waiting.uuid, waiting.value) == (phone.uuid, "+525512345678")
        counts = tx.cases.counts()

    assert (counts.cases, counts.observations) == (1, 2)
    assert {status.value: count for status, count in counts.by_status.items() if count} == {
        "tokenised": 1,
        "screened": 1,
    }


def test_a_status_for_a_deleted_observation_is_refused(store: Store, at: datetime) -> None:
    """Work that raced with a deletion is noticed."""
    with store.write() as tx:
        tx.cases.put(a_case(), "calls", at)
        uuid = tx.cases.pending(KEY, 1)[0].uuid
        tx.cases.delete("H-17", "calls")
        with pytest.raises(StoreError, match="deleted"):
            tx.cases.set_statuses([StatusChange(uuid, ObservationStatus.REFUSED, "x")])


def test_deleting_a_case_keeps_tokens_that_others_use(store: Store, at: datetime) -> None:
    """A token goes with the last observation that it stands for."""
    with store.write() as tx:
        tx.cases.put(a_case("1"), "calls", at)
        tx.cases.put(a_case("2"), "calls", at)
        tokenise(tx, at)
        assert tx.tokens.counts() == {KEY: 2}
        assert tx.cases.delete("1", "calls") is True
        assert tx.tokens.counts() == {KEY: 2}
        assert tx.cases.delete("2", "calls") is True
        assert tx.tokens.counts() == {}
        assert tx.cases.delete("2", "calls") is False
        assert tx.cases.counts().observations == 0


def test_cases_are_listed_by_source_and_id(store: Store, at: datetime) -> None:
    """A listing is stable, and can be narrowed to one source."""
    with store.write() as tx:
        for source, case_id in [("z", "1"), ("a", "2"), ("a", "1")]:
            tx.cases.put(a_case(case_id), source, at)
        everything = [(case.source, case.id) for case in tx.cases.list()]
        assert everything == [("a", "1"), ("a", "2"), ("z", "1")]
        assert [case.id for case in tx.cases.list("z")] == ["1"]


def test_what_identifies_is_not_in_a_repr(store: Store, at: datetime) -> None:
    """A record that lands in a log by mistake shows no case and no value."""
    with store.write() as tx:
        tx.cases.put(a_case(), "calls", at)
        seen = tx.cases.pending(KEY, 1)[0]
        tx.cases.set_status(seen.uuid, ObservationStatus.PENDING, "", "normal-form", 1)
        texts = repr(
            [tx.cases.list(), tx.cases.pending(KEY, 10), tx.cases.not_tokenised()],
        )

    assert not [word for word in ("H-17", PHONE, "ABC", "normal-form", "calls") if word in texts]


def test_a_survivors_value_leaves_the_network_lane(store: Store, at: datetime) -> None:
    """A survivor's own number in a recruiter's column loses its token, whichever came first."""
    phone = "+525512345678"
    with store.write() as tx:
        tx.cases.put(Case("1").add(Kind.PHONE, phone, Subject.RECRUITER), "calls", at)
        tx.cases.put(Case("2").add(Kind.PHONE, "+4930123456", Subject.RECRUITER), "calls", at)
        for seen in tx.cases.unprepared():
            tx.cases.set_status(seen.uuid, seen.status, "", str(seen.raw), 1)
        tokenise(tx, at)
        tx.cases.put(Case("3").add(Kind.PHONE, phone, Subject.SURVIVOR), "calls", at)
        (fresh,) = tx.cases.unprepared()
        tx.cases.set_status(fresh.uuid, fresh.status, "", phone, 1)
        assert tx.cases.unprepared() == []
        told = {tx.screening.mark(phone): True}
        assert len(tx.screening.withhold_survivors(told, "known-as-survivor")) == 1
        assert len(tx.screening.withhold_survivors(told, "known-as-survivor")) == 0
        assert tx.tokens.counts() == {KEY: 1}
        assert {entry.case_id: entry.reason for entry in tx.cases.not_tokenised()} == {
            "1": "known-as-survivor",
            "3": "",
        }


def test_only_what_exists_and_is_not_withheld_is_matchable(store: Store, at: datetime) -> None:
    """Between asking the custodians and storing the tokens a case may change."""
    with store.write() as tx:
        tx.cases.put_many([a_case("1"), a_case("2")], "calls", at)
        uuids = [seen.uuid for seen in tx.cases.pending(KEY, 10)]
        tx.cases.set_status(uuids[0], ObservationStatus.SCREENED, "placeholder")
        assert tx.cases.still_matchable([*uuids, b"gone" * 4]) == set(uuids[1:])


def test_finding_what_is_pending_does_not_read_every_link(sqlite_url: str, at_rest: AtRest) -> None:
    """Each observation's link is looked up by observation and key, not among all of the key's."""
    with Store.open(sqlite_url, at_rest) as store, store.read() as tx:
        statements: list[tuple[str, tuple[object, ...]]] = []
        connection = tx.cases._session.connection()

        @event.listens_for(connection, "before_cursor_execute")
        def note(*args: Any) -> None:
            statements.append((args[2], args[3]))

        tx.cases.pending(KEY, 10)
        event.remove(connection, "before_cursor_execute", note)
        plans = [
            row[3]
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]

    links = [plan for plan in plans if "token_links" in plan]
    found_by = [plan for plan in links if "(observation=? AND key_id=?)" in plan]
    probes = [plan for plan in links if "(key_id<?)" in plan or "(key_id>?)" in plan]
    assert len(found_by) == 1
    assert sorted(links) == sorted(found_by + probes)
