# SPDX-License-Identifier: Apache-2.0
"""Where the agreements of this member stand, and what they allow now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from federation.agreements import (
    AccessRequest,
    Action,
    AgreementState,
    Clause,
    Consent,
    Grant,
    Revocation,
    Status,
    Terms,
    authorise,
    comparisons,
    explain,
)
from federation.charter import Charter
from federation.errors import AgreementError, CryptoError, MembershipError, PolicyError
from federation.indicators import Kind, Lane, Subject
from federation.member.core import Core
from federation.storage import StoredAgreement, Tx

__all__ = ["AgreementView", "LiveAgreement", "Standing"]


@dataclass(frozen=True, slots=True)
class LiveAgreement:
    """An agreement in force, with the keys to work under it."""

    state: AgreementState
    pair_keys: Mapping[str, tuple[int, bytes]] = field(repr=False)
    """(key version, key) by partner, for partners that are members now and not suspended."""

    @property
    def hash(self) -> bytes:
        """SHA-256 of the terms' payload."""
        return self.state.hash

    @property
    def terms(self) -> Terms:
        """What is agreed."""
        return self.state.terms


@dataclass(frozen=True, slots=True)
class AgreementView:
    """Where an agreement stands, for people."""

    hash: bytes
    terms: Terms
    status: Status
    proposer: str
    signers: frozenset[str]
    missing: frozenset[str]
    ready_with: frozenset[str]
    """Partners with whom a pair key exists."""
    revoked_by: Mapping[str, str]
    """Reason by member."""
    successors: tuple[bytes, ...]
    """Hashes of agreements that replace this one once they are in force."""


