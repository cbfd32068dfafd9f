# SPDX-License-Identifier: Apache-2.0
"""One organisation in a federation: everything it does with its own cases and its peers."""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any, Final, TypeVar, cast

from federation.agreements import AccessRequest, Clause, Consent, Terms
from federation.audit import OPERATOR, Actor, Event, StaffRole
from federation.charter import Applicant, Charter, Identity
from federation.disclosure import (
    DisclosureAnswer,
    DisclosureRequest,
    Referral,
    ReferralAnswer,
    ReferralRecall,
)
from federation.errors import (
    CasethreadError,
    CharterExpiredError,
    ConfigurationError,
    MalformedError,
)
from federation.indicators import Case, Screen
from federation.letters import Retraction
from federation.matching.threads import ThreadRules
from federation.member.admission import Admission
from federation.member.answering import Answerer
from federation.member.casework import Casework, ImportResult, Match
from federation.member.ceremonies import Ceremonies
from federation.member.ceremony_view import CeremonyView
from federation.member.consents import Consents
from federation.member.contracts import Contracts
from federation.member.core import Core, InForce
from federation.member.correspondence import Correspondence
from federation.member.deciding import Deciding, Verdicts
from federation.member.disclosing import Disclosing
from federation.member.evaluating import Evaluator
from federation.member.evidence import Gatherer
from federation.member.granting import GrantRequest, GrantView
from federation.member.imports import Imports
from federation.member.membership import Membership, Proposal
from federation.member.planning import CeremonyPlan
from federation.member.ports import Clock, Connect, Log, MatchDecisions, Silent
from federation.member.publishing import EVERY, Publisher
from federation.member.recordkeeping import RecordKeeper
from federation.member.referred import Referred
from federation.member.referring import Referring
from federation.member.requesting import Requesting
from federation.member.retracting import Retracting
from federation.member.screening import Screening
from federation.member.sending import Sender, SendReport
from federation.member.sign_in import SignIns
from federation.member.staff import Staff
from federation.member.standing import AgreementView, Standing
from federation.member.thread_view import OverCommon, Thread, ThreadSummary
from federation.member.threads import Threads
from federation.member.tokenising import Tokeniser, TokeniseReport
from federation.member.weaving import Weaver
from federation.member.witnessing import Witness
from federation.messages import (
    ConfirmMatches,
    DeliverLetter,
    Evaluate,
    OpenSession,
    PutTags,
    Request,
    SyncAgreement,
    SyncCeremony,
    SyncCharter,
    WitnessCheckpoint,
)
from federation.storage import NotTokenised, Store, StoredImport, UndoStep
from federation.storage.matches import MatchStatus
from federation.tokens import Compute, InProcess

__all__ = ["Member", "SyncReport"]

R = TypeVar("R")
Handler = Callable[[str, Any], object]

ANSWER_WITHIN: Final = timedelta(days=14)


class SyncReport:
    """What one synchronisation did."""

    def __init__(self, tokens: TokeniseReport, sent: SendReport) -> None:
        self.tokens = tokens
        """Tokens made."""
        self.sent = sent
        """Buckets sent, matches found, partners that failed."""


