# SPDX-License-Identifier: Apache-2.0
"""The public mathematics of a ceremony, computed from its messages and nothing else."""

import hashlib
from dataclasses import dataclass, field

from federation.charter.board import Board
from federation.charter.keys import KeyStatement, StatedKey
from federation.charter.rounds import Commit, Reveal, Round, Trial
from federation.crypto import dkg, toprf
from federation.crypto.dkg import PublicDealing
from federation.crypto.encoding import LP
from federation.crypto.group import Element, hash_to_group
from federation.crypto.shares import GroupKey
from federation.errors import CryptoError, ShareVerifyError

__all__ = ["Dealings"]

_TRIAL = b"ct/v1/ceremony-trial"
_TRANSCRIPT = b"ct/v1/ceremony-transcript"


@dataclass(slots=True)
class Dealings:
    """Reads the board; remembers what it verified, since messages never change."""

    board: Board
    _dealing_faults: dict[bytes, str] = field(default_factory=dict)
    _trial_faults: dict[bytes, bool] = field(default_factory=dict)
    _groups: tuple[GroupKey, ...] | None = None

    def of_key(self, position: int) -> dict[int, PublicDealing]:
        """Return the public dealings of one key, by index, as far as they are revealed."""
        found = {}
        for index, posted in self.board.rounds[Round.REVEAL].items():
            assert isinstance(posted.document, Reveal)
            dealt = posted.document.dealings[position]
            found[index] = PublicDealing(index, dealt.commitments, dealt.proof)
        return found

    def dealing_fault(self, index: int) -> str:
        """Say what is wrong with what a dealer revealed; empty if nothing is, or not yet known."""
        commit = self.board.rounds[Round.COMMIT].get(index)
        reveal = self.board.rounds[Round.REVEAL].get(index)
        if commit is None or reveal is None:
            return ""
        key = commit.digest + reveal.digest
        if key not in self._dealing_faults:
            assert isinstance(commit.document, Commit)
            self._dealing_faults[key] = self._verify(index, commit.document)
        return self._dealing_faults[key]

    def _verify(self, index: int, commit: Commit) -> str:
        for position, setting in enumerate(self.board.settings()):
            try:
                dealing = self.of_key(position)[index]
                dkg.verify_dealing(setting, dealing, commit.hashes[position])
            except ShareVerifyError as error:
                return str(error)
        return ""

    def groups(self) -> tuple[GroupKey, ...]:
        """Return the public side of every key, once all dealings are in and verified.

        Raises:
            CryptoError: The dealings add up to what is no key.
        """
        if self._groups is None:
            self._groups = tuple(
                dkg.group_key(setting, self.of_key(position))
                for position, setting in enumerate(self.board.settings())
            )
        return self._groups

    def seen(self) -> tuple[bytes, ...]:
        """Return the hashes of the messages of rounds 1 to 3, by round and index."""
        return tuple(
            self.board.rounds[place][index].digest
            for place in (Round.COMMIT, Round.REVEAL, Round.SHARE)
            for index in self.board.proposal.dealers
        )

    def transcript(self) -> bytes:
        """Return the hash of everything that led to the keys, 32 bytes."""
        fields = (_TRANSCRIPT, self.board.digest, b"".join(self.seen()))
        return hashlib.sha256(b"".join(LP(one) for one in fields)).digest()

    def trial_element(self, group: GroupKey) -> Element:
        """Return the element on which the shares of a key are tried."""
        return hash_to_group(LP(self.transcript()) + LP(group.key_id), _TRIAL)

    def trial_fails(self, index: int) -> bool:
        """Say whether a participant's evaluations do not hold against its public shares."""
        posted = self.board.rounds[Round.TRIAL][index]
        if posted.digest not in self._trial_faults:
            assert isinstance(posted.document, Trial)
            self._trial_faults[posted.digest] = self._trial_fails(index, posted.document)
        return self._trial_faults[posted.digest]

    def _trial_fails(self, index: int, trial: Trial) -> bool:
        quorum = self.board.proposal.receivers
        for group, answer in zip(self.groups(), trial.evaluations, strict=True):
            evaluation = toprf.ShareEvaluation(answer.element, answer.proof)
            try:
                toprf.verify_share(group, quorum, index, self.trial_element(group), evaluation)
            except CryptoError:
                return True
        return False

    def statement(self) -> KeyStatement:
        """Return what all participants sign, once rounds 1 to 3 are in and verified."""
        proposal = self.board.proposal
        return KeyStatement(
            federation_id=proposal.federation_id,
            ceremony=proposal.ceremony,
            proposal=self.board.digest,
            charter_version=proposal.charter_version,
            charter_digest=proposal.charter_digest,
            proposed_at=proposal.proposed_at,
            transcript=self.transcript(),
            threshold=proposal.threshold,
            participants=proposal.participants,
            resharing=proposal.resharing,
            keys=tuple(
                StatedKey(
                    lane=key.lane,
                    cls=key.cls,
                    epoch=key.epoch,
                    key_id=group.key_id,
                    public_key=group.public_key,
                    public_shares=tuple(group.public_shares[i] for i in proposal.receivers),
                )
                for key, group in zip(proposal.keys, self.groups(), strict=True)
            ),
        )
