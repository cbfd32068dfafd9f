# SPDX-License-Identifier: Apache-2.0
"""All messages of one ceremony, each checked for its signer, round and form.

The board keeps the first message of each participant and round, and remembers who sent a
second one. What the messages say is judged in `federation.charter.faults`.
"""

from dataclasses import dataclass, field

from federation.charter.keys import KeyStatement
from federation.charter.rounds import (
    Abort,
    Commit,
    Proposal,
    Reveal,
    Round,
    RoundMessage,
    Shares,
    Trial,
)
from federation.crypto import dsse
from federation.crypto.setting import Setting
from federation.documents import Document, digest, open_envelope
from federation.errors import CeremonyError, MalformedError, VerifyError

__all__ = ["Board", "Posted"]

_TYPES: dict[str, type[Document]] = {
    cls.TYPE: cls for cls in (Commit, Reveal, Shares, Trial, KeyStatement, Abort)
}
_ROUNDS: dict[type[Document], Round] = {
    Commit: Round.COMMIT,
    Reveal: Round.REVEAL,
    Shares: Round.SHARE,
    Trial: Round.TRIAL,
    KeyStatement: Round.SIGN,
}


@dataclass(frozen=True, slots=True)
class Posted:
    """A message on the board."""

    document: Document
    digest: bytes
    """SHA-256 of its payload."""
    envelope: dsse.Envelope


@dataclass(slots=True)
class Board:
    """The messages of one ceremony."""

    proposal: Proposal
    digest: bytes
    """SHA-256 of the proposal's payload."""
    rounds: dict[Round, dict[int, Posted]] = field(
        default_factory=lambda: {one: {} for one in Round}
    )
    """By round and index, the first that arrived."""
    aborts: dict[int, Posted] = field(default_factory=dict)
    doubles: dict[tuple[Round, int], Posted] = field(default_factory=dict)
    """A second, different message for one round: its signer equivocates."""

    def post(self, envelope: bytes) -> bool:
        """Check a message and put it up.

        Args:
            envelope: The message as it came.

        Returns:
            True if it is new. Further copies, and third versions, are not.

        Raises:
            MalformedError: It is no message of this ceremony.
            VerifyError: Its signature does not hold.
            CeremonyError: A participant signed something that breaks the round's form.
        """
        opened = self._decode(envelope)
        cls = _TYPES.get(opened.payload_type)
        if cls is None:
            raise MalformedError("not a message of a ceremony")
        member = opened.signatures[0].keyid
        signer = self.proposal.participant(member)
        if signer is None:
            raise VerifyError("the signer does not take part in the ceremony")
        dsse.verify(opened, {member: signer.signing_key}, 1, cls.TYPE)
        try:
            document = open_envelope(cls, opened, {member: signer.signing_key}, 1)
            self._check_form(document, signer.index)
        except MalformedError as error:
            raise CeremonyError("a signed message breaks the round's form", [member]) from error
        return self._keep(signer.index, Posted(document, digest(opened.payload), opened))

    @staticmethod
    def _decode(envelope: bytes) -> dsse.Envelope:
        opened = Shares.decode_envelope(envelope)
        if len(opened.signatures) != 1:
            raise MalformedError("a message of a ceremony carries one signature")
        return opened

    def _keep(self, index: int, posted: Posted) -> bool:
        document = posted.document
        if isinstance(document, Abort):
            return self.aborts.setdefault(index, posted) is posted
        place = _ROUNDS[type(document)]
        first = self.rounds[place].setdefault(index, posted)
        if first is posted:
            return True
        if first.digest == posted.digest:
            return False
        second = self.doubles.setdefault((place, index), posted)
        return second is posted

    def _check_form(self, document: Document, index: int) -> None:
        if not isinstance(document, RoundMessage | KeyStatement):
            raise MalformedError("not a message of a ceremony")
        if document.proposal != self.digest:
            raise MalformedError("the message is of another ceremony")
        if not isinstance(document, Abort) and index not in self.expected(_ROUNDS[type(document)]):
            raise MalformedError("the signer has nothing to say in this round")
        if isinstance(document, KeyStatement):
            return
        if document.index != index:
            raise MalformedError("the message names another participant than its signer")
        if not self._fits(document, index):
            raise MalformedError("the message does not fit the proposal")

    def _fits(self, document: RoundMessage, index: int) -> bool:
        proposal = self.proposal
        keys = len(proposal.keys)
        if isinstance(document, Commit):
            return len(document.hashes) == keys
        if isinstance(document, Reveal):
            return len(document.dealings) == keys
        if isinstance(document, Shares):
            others = [one for one in proposal.receivers if one != index]
            return [sealed.recipient for sealed in document.sealed] == others
        if isinstance(document, Trial):
            seen = 3 * len(proposal.dealers)
            return len(document.evaluations) == keys and len(document.seen) == seen
        assert isinstance(document, Abort)
        return document.dealer is None or document.dealer in proposal.dealers

    def expected(self, place: Round) -> tuple[int, ...]:
        """Return who speaks in a round, by index, ascending."""
        match place:
            case Round.COMMIT | Round.REVEAL | Round.SHARE:
                return self.proposal.dealers
            case Round.TRIAL:
                return self.proposal.receivers
            case Round.SIGN:
                return self.proposal.indices

    def complete(self, place: Round) -> bool:
        """Say whether a round's messages are all in."""
        return len(self.rounds[place]) == len(self.expected(place))

    def missing(self, place: Round) -> frozenset[str]:
        """Return the members whose message of a round is not in."""
        posted = self.rounds[place]
        return frozenset(self.member(one) for one in self.expected(place) if one not in posted)

    def member(self, index: int) -> str:
        """Return the member with an index."""
        return next(one.member for one in self.proposal.participants if one.index == index)

    def settings(self) -> tuple[Setting, ...]:
        """Return the frame of each key's generation."""
        proposal = self.proposal
        return tuple(
            Setting(
                ceremony_id=proposal.ceremony,
                lane=key.lane.value,
                key_class=key.cls.value,
                epoch=key.epoch,
                threshold=proposal.threshold,
                participants=proposal.receivers,
                # The proposal names members, indices and keys of all participants.
                participants_hash=self.digest,
                previous=proposal.old_group(position),
                old_dealers=() if proposal.resharing is None else proposal.dealers,
            )
            for position, key in enumerate(proposal.keys)
        )