class Member:
    """One organisation's protocol runs.

    The node, the demo, `federation.testing` and the tests all run this class; they
    differ in the ports they hand in. Each protocol has its module beside this one;
    here stand the verbs.
    """

    def __init__(
        self,
        identity: Identity,
        store: Store,
        *,
        clock: Clock,
        connect: Connect,
        screen: Callable[[], Screen] = Screen,
        log: Log | None = None,
        compute: Compute | None = None,
        strong_roles: Collection[StaffRole] = (),
        checkpoint_every: timedelta = EVERY,
        thread_rules: ThreadRules | None = None,
        match_decisions: MatchDecisions | None = None,
        answer_within: timedelta = ANSWER_WITHIN,
    ) -> None:
        """Put a member together.

        Args:
            identity: Its secret keys.
            store: Its database.
            clock: Returns now, aware, UTC.
            connect: Returns a peer for a member of the charter.
            screen: Returns what is never to become a token, as it stands now; it may raise a
                ConfigurationError. The built-in lists without.
            log: Where to say what happened; silent without.
            compute: Does the arithmetic of large batches; this process without.
            strong_roles: Roles that people have only after a sign-in with a second factor.
            checkpoint_every: Time between two checkpoints of the record; a whole part of a day.
            thread_rules: When a value is too common to tie cases; the usual ones without.
            match_decisions: What people decided about matches; as kept here without.
            answer_within: How long a request for disclosure waits for people, here and there.
        """
        core = Core(
            identity=identity,
            store=store,
            clock=lambda: clock().replace(microsecond=0),
            connect=connect,
            screen=screen,
            log=Silent() if log is None else log,
            compute=InProcess() if compute is None else compute,
            strong_roles=frozenset(strong_roles),
        )
        self._core = core
        self._membership = Membership(core)
        self._ceremonies = Ceremonies(core, self._membership)
        self._standing = Standing(core)
        self._contracts = Contracts(core, self._standing)
        self._cases = Casework(core, self._standing)
        self._imports = Imports(core, self._cases)
        self.deciding = Deciding(core)
        """What people decide about matches."""
        self.consents = Consents(core, self._standing)
        """What survivors allowed."""
        self.admission = Admission(core, self._membership)
        self.screening = Screening(core)
        self._evaluator = Evaluator(core)
        self._tokeniser = Tokeniser(core, self._evaluator, self.consents)
        self._sender = Sender(core, self._standing)
        self._answerer = Answerer(core, self._standing)
        self._letters = Correspondence(core)
        self.requests = Requesting(core, self._standing, answer_within)
        """Asking partners for disclosures, and reading what they let go."""
        self.disclosures = Disclosing(core, self._standing, answer_within)
        """Answering what partners ask."""
        self._letters.on(DisclosureRequest, self.disclosures.take)
        self._letters.on(DisclosureAnswer, self.requests.take)
        core.on_erase.append(self.disclosures.erase)
        self._letters.guard(DisclosureAnswer, self.disclosures.may_leave)
        self.referrals = Referring(core, self._standing, answer_within)
        """Referring survivors to partners."""
        self.referred = Referred(core, self._standing)
        """Survivors whom partners refer to this member."""
        self._letters.on(Referral, self.referred.take)
        self._letters.on(ReferralAnswer, self.referrals.take)
        self._letters.on(ReferralRecall, self.referred.take_back)
        self._letters.guard(Referral, self.referrals.may_leave)
        self.retracting = Retracting(core)
        """Matches that ended, and who was told."""
        self._letters.on(Retraction, self.retracting.take)
        self._letters.after(Retraction, self.retracting.told)
        self.staff = Staff(core)
        """The accounts of the organisation's people."""
        self.sign_ins = SignIns(core)
        """Their sessions."""
        self._publisher = Publisher(core, checkpoint_every)
        self.record = RecordKeeper(core, self._publisher, Gatherer(core, self._letters))
        self._weaver = Weaver(core, thread_rules or ThreadRules(), match_decisions or Verdicts())
        self._threads = Threads(core, self._weaver)
        self._handlers: dict[type[Request[Any]], Handler] = {
            SyncCharter: self._membership.handle,
            SyncCeremony: self._ceremonies.handle,
            SyncAgreement: self._contracts.handle,
            Evaluate: self._evaluator.handle,
            OpenSession: self._answerer.open,
            PutTags: self._answerer.put_tags,
            ConfirmMatches: self._answerer.confirm,
            DeliverLetter: self._letters.handle,
            WitnessCheckpoint: Witness(core).handle,
        }

    @property
    def id(self) -> str:
        """The member id."""
        return self._core.me

    @property
    def in_force(self) -> InForce | None:
        """The charter in force here with its digest, or None before the first."""
        return self._core.in_force()

    def require_charter(self) -> Charter:
        """Return the charter in force.

        Raises:
            ConfigurationError: This node is in no federation yet.
            CharterExpiredError: The charter and its grace period are over.
        """
        return self._core.require_charter().charter

    def charter_state(self) -> tuple[int, bytes]:
        """Return version and digest of the charter in force; (0, 32 zero bytes) without."""
        return self.admission.charter_state()

    # Founding and the charter

    def draft(self) -> Charter | None:
        """Return the draft of the first charter, at the founder that collects members."""
        return self._membership.founding.draft()

    def put_draft(self, charter: Charter) -> None:
        """Keep a new state of the draft (`federation.charter.found`, `with_member`).

        Raises:
            ConfigurationError: This node belongs to a federation already.
        """
        self._membership.founding.put_draft(charter)

    def await_charter(self, inviter: Applicant, pinned: tuple[int, bytes] | None = None) -> None:
        """Remember who invited this node, until it holds a charter.

        Args:
            inviter: From the invitation whose eight words a person compared.
            pinned: Version and digest of the charter in the invitation, if it had one.
        """
        self._membership.founding.await_charter(inviter, pinned)

    def propose_charter(self, charter: Charter, by: Actor = OPERATOR) -> bytes:
        """Sign a charter as a steward and offer it to the others; return its digest.

        Raises:
            MembershipError: It may not follow the charter in force, or this is no steward.
        """
        return self._membership.propose(charter, by)

    def proposals(self) -> list[Proposal]:
        """Return the charters that gather signatures."""
        return self._membership.proposals()

    def sign_charter(self, digest: bytes, by: Actor = OPERATOR) -> None:
        """Add the own steward's signature to a proposal that a person has read.

        Raises:
            MembershipError: There is no such proposal, or the signature does not count.
            CeremonyError: The proposal lists other keys than this custodian made.
        """
        self._ceremonies.check_keys(digest)
        self._membership.sign(digest, by)

    def withdraw_charter(self, digest: bytes) -> None:
        """Give a proposal up, so that this steward can sign another charter of its version.

        Raises:
            MembershipError: There is no such proposal here.
        """
        self._membership.withdraw(digest)

    def has_promised(self) -> bool:
        """Say whether this steward has signed a charter that may still become the next version."""
        return self._membership.has_promised()

    # Keys

    def start_ceremony(
        self,
        threshold: int | None = None,
        *,
        plan: CeremonyPlan | None = None,
        by: Actor = OPERATOR,
    ) -> bytes:
        """Propose to make a new epoch of all keys, or to reshare; return the ceremony's id.

        Args:
            threshold: Shares that an evaluation takes; a majority without.
            plan: For everything else that can be asked for; in place of the threshold.
            by: Who proposes it.

        Raises:
            MembershipError: This member is no custodian, or there are fewer than two.
            CeremonyError: The resharing does not fit the keys in force.
        """
        return self._ceremonies.start(plan or CeremonyPlan(threshold=threshold), by)

    def accept_ceremony(self, ceremony_id: bytes, by: Actor = OPERATOR) -> None:
        """Give the operator's yes to a ceremony.

        Raises:
            CeremonyError: There is no such ceremony, or it is over.
        """
        self._ceremonies.accept(ceremony_id, by)

    def ceremonies(self) -> list[CeremonyView]:
        """Return where each known ceremony stands."""
        return self._ceremonies.views()

    # Bulk grants

    def propose_grant(self, request: GrantRequest, by: Actor = OPERATOR) -> bytes:
        """Sign a bulk grant as a custodian and offer it to the others; return its digest.

        Raises:
            PolicyError: The charter does not allow it, or there is an open one already.
            MembershipError: This member's signature would not count.
        """
        return self._membership.grants.propose(request, by)

    def sign_grant(self, digest: bytes, by: Actor = OPERATOR) -> None:
        """Add the own signature to a bulk grant that a person has read.

        Raises:
            PolicyError: The charter does not allow it (any more).
            MembershipError: There is no such grant, or the signature does not count.
        """
        self._membership.grants.sign(digest, by)

    def grants(self) -> list[GrantView]:
        """Return every bulk grant that is remembered here, whoever it is for."""
        return self._membership.grants.views()

    # Agreements

    def propose_agreement(self, terms: Terms, *, by: Actor = OPERATOR) -> bytes:
        """Sign terms and offer them to the other parties; return their hash.

        Raises:
            AgreementError: The federation does not allow these terms.
            PolicyError: Who proposes may not.
        """
        return self._contracts.propose(terms, by=by)

    def sign_agreement(self, agreement: bytes, *, by: Actor = OPERATOR) -> None:
        """Sign terms that a person has read.

        Raises:
            AgreementError: There is no such proposal, or it cannot be signed (any more).
            PolicyError: Who signs may not.
        """
        self._contracts.sign(agreement, by=by)

    def revoke_agreement(self, agreement: bytes, reason: str, *, by: Actor = OPERATOR) -> None:
        """End an agreement; its keys are erased here at once.

        Raises:
            AgreementError: There is no such agreement.
            PolicyError: Who ends it may not.
        """
        self._contracts.revoke(agreement, reason, by=by)

    def agreements(self) -> list[AgreementView]:
        """Return where each known agreement stands."""
        return self._standing.views()

    def explain(
        self, agreement: bytes, request: AccessRequest, consent: Consent | None = None
    ) -> list[Clause]:
        """Say clause by clause whether something may happen now under an agreement."""
        return self._standing.explain(agreement, request, consent)

    # Every day

    def handle(self, sender: str, request: Request[R]) -> R:
        """Answer a peer.

        Args:
            sender: Who asks, authenticated by the transport.
            request: What it asks.

        Returns:
            The reply that belongs to the request.

        Raises:
            CasethreadError: Why not; the transport tells the peer what it may know.
        """
        handler = self._handlers.get(type(request))
        if handler is None:
            raise MalformedError("there is no such request")
        return cast("R", handler(sender, request))

    def put_cases(
        self,
        cases: Iterable[Case],
        *,
        source: str = "api",
        run: str = "",
        keep: bool = False,
        by: Actor = OPERATOR,
    ) -> ImportResult:
        """Take in cases; the same case again changes nothing, a changed one replaces the old.

        Args:
            cases: Cases of the own organisation.
            source: Where they come from; a case is keyed by source and id.
            run: Name of the import, for people.
            keep: Keep what is replaced, so that `undo_import` can bring it back; ``run`` is
                the number of a begun import.
            by: Who brings them.
        """
        self.screening.begin()
        return self._cases.put(cases, source=source, run=run, keep=keep, by=by)

    def remove_missing(self, begun: StoredImport, by: Actor = OPERATOR) -> int:
        """Remove the cases of its source that an import did not bring; return how many."""
        return self._imports.remove_missing(begun, by)

    def undo_import(self, number: int, by: Actor = OPERATOR) -> UndoStep:
        """Take an import back: what it brought goes, what it replaced returns.

        Raises:
            InputError: There is no such import, or it cannot be taken back (any more).
        """
        return self._imports.undo(number, by)

    def tokenise(self, progress: Callable[[int], None] | None = None) -> TokeniseReport:
        """Turn what waits into tokens, with the custodians' help.

        Args:
            progress: Called with the number of tokens made so far.

        Raises:
            ConfigurationError: The own screening list cannot be read.
            QuorumError: Too few custodians answered honestly.
            QuotaError: The budget is spent; what is done is done, the rest waits.
        """
        self.screening.refresh()
        self.consents.settle()
        return self._tokeniser.run(progress)

    def sync(self, progress: Callable[[int], None] | None = None) -> SyncReport:
        """Fetch news of charter and agreements, tokenise, exchange with every partner.

        Raises:
            CasethreadError: Tokenising could not go on. Tokens made before are exchanged first.
        """
        self._tidy()
        # Not caught: what the lists keep out now must not be sent to anybody.
        self.screening.refresh()
        self.consents.settle()
        self._membership.poll()
        self._contracts.drive()
        # What ended is told first: until then the same is not compared again.
        self.retracting.settle()
        self._letters.drive()
        failure: CasethreadError | None = None
        tokens = TokeniseReport()
        try:
            tokens = self._tokeniser.run(progress)
        except CasethreadError as error:
            failure = error
        sent = self._sender.send_all()
        for part in (self.disclosures, self.requests, self.referrals, self.referred):
            part.tidy()
        self._letters.drive()
        self._publisher.drive()
        self._weaver.catch_up()
        if failure is not None:
            raise failure
        return SyncReport(tokens, sent)

    def _tidy(self) -> None:
        """Forget what is over: nonces, charges, sessions, answers that nobody confirmed."""
        at = self._core.clock()
        with self._core.store.write() as tx:
            tx.nonces.prune(at)
            tx.quota.prune(at)
            tx.grants.prune(at)
            tx.exchange.prune(at)
            tx.matches.expire(at)
            tx.retractions.prune()
            tx.imports.prune(at)
            tx.decisions.prune()
            tx.staff_sessions.prune(at)
            tx.threads.prune(at)
            tx.verdicts.prune(at)
        self.sign_ins.settle()

    def drive(self) -> bool:
        """Move proposals, ceremonies, agreements, letters and the record one round on.

        Returns:
            Whether something still waits for a peer, so that driving again soon is worth it.
        """
        waiting = self._membership.drive()
        try:
            self._core.require_charter()
        except (ConfigurationError, CharterExpiredError):
            return waiting  # before the first charter, and after the last, of charters only
        for part in (self.disclosures, self.requests, self.referrals, self.referred):
            part.tidy()
        self.retracting.settle()
        waiting |= self._ceremonies.drive() | self._contracts.drive() | self._letters.drive()
        return waiting | self._publisher.drive()

    def matches(
        self, *, status: MatchStatus | None = MatchStatus.PROVEN, by: Actor = OPERATOR
    ) -> list[Match]:
        """Return one row per match and own observation; the record counts who looked.

        Args:
            status: Only matches that have come this far; all for None.
            by: Who looks.
        """
        self.record.looked(Event.MATCH_READ, by)
        return self._cases.matches(status=status)

    def threads(self) -> list[ThreadSummary]:
        """Return the threads that own cases make, widest reach first."""
        return self._threads.list()

    def newest_threads(self, skip: int, limit: int) -> tuple[list[ThreadSummary], int]:
        """Return some threads, those with the last news first, and how many there are in all."""
        return self._threads.newest(skip, limit)

    def thread_page(self, after: int, limit: int) -> tuple[list[ThreadSummary], int]:
        """Return some threads in the order of their last news, and where to go on from."""
        return self._threads.page(after, limit)

    def thread(self, mark: str, by: Actor = OPERATOR) -> Thread:
        """Return one thread, by its id or by the mark of a case in it; both may be cut short.

        Raises:
            InputError: No single thread has it.
        """
        return self._threads.get(mark, by)

    def split(self, one: str, other: str, by: Actor = OPERATOR) -> None:
        """Put two cases of a thread apart, by their marks; it holds when a case comes again.

        Raises:
            InputError: There are no such cases, or they are not in one thread.
        """
        self._threads.split(one, other, by)

    def rejoin(self, one: str, other: str, by: Actor = OPERATOR) -> None:
        """Undo a split.

        Raises:
            InputError: Nobody put these two cases apart.
        """
        self._threads.rejoin(one, other, by)

    def over_common(self) -> list[OverCommon]:
        """Return the values that tie no cases, because too many hold them."""
        return self._threads.commons()

    def release(self, match: bytes, by: Actor = OPERATOR) -> None:
        """Let a held match go to the partner.

        Raises:
            MembershipError: There is no held match with this UUID.
        """
        self._cases.release(match, by)

    def forget(self, case_id: str, *, source: str | None = None, by: Actor = OPERATOR) -> int:
        """Delete a case with its observations, tokens and matches; return how many there were."""
        return self._cases.forget(case_id, source=source, by=by)

    def not_tokenised(self) -> list[NotTokenised]:
        """Return every observation that takes no part in matching, and why."""
        return self._cases.not_tokenised()
