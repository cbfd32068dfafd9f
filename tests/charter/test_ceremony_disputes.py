# SPDX-License-Identifier: Apache-2.0
"""Cheating with messages: two stories, false statements, stops, strangers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.charter import Ceremony, CeremonyStatus
from federation.charter.rounds import (
    Abort,
    Commit,
    Reason,
    Round,
    Trial,
    TrialEvaluation,
)
from federation.crypto import dsse
from federation.crypto.group import scalarmult_base
from federation.crypto.scalars import random_scalar
from federation.documents import Document, sign
from federation.errors import CeremonyError, MalformedError, VerifyError
from tests.charter import support
from tests.charter.cheating import CHEAT, HONEST, assert_named, run_with, signed
from tests.charter.support import NOW, ceremonies, deliver, identity


def test_wrong_trial_evaluation() -> None:
    """A participant whose share does not evaluate is named."""

    def wrong(cheat: Ceremony, honest: Document) -> Document:
        assert isinstance(honest, Trial)
        (one,) = honest.evaluations
        other = TrialEvaluation(element=scalarmult_base(random_scalar()), proof=one.proof)
        return honest.replace(evaluations=(other,))

    assert_named(run_with(wrong, Round.TRIAL), CHEAT)


def test_statement_of_other_keys() -> None:
    """Who signs another statement than the others is named."""

    def other(cheat: Ceremony, honest: Document) -> Document:
        return honest.replace(transcript=bytes(32))  # type: ignore[attr-defined, no-any-return]

    everybody = run_with(other, Round.SIGN)

    for name in HONEST:
        assert everybody[name].status is CeremonyStatus.FAILED
        assert everybody[name].failure.culprits == {CHEAT}  # type: ignore[union-attr]


def second_commit(everybody: dict[str, Ceremony]) -> bytes:
    """Return a second, different commitment of the cheat."""
    one = everybody[CHEAT]
    return signed(Commit(proposal=one._board.digest, index=1, hashes=(bytes(32),)))


def test_equivocation_seen_directly() -> None:
    """Two messages for one round, once both are known, convict their signer."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
        one.advance()
    everybody["licht"].receive(second_commit(everybody))

    deliver(everybody)

    assert_named(everybody, CHEAT)


def test_equivocation_seen_in_what_others_saw() -> None:
    """If only the trial shows a difference, its reporter and the differing signer are named."""

    def blind(cheat: Ceremony, honest: Document) -> Document:
        assert isinstance(honest, Trial)
        return honest.replace(seen=(*honest.seen[:1], bytes(32), *honest.seen[2:]))

    assert_named(run_with(blind, Round.TRIAL), CHEAT, "hope")


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(3)))
def test_equivocation_convicts_in_any_order(order: list[int]) -> None:
    """In whatever order the two versions arrive, the same participant is named."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
        one.advance()
    hope = everybody["hope"]
    heard = [everybody[CHEAT].messages[1], everybody["licht"].messages[1], second_commit(everybody)]
    for position in order:
        hope.receive(heard[position])

    assert hope.failure is not None
    assert hope.failure.culprits == {CHEAT}


def test_third_version_is_not_kept() -> None:
    """Two versions are evidence enough: a flood of further ones is not stored."""
    everybody = ceremonies()
    hope, cheat = everybody["hope"], everybody[CHEAT]
    news = [
        hope.receive(
            signed(Commit(proposal=cheat._board.digest, index=1, hashes=(bytes([i]) * 32,)))
        )
        for i in range(4)
    ]

    assert news == [True, True, False, False]


def test_unexplained_stop_names_its_author() -> None:
    """Who claims a fault that nobody can see is named for stopping."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
    stop = Abort(
        proposal=everybody[CHEAT]._board.digest,
        index=1,
        reason=Reason.FAULT,
        dealer=None,
        evidence=None,
    )
    everybody["hope"].receive(signed(stop))

    deliver(everybody)

    assert_named(everybody, CHEAT)


def test_broken_form_is_named_and_not_kept() -> None:
    """A signed message that does not fit the proposal names its signer, and is not stored."""
    everybody = ceremonies()
    hope = everybody["hope"]
    odd = Commit(proposal=hope._board.digest, index=1, hashes=(bytes(32), bytes(32)))

    with pytest.raises(CeremonyError) as caught:
        hope.receive(signed(odd))

    assert caught.value.culprits == {CHEAT}
    assert len(hope.messages) == 1


@pytest.mark.parametrize("field", ["index", "proposal"])
def test_message_under_anothers_index_or_ceremony(field: str) -> None:
    """Nobody can speak for another, or carry a message over from another ceremony."""
    everybody = ceremonies()
    hope = everybody["hope"]
    honest = Commit(proposal=hope._board.digest, index=1, hashes=(bytes(32),))
    changed = honest.replace(**{field: 3 if field == "index" else bytes(32)})

    with pytest.raises(CeremonyError):
        hope.receive(signed(changed))


def test_strangers_and_forgers_are_refused() -> None:
    """Only participants speak, with their own keys, one signature each."""
    everybody = ceremonies()
    hope = everybody["hope"]
    message = Commit(proposal=hope._board.digest, index=1, hashes=(bytes(32),))
    by_stranger = signed(message, "stranger")
    by_forger = dsse.encode(sign(message, CHEAT, identity("licht").signing))
    twice = dsse.encode(
        dsse.add_signature(
            sign(message, CHEAT, identity(CHEAT).signing), "hope", identity("hope").signing
        )
    )

    for envelope in (by_stranger, by_forger):
        with pytest.raises(VerifyError):
            hope.receive(envelope)
    for envelope in (twice, b"", hope.messages[0] + b" ", signed(support.charter())):
        with pytest.raises(MalformedError):
            hope.receive(envelope)


def test_late_abort_does_not_undo_a_finished_ceremony() -> None:
    """Once all have signed, nobody can stop the ceremony any more."""
    everybody = ceremonies()
    support.run(everybody)
    stop = Abort(
        proposal=everybody[CHEAT]._board.digest,
        index=1,
        reason=Reason.WITHDRAWN,
        dealer=None,
        evidence=None,
    )

    everybody["hope"].receive(signed(stop))

    assert everybody["hope"].status is CeremonyStatus.COMPLETE


def test_signer_keeps_its_secret_after_an_abort() -> None:
    """Who has signed keeps its secret: the others may be complete and count on its share."""
    everybody = ceremonies()
    support.run(everybody)
    hope = everybody["hope"]
    signatures = list(hope._board.rounds[Round.SIGN].values())
    late = [dsse.encode(one.envelope) for one in signatures]
    early = Ceremony.load(
        identity("hope"),
        support.charter(),
        [one for one in hope.messages if one not in late or b'"keyid":"hope"' in one],
        hope.secret,
    )
    stop = Abort(
        proposal=hope._board.digest, index=1, reason=Reason.WITHDRAWN, dealer=None, evidence=None
    )
    early.receive(signed(stop))
    assert early.status is CeremonyStatus.FAILED
    early = Ceremony.load(identity("hope"), support.charter(), early.messages, early.secret)

    for envelope in late:
        early.receive(envelope)

    assert early.outcome is not None
    assert len(early.outcome.shares) == 1
