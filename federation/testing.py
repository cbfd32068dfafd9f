# SPDX-License-Identifier: Apache-2.0
"""A whole federation in memory, for our tests and for yours.

::

    with Federation("hope", "amparo", "licht") as fed:
        fed.agree("hope", "amparo", kinds={Kind.PHONE})
        fed["hope"].put_cases([...])
        fed.sync()
        fed["hope"].matches()

The members are the real ones (`federation.member.Member`), each with a database of its
own, and their messages are really encoded, signed, verified and decoded: only the sockets are
missing. Time stands still until `Clock.advance`. What happens, in which order, and which
messages get lost depends on nothing but the seed; keys and blinds are as random as ever.
"""

import random
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from federation.agreements import EuropolCode, MatchBudget, Purpose, Terms
from federation.audit import Actor, StaffRole
from federation.charter import Applicant, Identity, Role, Rules, found
from federation.crypto.password import decoy
from federation.errors import (
    AuthenticationError,
    CasethreadError,
    CharterConflictError,
    PeerUnreachableError,
)
from federation.indicators import Kind, Lane, Screen, Subject
from federation.member import Log, Member
from federation.messages import Request, SyncCharter
from federation.staff import Account, SessionKind, SessionToken
from federation.storage import AtRest, Store
from federation.wire.catalogue import row_of
from federation.wire.header import sign_reply, sign_request, verify_reply, verify_request
from federation.wire.methods import METHODS, decode, decode_reply, encode, encode_reply, method_of

__all__ = ["Call", "Clock", "Faults", "Federation", "MemoryPeer", "make_applicant"]

R = TypeVar("R")

_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_CHARTERS = METHODS[SyncCharter].path
_NETWORK_SUBJECTS = frozenset(subject for subject in Subject if subject.lane is Lane.NETWORK)


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self, start: datetime = _START) -> None:
        """Stop at a time.

        Args:
            start: Aware, UTC.
        """
        self.now = start

    def __call__(self) -> datetime:
        """Return the current time."""
        return self.now

    def advance(self, **by: float) -> None:
        """Move on, in the words of `datetime.timedelta`: ``advance(days=1)``."""
        self.now += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Call:
    """One message and its reply as they crossed the wire."""

    sender: str
    recipient: str
    path: str
    request: bytes = field(repr=False)
    reply: bytes = field(repr=False)


@dataclass(slots=True)
class Faults:
    """What goes wrong between members; drawn from the federation's seed."""

    down: set[str] = field(default_factory=set)
    """Members that nobody reaches."""
    lose_request: float = 0.0
    """Probability that a request never arrives."""
    lose_reply: float = 0.0
    """Probability that a request is handled, and its reply lost: the caller knows nothing."""
    tamper: Callable[[str, Request[Any], Any], Any] | None = None
    """``tamper(recipient, request, reply)`` returns what a dishonest recipient replies."""


class MemoryPeer:
    """A peer whose messages are encoded, signed and verified, but travel by function call."""

    def __init__(self, federation: "Federation", caller: str, recipient: str) -> None:
        self._federation = federation
        self._caller = caller
        self._recipient = recipient

    def call(self, request: Request[R], *, timeout: float = 30.0) -> R:
        """Ask the recipient (`federation.member.Peer`)."""
        del timeout
        fed = self._federation
        fed.lose(self._recipient, fed.faults.lose_request)
        body = encode(request)
        caller, recipient = fed.seats[self._caller], fed.seats[self._recipient]
        path = method_of(request).path
        version, digest = caller.member.charter_state()
        header = sign_request(
            caller.identity,
            method=path,
            recipient=self._recipient,
            body=body,
            request_id=secrets.token_bytes(16),
            charter_version=version,
            charter_digest=digest,
            at=fed.clock(),
        )
        try:
            reply_header, reply_body = recipient.serve(path, body, header, caller, fed)
        except CasethreadError as error:
            recipient.member.record.refused(self._caller, row_of(error).reason)
            raise
        replied = verify_reply(
            reply_header,
            header,
            reply_body,
            lambda _: recipient.identity.signing.verify_key,
            fed.clock(),
        )
        fed.calls.append(Call(self._caller, self._recipient, path, body, reply_body))
        fed.lose(self._recipient, fed.faults.lose_reply)
        # A call about charters goes on, as in `federation.client`.
        with suppress(CharterConflictError) if path == _CHARTERS else nullcontext():
            caller.member.admission.note(
                self._recipient, replied.charter_version, replied.charter_digest
            )
        return decode_reply(request, reply_body)


