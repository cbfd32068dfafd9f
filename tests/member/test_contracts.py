# SPDX-License-Identifier: Apache-2.0
"""An agreement from its first signature to its end, and what the record says of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from federation.agreements import (
    AccessRequest,
    Action,
    AgreementState,
    Flow,
    Purpose,
    Status,
    Terms,
    make_revocation,
    propose_terms,
)
from federation.audit import PROGRAM, Event, Outcome, Record, StaffRole
from federation.charter import with_suspension, without_member
from federation.errors import AgreementError, ExchangeError, PolicyError
from federation.indicators import Kind, Lane, Subject
from federation.member import Member
from federation.messages import OpenSession, PutTags, SyncAgreement
from federation.testing import Federation
from tests.member.support import federation, found, limited, phones, requests
from tests.member.test_exchange import opening

AGREED = {
    Event.AGREEMENT_PROPOSED,
    Event.AGREEMENT_SIGNED,
    Event.AGREEMENT_IN_FORCE,
    Event.AGREEMENT_ENDED,
}


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Three members that have signed nothing yet."""
    with federation() as made:
        yield made


def records(fed: Federation, name: str, agreement: bytes) -> list[Record]:
    """Return what a member's record says of an agreement, in order."""
    with fed.seats[name].store.read() as tx:
        entries = [entry.record for entry in tx.audit.entries(events=AGREED)]
    return [record for record in entries if record.agreement == agreement]


def said(fed: Federation, name: str, agreement: bytes) -> list[tuple[str, str, str | None]]:
    """Return (event, actor, with whom) of an agreement's entries."""
    return [
        (record.event.value.removeprefix("agreement-"), record.actor, record.member)
        for record in records(fed, name, agreement)
    ]


def keys(fed: Federation, name: str, agreement: bytes) -> dict[str, bytes]:
    """Return the pair keys that a member holds under an agreement."""
    with fed.seats[name].store.read() as tx:
        held = {seat: tx.agreements.pair_key(agreement, seat) for seat in fed.seats}
    return {partner: key[1] for partner, key in held.items() if key is not None}


def status(fed: Federation, name: str, agreement: bytes) -> Status:
    """Return where an agreement stands for a member."""
    (view,) = [view for view in fed[name].agreements() if view.hash == agreement]
    return view.status


def amended(fed: Federation, former: bytes, *parties: str, **changes: Any) -> bytes:
    """Let the parties sign an agreement that replaces another."""
    return fed.agree(*(parties or ("hope", "amparo")), supersedes=former, **changes)


# The record


def test_who_proposed_and_who_signed_stands_in_the_record(fed: Federation) -> None:
    """Each node writes down what it did and what it heard, once."""
    signer = fed.person("hope", "maria", StaffRole.DATA_PROTECTION)
    proposal = fed["hope"].propose_agreement(fed.terms("hope", "amparo"), by=signer)
    fed.drive()
    fed["amparo"].sign_agreement(proposal)
    fed.drive()
    fed.drive()

    assert said(fed, "hope", proposal) == [
        ("proposed", signer.id, None),
        ("signed", "member:amparo", "amparo"),
        ("in-force", "node", None),
    ]
    assert said(fed, "amparo", proposal) == [
        ("proposed", "member:hope", "hope"),
        ("signed", "operator", "amparo"),
        ("in-force", "node", None),
    ]


def test_news_that_bring_nothing_leave_no_entry(fed: Federation) -> None:
    """A partner that repeats itself does not grow the record."""
    agreement = fed.agree("hope", "amparo")
    before = records(fed, "hope", agreement)
    with fed.seats["amparo"].store.read() as tx:
        stored = tx.agreements.get(agreement)
    assert stored is not None

    for _ in range(3):
        fed["hope"].handle("amparo", SyncAgreement(stored.terms, stored.offers, stored.revocations))

    assert before == records(fed, "hope", agreement)


