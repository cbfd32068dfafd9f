# SPDX-License-Identifier: Apache-2.0
"""Who broke a ceremony: judged from the messages alone, so everybody comes to the same.

Faults are looked for in a fixed order, and all culprits of the first kind found are
named. What one participant claims is believed only as far as evidence carries: a bad
share is shown with its dealer's signature; a false accusation falls back on its author;
where it cannot be told which of two lies, both are named.
"""

from collections.abc import Iterable

from federation.charter.dealings import Dealings
from federation.charter.rounds import Abort, Reason, Round, ShareDelivery, Trial
from federation.crypto import dkg
from federation.documents import digest, open_envelope
from federation.errors import CasethreadError, CeremonyError, CryptoError, ShareVerifyError

__all__ = ["find_fault"]


def find_fault(dealings: Dealings) -> CeremonyError | None:
    """Return what stops the ceremony, as far as the messages show, or None.

    Args:
        dealings: The ceremony's messages.
    """
    for look in (_equivocation, _dealing, _shares, _trials, _statements, _stopped):
        fault = look(dealings)
        if fault is not None:
            return fault
    return None


def _error(dealings: Dealings, message: str, indices: Iterable[int]) -> CeremonyError:
    return CeremonyError(message, [dealings.board.member(index) for index in indices])


def _equivocation(dealings: Dealings) -> CeremonyError | None:
    culprits = {index for _, index in dealings.board.doubles}
    if not culprits:
        return None
    return _error(dealings, "a participant sent two messages for one round", culprits)


def _dealing(dealings: Dealings) -> CeremonyError | None:
    board = dealings.board
    faults = {index: dealings.dealing_fault(index) for index in board.rounds[Round.REVEAL]}
    culprits = [index for index, fault in faults.items() if fault]
    if culprits:
        return _error(dealings, faults[min(culprits)], culprits)
    if board.complete(Round.COMMIT) and board.complete(Round.REVEAL):
        try:
            dealings.groups()
        except CryptoError:
            # Takes all dealers together, or a chance of 2^-252.
            return _error(dealings, "the dealings add up to no key", board.proposal.dealers)
    return None


def _shares(dealings: Dealings) -> CeremonyError | None:
    proved: set[int] = set()
    pairs: set[int] = set()
    for index, posted in dealings.board.aborts.items():
        abort = posted.document
        assert isinstance(abort, Abort)
        if abort.dealer is None:
            continue
        if abort.reason is Reason.UNDECRYPTABLE:
            pairs |= {index, abort.dealer}
        elif abort.dealer in dealings.board.rounds[Round.REVEAL]:
            proved.add(abort.dealer if _holds(dealings, index, abort) else index)
    if proved:
        return _error(dealings, "a dealt share does not fit its dealer's commitments", proved)
    if pairs:
        return _error(dealings, "what one sealed to the other does not open", pairs)
    return None


def _holds(dealings: Dealings, accuser: int, abort: Abort) -> bool:
    board = dealings.board
    assert abort.dealer is not None
    assert abort.evidence is not None
    member = board.member(abort.dealer)
    signer = board.proposal.participant(member)
    assert signer is not None
    try:
        delivery = open_envelope(ShareDelivery, abort.evidence, {member: signer.signing_key}, 1)
    except CasethreadError:
        return False
    addressed = (delivery.proposal, delivery.index, delivery.recipient)
    if addressed != (board.digest, abort.dealer, accuser):
        return False
    return not delivery_fits(dealings, delivery)


def delivery_fits(dealings: Dealings, delivery: ShareDelivery) -> bool:
    """Say whether delivered shares are what their dealer committed to.

    Args:
        dealings: The ceremony's messages, the dealer's reveal among them.
        delivery: Signed by the dealer.
    """
    if len(delivery.shares) != len(dealings.board.proposal.keys):
        return False
    for position, share in enumerate(delivery.shares):
        try:
            dealing = dealings.of_key(position)[delivery.index]
            dkg.verify_share_against(dealing, delivery.recipient, share)
        except ShareVerifyError:
            return False
    return True


def _ready(dealings: Dealings) -> bool:
    board = dealings.board
    return all(board.complete(one) for one in (Round.COMMIT, Round.REVEAL, Round.SHARE))


def _trials(dealings: Dealings) -> CeremonyError | None:
    if not _ready(dealings):
        return None
    board = dealings.board
    own = dealings.seen()
    dealers = board.proposal.dealers
    split: set[int] = set()
    failed: set[int] = set()
    for index, posted in board.rounds[Round.TRIAL].items():
        trial = posted.document
        assert isinstance(trial, Trial)
        differing = {
            dealers[place % len(dealers)]
            for place, (ours, theirs) in enumerate(zip(own, trial.seen, strict=True))
            if ours != theirs
        }
        if differing:
            split |= differing | {index}
        elif dealings.trial_fails(index):
            failed.add(index)
    if failed:
        return _error(dealings, "a participant's share does not evaluate", failed)
    if split:
        return _error(dealings, "participants saw different messages", split)
    return None


def _statements(dealings: Dealings) -> CeremonyError | None:
    posted = dealings.board.rounds[Round.SIGN]
    if not posted or not _ready(dealings):
        return None
    expected = digest(dealings.statement().to_bytes())
    culprits = [index for index, one in posted.items() if one.digest != expected]
    if not culprits:
        return None
    return _error(dealings, "a participant signed other keys than were made", culprits)


def _stopped(dealings: Dealings) -> CeremonyError | None:
    withdrawn: list[int] = []
    unexplained: list[int] = []
    for index, posted in dealings.board.aborts.items():
        assert isinstance(posted.document, Abort)
        if posted.document.reason is Reason.WITHDRAWN:
            withdrawn.append(index)
        else:
            unexplained.append(index)
    if withdrawn:
        return _error(dealings, "a participant withdrew", withdrawn)
    if unexplained:
        return _error(dealings, "a participant stopped without showing a fault", unexplained)
    return None