@dataclass(slots=True)
class Seat:
    """One member's place in the federation."""

    identity: Identity
    applicant: Applicant
    store: Store
    member: Member

    def serve(
        self, path: str, body: bytes, header: bytes, caller: "Seat", fed: "Federation"
    ) -> tuple[bytes, bytes]:
        """Do what a node's server does with a request, in the same order."""
        admission = self.member.admission
        owner = admission.identify(caller.applicant.certificates[0])
        if owner is None:
            raise AuthenticationError("unauthenticated")
        verified = verify_request(
            header,
            method=path,
            recipient=self.identity.member_id,
            body=body,
            key_of=admission.signing_key,
            at=fed.clock(),
        )
        if verified.sender != owner or not admission.remember_nonce(
            owner, verified.nonce, verified.expires
        ):
            raise AuthenticationError("unauthenticated")
        request = decode(path, body)
        admission.permit(owner, type(request))
        if not isinstance(request, SyncCharter):
            admission.check_charter(owner, verified.charter_version, verified.charter_digest)
        reply = self.member.handle(owner, request)
        if fed.faults.tamper is not None:
            reply = fed.faults.tamper(self.identity.member_id, request, reply)
        reply_body = encode_reply(request, reply)
        version, digest = self.member.charter_state()
        signed = sign_reply(
            self.identity,
            verified,
            reply_body,
            charter_version=version,
            charter_digest=digest,
            at=fed.clock(),
        )
        return signed, reply_body


def make_applicant(
    identity: Identity,
    *,
    role: Role = Role.HOTLINE,
    endpoint: str = "",
    certificate: bytes | None = None,
) -> Applicant:
    """Describe an invented organisation.

    Args:
        identity: Its keys.
        role: Its role.
        endpoint: ``host:port``; an invented one without.
        certificate: DER; random bytes without, which no TLS would take.
    """
    return Applicant.of(
        identity,
        name=identity.member_id.capitalize(),
        legal_entity=f"TEST:{identity.member_id}",
        role=role,
        endpoint=endpoint or f"{identity.member_id}.test:7443",
        certificates=(certificate or secrets.token_bytes(64),),
    )