@pytest.mark.parametrize("role", [one for one in StaffRole if one.value != "data-protection"])
def test_only_data_protection_signs(fed: Federation, role: StaffRole) -> None:
    """Nobody else proposes, signs or ends an agreement; nothing is stored then."""
    agreement = fed.agree("hope", "amparo")
    proposal = fed["amparo"].propose_agreement(fed.terms("hope", "amparo"))
    fed.drive()
    fed.person("hope", "ann")
    other = PROGRAM if role is StaffRole.PROGRAM else fed.person("hope", "maria", role)
    before = fed["hope"].agreements()

    for attempt in (
        lambda: fed["hope"].propose_agreement(fed.terms("hope", "amparo"), by=other),
        lambda: fed["hope"].sign_agreement(proposal, by=other),
        lambda: fed["hope"].revoke_agreement(agreement, "none", by=other),
    ):
        with pytest.raises(PolicyError, match="data-protection"):
            attempt()

    assert before == fed["hope"].agreements()


# Revocation and expiry


def test_a_revocation_ends_it_on_both_sides(fed: Federation) -> None:
    """Keys go, tags are refused, and both records say who ended it."""
    agreement = fed.agree("hope", "amparo")
    signer = fed.person("amparo", "maria", StaffRole.DATA_PROTECTION)
    fed["amparo"].revoke_agreement(agreement, "the project has ended", by=signer)
    assert {} == keys(fed, "amparo", agreement)
    fed.drive()

    assert {} == keys(fed, "hope", agreement)
    for name, actor in (("amparo", signer.id), ("hope", "member:amparo")):
        last = records(fed, name, agreement)[-1]
        assert status(fed, name, agreement) is Status.REVOKED
        assert (last.event, last.outcome) == (Event.AGREEMENT_ENDED, Outcome.REVOKED)
        assert (last.actor, last.member, len(last.documents)) == (actor, "amparo", 1)


def test_who_revokes_what_is_revoked_already_is_noted_too(fed: Federation) -> None:
    """Both parties may say that they want no more; once each."""
    agreement = fed.agree("hope", "amparo")
    fed["amparo"].revoke_agreement(agreement, "none")
    fed.drive()
    fed["hope"].revoke_agreement(agreement, "none either")

    ends = [one.member for one in records(fed, "hope", agreement) if one.outcome is not None]
    assert ["amparo", "hope"] == ends
    with pytest.raises(AgreementError, match="already"):
        fed["hope"].revoke_agreement(agreement, "again")


def test_a_proposal_that_is_revoked_cannot_be_signed(fed: Federation) -> None:
    """Who proposed may think again before the others sign."""
    proposal = fed["hope"].propose_agreement(fed.terms("hope", "amparo"))
    fed.drive()
    fed["hope"].revoke_agreement(proposal, "wrong terms")
    fed.drive()

    with pytest.raises(AgreementError, match="over or revoked"):
        fed["amparo"].sign_agreement(proposal)
    with fed.seats["hope"].store.read() as tx:
        assert not tx.agreements.keeps_keys(proposal)


def test_it_expires_by_itself_and_for_good(fed: Federation) -> None:
    """At its end keys go and the record says so; a clock that is set back revives nothing."""
    agreement = fed.agree("hope", "amparo", valid_days=30)
    fed.clock.advance(days=30)
    fed.drive()

    for name in ("hope", "amparo"):
        last = records(fed, name, agreement)[-1]
        assert (last.event, last.outcome, last.actor) == (
            Event.AGREEMENT_ENDED,
            Outcome.EXPIRED,
            "node",
        )
        assert {} == keys(fed, name, agreement)

    fed.clock.advance(days=-10)
    fed.drive()

    assert {Status.EXPIRED} == {status(fed, name, agreement) for name in ("hope", "amparo")}
    fed["hope"].put_cases(phones([1]))
    fed.sync()
    assert [] == requests(fed, PutTags)


def test_it_begins_on_its_first_day(fed: Federation) -> None:
    """Signed by all before its first day, it comes into force by itself then."""
    begins = fed.clock() + timedelta(days=3)
    agreement = fed.agree("hope", "amparo", valid_from=begins)
    assert status(fed, "hope", agreement) is Status.PROPOSED
    fed["hope"].put_cases(phones([1]))
    fed.sync()
    assert [] == requests(fed, PutTags)

    fed.clock.advance(days=3)
    fed.sync()

    assert ("in-force", "node", None) == said(fed, "hope", agreement)[-1]
    assert 1 == len(requests(fed, PutTags))


