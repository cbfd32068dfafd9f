# SPDX-License-Identifier: Apache-2.0
"""A charter counts because of its signatures, and who is no member is not served."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from federation.charter import Charter, Identity, Rules, next_version, with_member, without_member
from federation.charter.versions import countersign, propose
from federation.errors import (
    AuthenticationError,
    CasethreadError,
    CeremonyError,
    CharterConflictError,
    CharterExpiredError,
    ConfigurationError,
    MembershipError,
)
from federation.indicators import Lane
from federation.messages import Evaluate, PutTags, SyncCharter
from federation.storage import AtRest, Store
from federation.testing import Federation, Seat, make_applicant
from tests.member.support import (
    federation,
    found,
    key_of,
    limited,
    phones,
    requests,
    tokens,
)


def change_charter(fed: Federation, draft: Charter, signers: tuple[str, ...]) -> bytes:
    """Propose a charter by the first signer, let the others sign, and tell everybody."""
    digest = fed[signers[0]].propose_charter(draft)
    fed.drive()
    for name in signers[1:]:
        fed[name].sign_charter(digest)
    fed.drive()
    return digest


def in_force(fed: Federation, name: str) -> tuple[Charter, bytes]:
    """Return the charter that a member goes by, and its digest."""
    current = fed[name].in_force
    assert current is not None
    return current.charter, current.digest


def seat(fed: Federation, name: str) -> Seat:
    """Give an organisation outside a node of its own."""
    identity = Identity.generate(name)
    store = Store.memory(AtRest(bytes(32)))
    fed.seats[name] = Seat(identity, make_applicant(identity), store, fed._member(identity, store))
    return fed.seats[name]


def listed(fed: Federation, name: str) -> Charter:
    """Draft the charter that admits the holder of a seat."""
    charter, digest = in_force(fed, "hope")
    entry = fed.seats[name].applicant.as_member(
        steward=False, custodian=False, since_version=1, admitted=fed.clock()
    )
    return with_member(charter, digest, entry, at=fed.clock())


def test_a_federation_is_founded_by_all_its_stewards() -> None:
    """Version 1 is in force when everybody has signed, with one digest; version 2 has the keys."""
    with Federation("hope", "amparo", keys=False) as fed:
        (first, digest), (other, same) = in_force(fed, "hope"), in_force(fed, "amparo")

        assert (1, (), digest) == (first.version, first.keys, same)
        assert first == other
        assert [] == fed["hope"].proposals()

        fed.make_keys()
        charter, _ = in_force(fed, "hope")
        assert (2, digest) == (charter.version, charter.previous)
        assert 4 == len(charter.keys)


def test_a_node_without_a_federation_says_so() -> None:
    """Everything that needs a charter names the next step."""
    with federation() as fed:
        lone = seat(fed, "noor").member

        assert (0, bytes(32)) == lone.charter_state()
        with pytest.raises(ConfigurationError) as caught:
            lone.sync()
        assert caught.value.next_step


@pytest.mark.parametrize("pinned", [True, False], ids=["pinned", "by the inviter"])
def test_a_fourth_member_is_admitted_later_and_takes_part(pinned: bool) -> None:
    """Two of three stewards sign; the newcomer fetches the charter and finds matches."""
    with federation() as fed:
        newcomer = seat(fed, "noor")
        charter, digest = in_force(fed, "hope")
        newcomer.member.await_charter(
            fed.seats["hope"].applicant, (charter.version, digest) if pinned else None
        )
        change_charter(fed, listed(fed, "noor"), ("hope", "amparo"))

        versions = {in_force(fed, name)[0].version for name in fed.seats}
        assert {charter.version + 1} == versions
        assert not in_force(fed, "noor")[0].member("noor").custodian

        fed.agree("noor", "amparo")
        fed["noor"].put_cases(phones([1, 2], prefix="N"))
        fed["amparo"].put_cases(phones([2, 3], prefix="A"))
        fed.sync()
        assert {("N-2", "amparo")} == found(fed, "noor")
        assert {("A-2", "noor")} == found(fed, "amparo")


def test_a_newcomer_sends_its_whole_set_whatever_its_name() -> None:
    """Of two that meet with tokens already there, the later-admitted one does the backfill."""
    with federation() as fed:
        newcomer = seat(fed, "aaron")  # sorts before everybody
        newcomer.member.await_charter(fed.seats["hope"].applicant)
        change_charter(fed, listed(fed, "aaron"), ("hope", "amparo"))
        for name in ("hope", "aaron"):
            fed[name].put_cases(phones([1, 2], prefix=name))
        fed.sync()
        fed.agree("hope", "aaron")
        fed.sync()
        assert ["aaron"] == [call.sender for call, _ in requests(fed, PutTags)]
        assert {("hope-1", "aaron"), ("hope-2", "aaron")} == found(fed, "hope")


def test_a_charter_other_than_the_pinned_one_is_not_taken_over() -> None:
    """The invitation's version and digest decide, not what the inviter's node sends."""
    with federation() as fed:
        newcomer = seat(fed, "noor")
        charter, _ = in_force(fed, "hope")
        newcomer.member.await_charter(fed.seats["hope"].applicant, (charter.version, bytes(32)))
        change_charter(fed, listed(fed, "noor"), ("hope", "amparo"))

        assert newcomer.member.in_force is None


def test_a_charter_by_somebody_else_than_the_inviter_is_not_taken_over() -> None:
    """A first charter comes from whom a person compared eight words with."""
    with federation() as fed:
        newcomer = seat(fed, "noor")
        impostor = make_applicant(Identity.generate("hope"))
        genuine = fed.seats["hope"].applicant
        newcomer.member.await_charter(
            impostor.replace(certificates=genuine.certificates, endpoint=genuine.endpoint)
        )
        change_charter(fed, listed(fed, "noor"), ("hope", "amparo"))

        assert newcomer.member.in_force is None


def test_nobody_takes_over_a_charter_uninvited() -> None:
    """Without an invitation a node accepts no first charter."""
    with federation() as fed:
        lone = seat(fed, "noor").member
        with fed.seats["hope"].store.read() as tx:
            chain = tuple(tx.charters.chain(0))

        with pytest.raises(MembershipError):
            lone._membership.accept(chain)
        assert lone.in_force is None


def test_one_signature_of_three_is_not_enough() -> None:
    """A proposal waits for a majority of the stewards, and says for whom."""
    with federation() as fed:
        charter, digest = in_force(fed, "hope")
        fed["hope"].propose_charter(
            next_version(charter, digest, at=fed.clock(), rules=Rules(new_member_days=1))
        )
        fed.drive()

        for name in fed.seats:
            (proposal,) = fed[name].proposals()
            assert (1, {"amparo", "licht"}) == (proposal.missing.count, proposal.missing.members)
            assert charter == fed[name].require_charter()
        with pytest.raises(MembershipError):
            fed["hope"].sign_charter(proposal.digest)
        with pytest.raises(MembershipError):
            fed["hope"].sign_charter(bytes(32))


def test_a_charter_that_does_not_follow_is_not_proposed() -> None:
    """Version and predecessor are those of the charter in force."""
    with federation() as fed:
        charter, digest = in_force(fed, "hope")
        draft = next_version(charter, digest, at=fed.clock())
        for wrong in (
            draft.replace(version=draft.version + 1),
            draft.replace(previous=bytes(32)),
            charter,
        ):
            with pytest.raises(MembershipError):
                fed["hope"].propose_charter(wrong)
        assert [] == fed["hope"].proposals()


def test_keys_that_were_not_made_together_are_not_signed() -> None:
    """A custodian does not sign a charter whose keys its own ceremony did not end with."""
    with federation() as fed:
        charter, digest = in_force(fed, "hope")
        last = charter.keys[-1]
        forged = last.replace(
            custodians=tuple(
                one.replace(public_share=charter.keys[0].custodians[place].public_share)
                for place, one in enumerate(last.custodians)
            ),
            key_id=b"f" * 16,
            epoch=last.epoch + 1,
        )
        draft = next_version(charter, digest, at=fed.clock(), keys=(*charter.keys, forged))
        envelope = propose(draft, fed.seats["amparo"].identity)
        request = SyncCharter(charter.version, digest, (envelope,))
        fed["hope"].handle("amparo", request)
        (proposal,) = fed["hope"].proposals()

        with pytest.raises(CeremonyError):
            fed["hope"].sign_charter(proposal.digest)
        assert charter == fed["hope"].require_charter()


def test_two_charters_of_one_version_are_a_conflict_with_evidence() -> None:
    """Who shows another charter under our version is refused, and both digests are kept."""
    with federation() as fed:
        charter, digest = in_force(fed, "hope")
        request = SyncCharter(charter.version, b"x" * 32)

        with pytest.raises(CharterConflictError):
            fed["hope"].handle("amparo", request)
        with pytest.raises(CharterConflictError):
            fed["hope"].admission.check_charter("amparo", charter.version, b"x" * 32)
        with fed.seats["hope"].store.read() as tx:
            conflicts = tx.charters.conflicts()
        assert {(charter.version, digest, b"x" * 32, "amparo")} == {
            (one.version, one.ours, one.theirs, one.member) for one in conflicts
        }


def test_after_a_fork_the_two_sides_stop_with_each_other() -> None:
    """Two majorities that signed different successors find out at the first message."""
    with federation() as fed:
        charter, digest = in_force(fed, "hope")
        for name, days in (("hope", 1), ("amparo", 2)):
            draft = next_version(charter, digest, at=fed.clock(), rules=Rules(new_member_days=days))
            envelope = countersign(
                propose(draft, fed.seats[name].identity), fed.seats["licht"].identity
            )
            fed[name]._membership.accept((envelope,))
        fed["hope"].sync()

        for name in ("amparo", "hope"):
            with fed.seats[name].store.read() as tx:
                conflicts = tx.charters.conflicts()
            assert [charter.version + 1] == [one.version for one in conflicts]


def test_a_stale_caller_takes_over_the_newer_charter_and_succeeds() -> None:
    """The refusal carries the charter; the one retry goes through."""
    with federation() as fed:
        charter, digest = in_force(fed, "hope")
        draft = next_version(charter, digest, at=fed.clock(), rules=Rules(new_member_days=1))
        envelope = countersign(
            propose(draft, fed.seats["amparo"].identity), fed.seats["licht"].identity
        )
        for name in ("amparo", "licht"):
            fed[name]._membership.accept((envelope,))
        fed["hope"].put_cases(phones([1]))
        report = fed["hope"].tokenise()

        assert 1 == report.tokens
        assert draft == fed["hope"].require_charter()
        assert 1 == len(requests(fed, Evaluate))


def test_what_another_process_destroyed_is_cleaned_from_the_log(tmp_path: Path) -> None:
    """A command that ends before it can clean up leaves that to the serving process."""

    def store_of(name: str, at_rest: AtRest) -> Store:
        return Store.create(f"sqlite:///{tmp_path}/{name}.db", at_rest)

    log = tmp_path / "hope.db-wal"
    with Federation("hope", "amparo", keys=False, store=store_of) as fed:
        seat = fed.seats["hope"]
        with Store.open(f"sqlite:///{tmp_path}/hope.db", seat.store._at_rest) as store:
            serving = fed._member(seat.identity, store)
            serving.drive()
            fed.drive()
            with closing(sqlite3.connect(tmp_path / "hope.db")) as reader:
                reader.execute("BEGIN")
                reader.execute("SELECT * FROM charters").fetchone()
                charter, digest = in_force(fed, "hope")
                draft = next_version(charter, digest, at=fed.clock())
                change_charter(fed, draft, ("amparo", "hope"))
                assert 0 < log.stat().st_size

            serving.drive()
            assert 0 == log.stat().st_size


def test_after_expiry_and_grace_everything_is_refused() -> None:
    """Nodes work for a grace period without news, then stop, and say what to do."""
    with federation("hope", "amparo") as fed:
        charter = fed["hope"].require_charter()
        fed["hope"].put_cases(phones([1]))
        fed.clock.now = charter.expires + timedelta(days=charter.grace_days) - timedelta(days=1)
        fed["hope"].tokenise()
        fed.clock.advance(days=2)
        fed["hope"].put_cases(phones([2]))

        with pytest.raises(CharterExpiredError) as caught:
            fed["hope"].sync()
        assert caught.value.next_step
        with pytest.raises(CharterExpiredError):
            fed["hope"].admission.permit("amparo", Evaluate)
        assert 1 == tokens(fed, "hope")


def test_an_expired_charter_can_still_be_renewed() -> None:
    """Charters are spoken of even then: stewards sign a new version and work goes on."""
    with federation() as fed:
        charter, digest = in_force(fed, "hope")
        fed.clock.now = charter.expires + timedelta(days=charter.grace_days + 1)
        change_charter(fed, next_version(charter, digest, at=fed.clock()), ("hope", "amparo"))
        fed["licht"].put_cases(phones([1]))

        assert 1 == fed["licht"].tokenise().tokens


def suspend(fed: Federation, name: str) -> None:
    """Let the others suspend a member."""
    charter, digest = in_force(fed, "hope")
    entry = charter.member(name).replace(suspended=True)
    others = tuple(one for one in fed.seats if one != name)
    change_charter(fed, with_member(charter, digest, entry, at=fed.clock()), others)


def test_a_suspended_member_is_not_served() -> None:
    """It is identified by nobody, gets no evaluation, and its agreements rest."""
    with federation("hope", "licht") as fed:
        for name in ("hope", "licht"):
            fed[name].put_cases(phones([1], prefix=name))
        suspend(fed, "licht")
        key = key_of(fed["hope"])
        request = Evaluate(bytes(16), key.key_id, key.generation, (1, 2), bytes(256), prove=True)

        assert fed["hope"].admission.identify(fed.seats["licht"].applicant.certificates[0]) is None
        with pytest.raises(MembershipError):
            fed["hope"].handle("licht", request)
        with pytest.raises(MembershipError):
            fed["hope"].admission.permit("licht", Evaluate)
        with pytest.raises(CasethreadError):
            fed["licht"].sync()
        fed["hope"].sync()
        assert set() == found(fed, "hope") | found(fed, "licht")


def test_a_removed_member_is_unknown() -> None:
    """A charter without it: its certificate opens nothing, and its agreements end."""
    with limited("hope", "police") as fed:
        for name in ("hope", "police"):
            fed[name].put_cases(phones([1], prefix=name))
        charter, digest = in_force(fed, "hope")
        change_charter(
            fed,
            without_member(charter, digest, "police", at=fed.clock()),
            ("hope", "amparo", "licht"),
        )

        certificate = fed.seats["police"].applicant.certificates[0]
        assert fed["hope"].admission.identify(certificate) is None
        assert certificate not in fed["hope"].admission.certificates()
        fed["hope"].sync()
        assert set() == found(fed, "hope")


def test_messages_are_authenticated_before_they_are_read() -> None:
    """A message signed with other keys than the certificate's owner has is refused."""
    with federation() as fed:
        seat = fed.seats["amparo"]
        seat.identity = Identity.generate("amparo")
        member = fed._member(seat.identity, seat.store)

        with pytest.raises(AuthenticationError):
            member._core.call("hope", SyncCharter(0, bytes(32)))


def test_the_survivor_lane_has_keys_of_its_own() -> None:
    """Each lane and class has its own key; a custodian cannot be made to mix them."""
    with federation() as fed:
        keys = fed["hope"].require_charter().keys

        assert 4 == len({key.key_id for key in keys}) == len({key.public_key for key in keys})
        assert {Lane.NETWORK, Lane.SURVIVOR} == {key.lane for key in keys}
