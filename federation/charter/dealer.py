# SPDX-License-Identifier: Apache-2.0
"""One participant's own side of a ceremony: its secret polynomials, and what it makes of them.

Who only receives a share in a resharing has no polynomial; its secret is empty but for the
fact that its operator said yes.

All randomness that others hold it to is drawn once, in `Dealer.draw`. After a crash the
same messages come out again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from federation.charter.dealings import Dealings
from federation.charter.faults import delivery_fits
from federation.charter.identity import Identity
from federation.charter.rounds import (
    Abort,
    Commit,
    Dealt,
    Proposal,
    Reason,
    Reveal,
    Round,
    SealedShares,
    ShareDelivery,
    Shares,
    Trial,
    TrialEvaluation,
)
from federation.crypto import dkg, dsse, seal, toprf
from federation.crypto.dkg import Dealing, PublicDealing
from federation.crypto.encoding import LP, U16
from federation.crypto.scalars import SCALAR_LENGTH, Scalar, validate_scalar
from federation.crypto.setting import Setting
from federation.crypto.shares import KeyShare, Polynomial, commit
from federation.documents import open_envelope, sign
from federation.errors import CasethreadError, CeremonyError, MalformedError

__all__ = ["BadDeliveryError", "Dealer"]

_LABEL = b"ct/v1/ceremony-secret"
_SEALED = b"ct/v1/ceremony-share"


class BadDeliveryError(Exception):
    """What a dealer sent cannot be used; carries the abort that says so."""

    def __init__(self, abort: Abort) -> None:
        super().__init__(abort.reason.value)
        self.abort = abort


@dataclass(slots=True, repr=False, eq=False)
class Dealer:
    """A participant that has accepted."""

    identity: Identity
    index: int
    dealings: Dealings
    own: tuple[Dealing, ...]
    """For each key; empty for who only receives."""

    @classmethod
    def draw(
        cls,
        identity: Identity,
        index: int,
        dealings: Dealings,
        held: Mapping[bytes, KeyShare],
    ) -> "Dealer":
        """Draw polynomials and proofs for all keys.

        Args:
            identity: The own keys.
            index: The own index.
            dealings: The ceremony's messages.
            held: The shares to deal anew, by key id; empty where keys are made.

        Raises:
            CeremonyError: A share is missing.
            GenerationError: A share is of another generation or index than the proposal's.
        """
        if index not in dealings.board.proposal.dealers:
            return cls(identity, index, dealings, ())
        own = []
        for setting in dealings.board.settings():
            share = None
            if setting.previous is not None:
                share = held.get(setting.previous.key_id)
                if share is None:
                    raise CeremonyError(
                        "this custodian has no share to deal",
                        [identity.member_id],
                        next_step="start a ceremony in which others deal (--dealer)",
                    )
            own.append(dkg.deal(setting, index, share))
        return cls(identity, index, dealings, tuple(own))

    def to_bytes(self) -> bytes:
        """Return the secret, to be wrapped at rest and erased when the shares are stored."""
        scalars = b"".join(
            b"".join(dealing.polynomial.coefficients) + dealing.public.proof for dealing in self.own
        )
        return LP(_LABEL) + self.dealings.board.digest + U16(self.index) + scalars

    @classmethod
    def from_bytes(cls, identity: Identity, index: int, dealings: Dealings, raw: bytes) -> "Dealer":
        """Restore what `to_bytes` gave.

        Raises:
            MalformedError: It is something else, or of another ceremony.
        """
        proposal = dealings.board.proposal
        head = LP(_LABEL) + dealings.board.digest + U16(index)
        size = SCALAR_LENGTH * proposal.threshold + dkg.PROOF_LENGTH
        body = raw[len(head) :]
        dealt = len(proposal.keys) if index in proposal.dealers else 0
        if raw[: len(head)] != head or len(body) != size * dealt:
            raise MalformedError("not the secret of this ceremony")
        own = []
        for at in range(0, len(body), size):
            piece = body[at : at + size]
            polynomial = Polynomial(
                tuple(
                    validate_scalar(piece[SCALAR_LENGTH * j : SCALAR_LENGTH * (j + 1)])
                    for j in range(proposal.threshold)
                )
            )
            proof = piece[-dkg.PROOF_LENGTH :]
            own.append(Dealing(polynomial, PublicDealing(index, commit(polynomial), proof)))
        return cls(identity, index, dealings, tuple(own))

    @property
    def _settings(self) -> tuple[Setting, ...]:
        return self.dealings.board.settings()

    @property
    def _proposal(self) -> Proposal:
        return self.dealings.board.proposal

    def commit(self) -> Commit:
        """Make the message of round 1."""
        return Commit(
            proposal=self.dealings.board.digest,
            index=self.index,
            hashes=tuple(
                dkg.commitment_hash(setting, dealing.public)
                for setting, dealing in zip(self._settings, self.own, strict=True)
            ),
        )

    def reveal(self) -> Reveal:
        """Make the message of round 2."""
        return Reveal(
            proposal=self.dealings.board.digest,
            index=self.index,
            dealings=tuple(
                Dealt(commitments=dealing.public.commitments, proof=dealing.public.proof)
                for dealing in self.own
            ),
        )

    def shares(self) -> Shares:
        """Make the message of round 3. Sealing is random: what was sent once is kept."""
        sealed = []
        receivers = set(self._proposal.receivers) - {self.index}
        for participant in self._proposal.participants:
            if participant.index not in receivers:
                continue
            delivery = ShareDelivery(
                proposal=self.dealings.board.digest,
                index=self.index,
                recipient=participant.index,
                shares=self._shares_for(participant.index),
            )
            envelope = sign(delivery, self.identity.member_id, self.identity.signing)
            context = self._context(self.index, participant.index)
            ciphertext = seal.seal(participant.sealing_key, dsse.encode(envelope), context)
            sealed.append(SealedShares(recipient=participant.index, ciphertext=ciphertext))
        return Shares(proposal=self.dealings.board.digest, index=self.index, sealed=tuple(sealed))

    def _shares_for(self, recipient: int) -> tuple[Scalar, ...]:
        return tuple(
            dkg.share_for(setting, dealing, recipient)
            for setting, dealing in zip(self._settings, self.own, strict=True)
        )

    def _context(self, dealer: int, recipient: int) -> bytes:
        return _SEALED + LP(self.dealings.board.digest) + U16(dealer) + U16(recipient)

    def _receive(self, dealer: int) -> tuple[Scalar, ...]:
        board = self.dealings.board
        posted = board.rounds[Round.SHARE][dealer].document
        assert isinstance(posted, Shares)
        ciphertext = next(one.ciphertext for one in posted.sealed if one.recipient == self.index)
        member = board.member(dealer)
        signer = self._proposal.participant(member)
        assert signer is not None
        context = self._context(dealer, self.index)
        try:
            envelope = seal.open_sealed(self.identity.sealing_secret, ciphertext, context)
            delivery = open_envelope(ShareDelivery, envelope, {member: signer.signing_key}, 1)
            addressed = (delivery.proposal, delivery.index, delivery.recipient)
            if addressed != (board.digest, dealer, self.index):
                raise MalformedError("the shares are meant for another")
        except CasethreadError:
            raise BadDeliveryError(self.abort(Reason.UNDECRYPTABLE, dealer)) from None
        if not delivery_fits(self.dealings, delivery):
            raise BadDeliveryError(self.abort(Reason.BAD_SHARE, dealer, envelope))
        return delivery.shares

    def abort(
        self, reason: Reason, dealer: int | None = None, evidence: bytes | None = None
    ) -> Abort:
        """Make the message that stops the ceremony."""
        return Abort(
            proposal=self.dealings.board.digest,
            index=self.index,
            reason=reason,
            dealer=dealer,
            evidence=evidence,
        )

    def key_shares(self) -> tuple[KeyShare, ...]:
        """Open what was dealt to this participant and add it up.

        Returns:
            The share of each key.

        Raises:
            BadDeliveryError: A dealer's shares do not open, or do not fit.
        """
        received = {
            dealer: self._shares_for(dealer) if dealer == self.index else self._receive(dealer)
            for dealer in self._proposal.dealers
        }
        return tuple(
            dkg.assemble(
                setting,
                self.index,
                self.dealings.of_key(position),
                {dealer: shares[position] for dealer, shares in received.items()},
            )[0]
            for position, setting in enumerate(self._settings)
        )

    def trial(self) -> Trial:
        """Make the message of round 4.

        Raises:
            BadDeliveryError: A dealer's shares do not open, or do not fit.
        """
        evaluations = []
        for share, group in zip(self.key_shares(), self.dealings.groups(), strict=True):
            answer = toprf.evaluate(
                share,
                self._proposal.receivers,
                self.dealings.trial_element(group),
                group.key_id,
                group.generation,
                prove=True,
            )
            assert answer.proof is not None
            evaluations.append(TrialEvaluation(element=answer.elements, proof=answer.proof))
        return Trial(
            proposal=self.dealings.board.digest,
            index=self.index,
            seen=self.dealings.seen(),
            evaluations=tuple(evaluations),
        )