def test_revoked_between_two_buckets(fed: Federation) -> None:
    """What was not sent when an agreement ended is not sent any more."""
    agreement = fed.agree("hope", "amparo")
    fed["hope"].put_cases(phones(range(5), prefix="H"))

    def revoke(recipient: str, request: Any, reply: Any) -> Any:
        if isinstance(request, OpenSession):
            fed["hope"].revoke_agreement(agreement, "in the middle")
        return reply

    fed.faults.tamper = revoke
    report = fed["hope"].sync()

    assert [] == requests(fed, PutTags)
    assert [ExchangeError] == [type(error) for _, error in report.sent.failures]


# Suspension and departure


def change_charter(fed: Federation, change: Any, **options: Any) -> None:
    """Let hope and amparo sign a change that concerns licht."""
    charter, digest = fed["hope"].require_charter(), fed["hope"].charter_state()[1]
    draft = change(charter, digest, "licht", at=fed.clock(), **options)
    proposal = fed["hope"].propose_charter(draft)
    fed.drive()
    fed["amparo"].sign_charter(proposal)
    fed.drive()


def test_a_suspension_stops_everything_and_ends_nothing(fed: Federation) -> None:
    """Keys and agreements outlast it, and the exchange goes on when it is lifted."""
    agreement = fed.agree("hope", "licht")
    held = keys(fed, "hope", agreement)
    fed["licht"].put_cases(phones([1], prefix="L"))
    change_charter(fed, with_suspension, suspended=True)
    fed["hope"].put_cases(phones([1], prefix="H"))
    fed["hope"].sync()
    assert set() == found(fed, "hope")
    assert [] == requests(fed, PutTags)

    change_charter(fed, with_suspension, suspended=False)
    fed.sync()

    assert held == keys(fed, "hope", agreement)
    assert {("H-1", "licht")} == found(fed, "hope")


def test_a_party_that_leaves_ends_it_for_good(fed: Federation) -> None:
    """With the party its signature goes; the record says why."""
    agreement = fed.agree("hope", "licht")
    change_charter(fed, without_member)

    last = records(fed, "hope", agreement)[-1]
    assert status(fed, "hope", agreement) is Status.REVOKED
    assert (last.event, last.outcome, last.reason, last.member) == (
        Event.AGREEMENT_ENDED,
        Outcome.REVOKED,
        "party-left",
        None,
    )
    assert {} == keys(fed, "hope", agreement)


# Replacement


def test_an_amendment_replaces_what_was_agreed(fed: Federation) -> None:
    """When all have signed it the old one ends on every side, with a new key for each pair."""
    former = fed.agree("hope", "amparo", kinds={Kind.PHONE})
    old_keys = keys(fed, "hope", former)
    fed["hope"].put_cases(phones([1], prefix="H"))
    fed["amparo"].put_cases(phones([1], prefix="A"))
    fed.sync()
    later = amended(fed, former, kinds={Kind.PHONE, Kind.EMAIL})

    for name, partner in (("hope", "amparo"), ("amparo", "hope")):
        last = records(fed, name, former)[-1]
        assert status(fed, name, former) is Status.REPLACED
        assert status(fed, name, later) is Status.IN_FORCE
        assert (last.outcome, last.documents) == (Outcome.REPLACED, (later,))
        assert {} == keys(fed, name, former)
        assert {partner} == keys(fed, name, later).keys()
    assert old_keys["amparo"] != keys(fed, "hope", later)["amparo"]


def test_matches_outlast_an_amendment(fed: Federation) -> None:
    """What was found stays found, and what comes later is found under the new terms."""
    former = fed.agree("hope", "amparo")
    fed["hope"].put_cases(phones([1, 2], prefix="H"))
    fed["amparo"].put_cases(phones([1], prefix="A"))
    fed.sync()
    amended(fed, former)
    fed["amparo"].put_cases(phones([2], prefix="A"))
    fed.sync()
    fed.sync()

    assert {("H-1", "amparo"), ("H-2", "amparo")} == found(fed, "hope")
    assert {("A-1", "hope"), ("A-2", "hope")} == found(fed, "amparo")