class Standing:
    """The agreements that this member knows, read and never changed."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def state(self, tx: Tx, agreement: bytes) -> AgreementState | None:
        """Return what is signed about an agreement, verified.

        Returns:
            None if there is no such agreement here, or a party has left the federation: what it
            signed ends with it.
        """
        stored = tx.agreements.get(agreement)
        return None if stored is None else self._verified(tx, stored)

    def require(self, tx: Tx, agreement: bytes) -> AgreementState:
        """Return what is signed about an agreement, verified.

        Raises:
            AgreementError: There is none, or a party has left the federation.
        """
        state = self.state(tx, agreement)
        if state is None:
            raise AgreementError(
                "there is no such agreement here", next_step="run 'casethread agreement list'"
            )
        return state

    def load(self, tx: Tx, stored: StoredAgreement) -> AgreementState:
        """Verify the signatures of a stored agreement, without regard to others.

        Raises:
            AgreementError: A party has left the federation.
            VerifyError: So have all parties that signed it.
        """
        return AgreementState.load(
            stored.terms, stored.offers, stored.revocations, keys=self.keys(tx)
        )

    def keys(self, tx: Tx) -> dict[str, bytes]:
        """Return the keys whose signatures count: also those of suspended members.

        A suspension stops everything that an agreement allows, and ends nothing.
        """
        members = self._core.require_charter(tx).charter.members
        return {member.id: member.signing_key for member in members}

    def authorise(
        self,
        tx: Tx,
        agreement: bytes,
        request: AccessRequest,
        consent: Consent | None = None,
        *,
        restricted: bool = False,
    ) -> Grant:
        """Allow something under an agreement, now, or refuse it (`federation.agreements`).

        Args:
            tx: The transaction in which it happens.
            agreement: The hash.
            request: What is to happen.
            consent: Of the own case, if it is about a survivor.
            restricted: Whether the own case is kept out of everything.

        Raises:
            PolicyError: Names the clause that denies it.
        """
        return authorise(
            request,
            self.state(tx, agreement),
            consent,
            charter=self._core.require_charter(tx).charter,
            at=self._core.clock(),
            restricted=restricted,
        )

    def explain(
        self, agreement: bytes, request: AccessRequest, consent: Consent | None = None
    ) -> list[Clause]:
        """Say clause by clause whether something may happen now under an agreement."""
        with self._core.store.read() as tx:
            state = self.state(tx, agreement)
            charter = self._core.require_charter(tx).charter
        return explain(request, state, consent, charter=charter, at=self._core.clock())

    def check_comparison(self, tx: Tx, agreement: LiveAgreement, partner: str, lane: Lane) -> None:
        """Refuse to let a partner compare what the agreement lists in a lane, consent apart.

        Args:
            tx: An open transaction.
            agreement: In force, as `live` returns it.
            partner: Who would learn which tokens are held here.
            lane: The lane.

        Raises:
            PolicyError: Names the clause that denies it.
        """
        terms = agreement.terms
        subject = next((one for one in terms.subjects if one.lane is lane), None)
        if subject is None:
            raise AgreementError(f"clause 'lanes': lane {lane.value} is not listed", clause="lanes")
        # Kinds and subjects are filtered by the terms' lists when tokens are read, so any
        # one of them stands for all.
        asked = comparisons(
            terms,
            giver=self._core.me,
            receiver=partner,
            kind=terms.kinds[0],
            subject=subject,
        )
        if not asked:
            raise AgreementError("clause 'purposes': none can be compared for", clause="purposes")
        charter = self._core.require_charter(tx).charter
        for one in asked:
            for clause in explain(
                one, agreement.state, None, charter=charter, at=self._core.clock()
            ):
                # Consent is a case's own, and asked of each token: `allowed`.
                if not clause.allows and clause.name != "consent":
                    raise clause.error()

    def allowed(
        self,
        tx: Tx,
        agreement: LiveAgreement,
        partner: str,
        tokens: Collection[int],
        action: Action = Action.COMPARE,
    ) -> set[int]:
        """Return the tokens about survivors that a partner may compare at this moment.

        A token may be compared if it stands for something in at least one case whose consent
        covers every purpose of the agreement, and the partner.

        Args:
            tx: The transaction in which it happens.
            agreement: In force.
            partner: Who would learn that they are held here.
            tokens: Rows of own tokens in the survivor lane.
            action: To compare, or to release.
        """
        terms = agreement.terms
        charter, at = self._core.require_charter(tx).charter, self._core.clock()
        answers: dict[tuple[int | None, Kind, Subject], bool] = {}
        found = set()
        for one in tx.consents.of_tokens(tokens):
            number = None if one.stored is None else one.stored.number
            key = (number, one.kind, one.subject)
            if key not in answers:
                counts = one.stored is not None and one.stored.counts
                consent = one.stored.consent if one.stored is not None and counts else None
                asked = comparisons(
                    terms,
                    giver=self._core.me,
                    receiver=partner,
                    kind=one.kind,
                    subject=one.subject,
                    action=action,
                )
                answers[key] = bool(asked) and all(
                    _grants(request, agreement.state, consent, charter, at) for request in asked
                )
            if answers[key]:
                found.add(one.token)
        return found

    def compares_with(self, tx: Tx, agreement: LiveAgreement, lane: Lane) -> list[str]:
        """Return the partners to whom tokens of a lane may be sent, ascending."""
        found = []
        for partner in sorted(agreement.pair_keys):
            try:
                self.check_comparison(tx, agreement, partner, lane)
            except PolicyError:
                continue
            found.append(partner)
        return found

    def in_force(self) -> list[LiveAgreement]:
        """Return the agreements in force under which this member can work now."""
        with self._core.store.read() as tx:
            live = [self.live(stored.hash, tx) for stored in tx.agreements.list()]
        return [agreement for agreement in live if agreement is not None and agreement.pair_keys]

    def live(self, agreement: bytes, tx: Tx) -> LiveAgreement | None:
        """Return one agreement if it is in force now, else None."""
        state = self.state(tx, agreement)
        if state is None or state.status(self._core.clock()) is not Status.IN_FORCE:
            return None
        try:
            charter = self._core.require_charter(tx).charter
            state.terms.check_against(charter)
        except (AgreementError, MembershipError):
            return None
        keys = {
            partner: key
            for partner in state.terms.parties
            if partner != self._core.me
            and not charter.member(partner).suspended
            and (key := tx.agreements.pair_key(agreement, partner)) is not None
        }
        return LiveAgreement(state, keys)

    def status(self, tx: Tx, stored: StoredAgreement) -> Status:
        """Say where a stored agreement stands now; it may not have been noticed yet."""
        state = self._verified(tx, stored)
        return Status.REVOKED if state is None else state.status(self._core.clock())

    def views(self) -> list[AgreementView]:
        """Return every agreement that is known here."""
        with self._core.store.read() as tx:
            return [self._view(tx, stored) for stored in tx.agreements.list()]

    def _verified(self, tx: Tx, stored: StoredAgreement) -> AgreementState | None:
        try:
            state = self.load(tx, stored)
        except (AgreementError, CryptoError):
            return None
        later = []
        for successor in tx.agreements.successors(stored.hash):
            try:
                later.append(self.load(tx, successor))
            except (AgreementError, CryptoError):
                continue  # signed by somebody who left: it replaces nothing
        noted = Status(stored.status)
        return state.after(later, ended=noted if noted.ended else None)

    def _view(self, tx: Tx, stored: StoredAgreement) -> AgreementView:
        terms = Terms.from_envelope(stored.terms)
        state = self._verified(tx, stored)
        signers = frozenset[str]() if state is None else state.signers
        revocations = [Revocation.from_envelope(one) for one in stored.revocations]
        return AgreementView(
            hash=stored.hash,
            terms=terms,
            status=self.status(tx, stored),
            proposer=stored.proposer,
            signers=signers,
            missing=frozenset(terms.parties) - signers,
            ready_with=frozenset(
                party
                for party in terms.parties
                if tx.agreements.pair_key(stored.hash, party) is not None
            ),
            revoked_by={one.member: one.reason for one in revocations},
            successors=tuple(one.hash for one in tx.agreements.successors(stored.hash)),
        )


def _grants(
    request: AccessRequest,
    state: AgreementState,
    consent: Consent | None,
    charter: Charter,
    at: datetime,
) -> bool:
    try:
        authorise(request, state, consent, charter=charter, at=at)
    except PolicyError:
        return False
    return True