class Federation:
    """Members with keys and a charter, ready to agree and to put cases."""

    def __init__(
        self,
        *members: str,
        threshold: int | None = None,
        roles: dict[str, Role] | None = None,
        custodians: Collection[str] | None = None,
        rules: Rules | None = None,
        seed: int = 0,
        screen: Callable[[], Screen] = Screen,
        keys: bool = True,
        store: Callable[[str, AtRest], Store] | None = None,
        log: Callable[[str], Log] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Found a federation and let its custodians make the keys.

        Args:
            members: Their ids; all are stewards.
            threshold: Shares that an evaluation takes; a majority without.
            roles: By id; hotlines without.
            custodians: Their ids; all members without.
            rules: The charter's figures.
            seed: Decides which messages get lost.
            screen: Returns every member's lists; the built-in ones without.
            keys: Whether to run the key ceremony.
            store: Makes each member's database; one in memory without.
            log: Gives each member the log in which it says what happened; silent without.
            clock: By which all members live; one that stands still without.
        """
        self.clock = clock or Clock()
        self.faults = Faults()
        self.random = random.Random(seed)  # noqa: S311 - decides faults, no secrets
        self.calls: list[Call] = []
        """Everything that crossed the wire."""
        self.seats: dict[str, Seat] = {}
        self._screen = screen
        self._log = log
        make_store = store or (lambda _name, at_rest: Store.memory(at_rest))
        for name in members:
            identity = Identity.generate(name)
            applicant = make_applicant(identity, role=(roles or {}).get(name, Role.HOTLINE))
            own_store = make_store(name, AtRest(secrets.token_bytes(32)))
            self.seats[name] = Seat(
                identity,
                applicant,
                own_store,
                self._member(identity, own_store),
            )
        self._found(custodians, rules)
        if keys:
            self.make_keys(threshold)

    def __getitem__(self, name: str) -> Member:
        """Return a member."""
        return self.seats[name].member

    def __iter__(self) -> Iterator[Member]:
        """Iterate over the members, in the order in which they were named."""
        return iter([seat.member for seat in self.seats.values()])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all databases."""
        for seat in self.seats.values():
            seat.store.close()

    def agree(
        self,
        *parties: str,
        kinds: Collection[Kind] | None = None,
        subjects: Collection[Subject] | None = None,
        match_budget: MatchBudget | None = None,
        valid_days: int = 365,
        **changes: Any,
    ) -> bytes:
        """Let members sign an agreement; for the network lane alone, if nothing else is said.

        Args:
            parties: The first proposes.
            kinds: All without.
            subjects: All of the network lane without. Their lanes are agreed.
            match_budget: The default without.
            valid_days: From now.
            changes: Any other fields of `federation.agreements.Terms`.

        Returns:
            The agreement's hash.
        """
        agreement = self[parties[0]].propose_agreement(
            self.terms(
                *parties,
                kinds=tuple(sorted(kinds or Kind)),
                subjects=tuple(sorted(subjects or _NETWORK_SUBJECTS)),
                match_budget=match_budget or MatchBudget(),
                valid_until=self._now() + timedelta(days=valid_days),
                **changes,
            )
        )
        self.drive()
        for party in parties[1:]:
            self[party].sign_agreement(agreement)
        self.drive()
        return agreement

    def person(self, member: str, name: str, *roles: StaffRole, strong: bool = False) -> Actor:
        """Give somebody of a member an account, and sign them in.

        From the first account on the member itself (`OPERATOR`) is a technician and no more,
        as in a node; so let it sign its agreements before.

        Args:
            member: Whose.
            name: Of the account; the first one is made a technician besides.
            roles: What they may do.
            strong: Whether they gave a second factor.
        """
        at = self.clock().replace(microsecond=0)
        with self.seats[member].store.write() as tx:
            first = set() if tx.staff.exist() else {StaffRole.TECHNICIAN}
            # Hashing a password would take most of a test's time.
            account = Account.new(name, "", first.union(roles), decoy(), at)
            token = SessionToken.new(account.id)
            tx.staff.add(account)
            tx.staff_sessions.begin(token, SessionKind.CLI, at, strong=strong)
        return self[member].sign_ins.actor(token.text())

    def terms(self, *parties: str, **changes: Any) -> Terms:
        """Return terms that members may sign: everything in the network lane, for a year.

        Args:
            parties: In any order.
            changes: Fields that are to be different.
        """
        charter = self[parties[0]].require_charter()
        police = any(charter.member(one).role is Role.LAW_ENFORCEMENT for one in parties)
        subjects: Collection[Subject] = changes.get("subjects", _NETWORK_SUBJECTS)
        fields: dict[str, Any] = {
            "federation_id": charter.federation_id,
            "title": "Test agreement",
            "parties": tuple(sorted(parties)),
            "lanes": tuple(sorted({one.lane for one in subjects})),
            "kinds": tuple(sorted(Kind)),
            "subjects": tuple(sorted(subjects)),
            "purposes": (Purpose.NETWORK,),
            "retention_days": 365,
            "legal_basis": "test",
            "valid_from": self._now(),
            "valid_until": self._now() + timedelta(days=365),
            "nonce": secrets.token_bytes(16),
            "europol": (EuropolCode.H0,) if police else (),
        }
        return Terms(**(fields | changes))

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)

    def drive(self, rounds: int = 30) -> None:
        """Let all members exchange charters, ceremonies and agreements until nothing waits.

        Args:
            rounds: Give up after so many; members that are down keep others waiting.
        """
        quiet = 0
        for _ in range(rounds):
            busy = [member.drive() for member in self]
            quiet = 0 if any(busy) else quiet + 1
            if quiet == 2:
                return

    def sync(self, names: Sequence[str] = ()) -> None:
        """Let members tokenise and exchange, once each, in order.

        Args:
            names: Which; all without.
        """
        for name in names or tuple(self.seats):
            self[name].sync()

    def restart(self, name: str) -> Member:
        """Replace a member's memory, as a crash does; its database stays."""
        seat = self.seats[name]
        seat.member = self._member(seat.identity, seat.store)
        return seat.member

    def make_keys(self, threshold: int | None = None) -> None:
        """Run a key ceremony and put the charter with its keys into force."""
        first, *others = [self[one.id] for one in next(iter(self)).require_charter().custodians]
        ceremony = first.start_ceremony(threshold)
        self.drive()
        for member in others:
            member.accept_ceremony(ceremony)
        self.drive()
        self.sign_all()

    def sign_all(self) -> None:
        """Let every steward sign whatever is proposed."""
        # A proposal may have been made in the last round of driving: bring it to everybody.
        self.drive()
        for member in self:
            for proposal in member.proposals():
                # Of two proposals of one version, a steward signs the first it sees.
                if member.id in proposal.missing.members and not member.has_promised():
                    member.sign_charter(proposal.digest)
            self.drive()

    def lose(self, recipient: str, probability: float) -> None:
        """Raise as a broken network would."""
        if recipient in self.faults.down or self.random.random() < probability:
            raise PeerUnreachableError("the peer does not answer")

    def _member(self, identity: Identity, store: Store) -> Member:
        return Member(
            identity,
            store,
            clock=self.clock,
            connect=lambda listing: MemoryPeer(self, identity.member_id, listing.id),
            screen=self._screen,
            log=None if self._log is None else self._log(identity.member_id),
        )

    def _found(self, custodians: Collection[str] | None, rules: Rules | None) -> None:
        at = self.clock()
        listings = tuple(
            seat.applicant.as_member(
                steward=True,
                custodian=custodians is None or name in custodians,
                since_version=1,
                admitted=at,
            )
            for name, seat in self.seats.items()
        )
        first, *others = self.seats.values()
        draft = found(
            "Test federation", listings, federation_id=secrets.token_bytes(16), at=at, rules=rules
        )
        first.member.put_draft(draft)
        for seat in others:
            seat.member.await_charter(first.applicant)
        first.member.propose_charter(draft)
        self.drive()
        self.sign_all()
        missing = [name for name, seat in self.seats.items() if seat.member.in_force is None]
        if missing:
            raise CasethreadError(f"the federation was not founded: {missing}")