def test_the_old_one_stands_until_the_first_day_of_the_new(fed: Federation) -> None:
    """An amendment that begins later replaces then, to the second, noticed or not."""
    former = fed.agree("hope", "amparo")
    begins = fed.clock() + timedelta(days=5)
    later = amended(fed, former, valid_from=begins)
    assert status(fed, "hope", former) is Status.IN_FORCE
    assert (later,) == next(
        view.successors for view in fed["hope"].agreements() if view.hash == former
    )

    fed.clock.advance(days=5)

    assert status(fed, "hope", former) is Status.REPLACED
    with pytest.raises(AgreementError, match="in force"):
        fed["amparo"].handle("hope", opening(fed, "hope", "amparo", former))
    fed.drive()
    assert {} == keys(fed, "hope", former)


def test_an_amendment_that_not_all_sign_replaces_nothing(fed: Federation) -> None:
    """Until then the old one stands; and so it does if the amendment is revoked before."""
    former = fed.agree("hope", "amparo")
    proposal = fed["hope"].propose_agreement(fed.terms("hope", "amparo", supersedes=former))
    fed.drive()
    assert status(fed, "amparo", former) is Status.IN_FORCE

    fed["amparo"].revoke_agreement(proposal, "we keep the old one")
    fed.drive()

    assert {Status.IN_FORCE} == {status(fed, name, former) for name in ("hope", "amparo")}
    assert {"amparo"} == keys(fed, "hope", former).keys()


def test_revoked_before_its_first_day_it_replaces_nothing(fed: Federation) -> None:
    """Signed by all and taken back in time: the old agreement goes on."""
    former = fed.agree("hope", "amparo")
    later = amended(fed, former, valid_from=fed.clock() + timedelta(days=5))
    fed["hope"].revoke_agreement(later, "we thought again")
    fed.drive()
    fed.clock.advance(days=6)
    fed.drive()

    assert {Status.IN_FORCE} == {status(fed, name, former) for name in ("hope", "amparo")}


def test_what_was_replaced_does_not_come_back(fed: Federation) -> None:
    """Not by ending the new one, and not by a revocation of it that is dated back."""
    former = fed.agree("hope", "amparo")
    later = amended(fed, former)
    with fed.seats["amparo"].store.read() as tx:
        stored = tx.agreements.get(later)
    assert stored is not None
    dated_back = make_revocation(
        fed.seats["amparo"].identity, later, "never", fed.clock() - timedelta(days=1)
    )
    fed["hope"].handle("amparo", SyncAgreement(stored.terms, stored.offers, (dated_back,)))
    fed.drive()

    assert status(fed, "hope", later) is Status.REVOKED
    assert status(fed, "hope", former) is Status.REPLACED
    assert {} == keys(fed, "hope", former)


def test_nobody_is_dropped_by_an_amendment(fed: Federation) -> None:
    """All parties of what is replaced are parties of the new, for they must sign its end."""
    former = fed.agree("hope", "amparo", "licht")

    with pytest.raises(AgreementError, match="a party of the agreement that is replaced"):
        fed["hope"].propose_agreement(fed.terms("hope", "amparo", supersedes=former))


def test_a_stranger_replaces_nothing(fed: Federation) -> None:
    """Whoever is no party of an agreement cannot end it by signing another in its place."""
    former = fed.agree("hope", "amparo")
    terms = fed.terms("licht", "amparo", supersedes=former)
    with pytest.raises(AgreementError, match="no such agreement"):
        fed["licht"].propose_agreement(terms)
    patch_in(fed["licht"], terms)
    fed.drive()

    assert terms.title in {view.terms.title for view in fed["licht"].agreements()}
    assert {former} == {view.hash for view in fed["amparo"].agreements()}
    assert status(fed, "amparo", former) is Status.IN_FORCE


def patch_in(member: Member, terms: Terms) -> None:
    """Let a dishonest member propose terms that its own node would refuse."""
    envelope = propose_terms(terms, member._core.identity)
    with member._core.store.write() as tx:
        state = AgreementState.load(envelope, keys=member._standing.keys(tx))
        member._contracts._put(tx, state, proposer=member.id)


def test_a_third_party_joins_by_amendment(fed: Federation) -> None:
    """Two become three: the newcomer signs too, and every pair gets its key."""
    former = fed.agree("hope", "amparo")
    later = amended(fed, former, "hope", "amparo", "licht")

    assert status(fed, "hope", former) is Status.REPLACED
    assert {"amparo", "licht"} == keys(fed, "hope", later).keys()
    assert {"amparo", "hope"} == keys(fed, "licht", later).keys()
    assert {later} == {view.hash for view in fed["licht"].agreements()}


# Law enforcement


def test_tokens_are_never_exchanged_with_police() -> None:
    """Neither side sends, though they have a key; the pair works by query."""
    with limited() as fed:
        query = (Flow(giver="hope", receiver="police"),)
        agreement = fed.agree(
            "hope", "police", purposes=(Purpose.INVESTIGATION, Purpose.NETWORK), query=query
        )
        for name in ("hope", "police"):
            fed[name].put_cases(phones([1], prefix=name[0].upper()))
        fed.sync()
        fed.sync()

        assert {"police"} == keys(fed, "hope", agreement).keys()
        assert [] == requests(fed, OpenSession)
        assert [] == [*fed["hope"].matches(), *fed["police"].matches()]
        for action, allowed in ((Action.COMPARE, False), (Action.QUERY, True)):
            asked = AccessRequest(
                action,
                "hope",
                "police",
                Lane.NETWORK,
                Kind.PHONE,
                Subject.RECRUITER,
                Purpose.NETWORK,
            )
            clauses = fed["hope"].explain(agreement, asked)
            assert allowed is all(clause.allows for clause in clauses)


def test_a_modified_police_client_is_refused() -> None:
    """Who opens a session all the same learns nothing, in either lane."""
    with limited() as fed:
        agreement = fed.agree("hope", "police")
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed.sync()
        request = opening(fed, "police", "hope", agreement)

        with pytest.raises(PolicyError, match="law enforcement") as caught:
            fed["hope"].handle("police", request)
        assert "law-enforcement" == caught.value.clause
        with pytest.raises(PolicyError):
            fed["hope"].handle(
                "police", opening(fed, "police", "hope", agreement, lane=Lane.SURVIVOR)
            )


def test_the_others_of_an_agreement_with_police_compare() -> None:
    """Three parties, one of them police: the other two exchange, the police is sent nothing."""
    with limited("hope", "amparo", "police") as fed:
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed.sync()
        fed.sync()

        assert {("H-1", "amparo")} == found(fed, "hope")
        assert {("hope", "amparo")} == {
            tuple(sorted((call.sender, call.recipient), reverse=True))
            for call, _ in requests(fed, OpenSession)
        }


def test_a_lane_that_is_not_agreed_is_not_compared(fed: Federation) -> None:
    """What the exchange asks before each message names the clause."""
    agreement = fed.agree("hope", "amparo")
    standing = fed["amparo"]._standing
    with fed.seats["amparo"].store.read() as tx:
        live = standing.live(agreement, tx)
        assert live is not None
        standing.check_comparison(tx, live, "hope", Lane.NETWORK)
        with pytest.raises(AgreementError, match="clause 'lanes'"):
            standing.check_comparison(tx, live, "hope", Lane.SURVIVOR)


def test_purposes_that_nothing_is_compared_for(fed: Federation) -> None:
    """An agreement for referrals alone lets nobody compare."""
    fed.agree("hope", "amparo", purposes=(Purpose.REFERRAL,))
    fed["hope"].put_cases(phones([1], prefix="H"))
    fed.sync()
    fed.sync()

    assert [] == requests(fed, OpenSession)
