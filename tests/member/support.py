# SPDX-License-Identifier: Apache-2.0
"""Federations that are founded once and copied for each test, and ways to look at the wire."""

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import Any

from federation.charter import LaneKey, Role, Rules
from federation.indicators import Case, IndicatorClass, Kind, Lane, Subject
from federation.member import Member
from federation.messages import Request
from federation.storage import Store
from federation.testing import Call, Clock, Faults, Federation, Seat
from federation.wire.methods import decode

THREE = ("amparo", "hope", "licht")
CUSTODIANS = THREE
ROLES = (("police", Role.LAW_ENFORCEMENT), ("watch", Role.OVERSIGHT))
LIMITED = Rules(identifier_daily=600, identifier_monthly=10**6)
GENEROUS = Rules(identifier_daily=10**6, identifier_monthly=10**7)


@cache
def _founded(
    members: tuple[str, ...],
    custodians: tuple[str, ...] | None,
    rules: Rules,
    parties: tuple[str, ...],
) -> Federation:
    if not parties:
        return Federation(*members, roles=dict(ROLES), custodians=custodians, rules=rules)
    fed = copied(_founded(members, custodians, rules, ()), seed=0)
    fed.agree(*parties)
    return fed


@contextmanager
def federation(*parties: str, seed: int = 0) -> Iterator[Federation]:
    """Copy a federation of three custodians with plenty of everything, and no cases.

    Args:
        parties: Who has signed one agreement over everything.
        seed: Decides which messages get lost.
    """
    with copied(_founded(THREE, None, GENEROUS, parties), seed) as fed:
        yield fed


@contextmanager
def limited(*parties: str) -> Iterator[Federation]:
    """Copy a federation with small budgets, where police and watch are no custodians.

    Args:
        parties: Who has signed one agreement over everything.
    """
    with copied(_founded((*THREE, "police", "watch"), THREE, LIMITED, parties), seed=0) as fed:
        yield fed


def copied(template: Federation, seed: int = 0) -> Federation:
    """Return a federation that goes on from where another one stands."""
    fed = copy.copy(template)
    fed.clock = Clock(template.clock())
    fed.faults = Faults()
    fed.random = copy.copy(template.random)
    fed.random.seed(seed)
    fed.calls = []
    fed.seats = {}
    for name, seat in template.seats.items():
        store = _copied_store(seat.store)
        member = fed._member(seat.identity, store)
        _remember(member, seat.member)
        fed.seats[name] = Seat(seat.identity, seat.applicant, store, member)
    return fed


def _remember(member: Member, template: Member) -> None:
    """Copy what a running node knows to be delivered, so that nobody repeats the founding."""
    ceremonies = template._ceremonies
    member._ceremonies._resumed |= ceremonies._resumed
    member._ceremonies._delivered = {key: {*told} for key, told in ceremonies._delivered.items()}
    member._contracts._delivered.update(template._contracts._delivered)
    member._membership._told.update(template._membership._told)


def _copied_store(store: Store) -> Store:
    copied = Store.memory(store._at_rest)
    with (
        closing(store._engine.raw_connection()) as source,
        closing(copied._engine.raw_connection()) as target,
    ):
        source.driver_connection.backup(target.driver_connection)
    return copied


def agreement_of(fed: Federation) -> bytes:
    """Return the hash of the one agreement."""
    (agreement,) = {view.hash for member in fed for view in member.agreements()}
    return agreement


def phone(number: int) -> str:
    """Return an invented number in E.164."""
    return f"+49151{23_571_113 + 7_919 * number}"


def phones(
    numbers: Iterable[int], *, prefix: str = "C", subject: Subject = Subject.RECRUITER
) -> list[Case]:
    """Return one case for each number; its id tells the number."""
    return [
        Case(f"{prefix}-{number}").add(Kind.PHONE, phone(number), subject, field="tel")
        for number in numbers
    ]


def key_of(member: Member) -> LaneKey:
    """Return the key of the network lane's identifiers."""
    return member.require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)[-1]


def waiting(fed: Federation, name: str) -> int:
    """Return how many observations wait for a token."""
    key = key_of(fed[name])
    with fed.seats[name].store.read() as tx:
        return len(tx.cases.pending(key.key_id, 100_000))


def tokens(fed: Federation, name: str) -> int:
    """Return how many tokens a member has."""
    with fed.seats[name].store.read() as tx:
        return sum(tx.tokens.counts().values())


def charged(fed: Federation, custodian: str, member: str) -> int:
    """Return what a custodian has charged a member today."""
    with fed.seats[custodian].store.read() as tx:
        return tx.quota.used(member, "network", "identifier", fed.clock())[0]


def found(fed: Federation, name: str) -> set[tuple[str, str]]:
    """Return (own case, partner) of every proven match; fails on doubles."""
    rows = [(match.case, match.member) for match in fed[name].matches()]
    assert len(rows) == len(set(rows))
    return set(rows)


def requests(fed: Federation, kind: type[Request[Any]]) -> list[tuple[Call, Any]]:
    """Return the requests of a type that were answered, with their calls."""
    decoded = [(call, decode(call.path, call.request)) for call in fed.calls]
    return [(call, request) for call, request in decoded if isinstance(request, kind)]


def put_in_buckets(fed: Federation, sender: str, partner: str) -> list[int]:
    """Return the row of every real token that was ever put into a bucket for a partner."""
    with fed.seats[sender].store.read() as tx:
        session = tx.exchange._session
        rows = session.connection().exec_driver_sql(
            "SELECT i.token FROM exchange_items i JOIN exchange_cursors c ON c.id = i.cursor"
            " WHERE c.partner = ? ORDER BY i.token",
            (partner,),
        )
        return [row[0] for row in rows]


def dishonest(fed: Federation, custodian: str, change: Callable[[Request[Any], Any], Any]) -> None:
    """Let one member answer differently from what its node would."""

    def tamper(recipient: str, request: Request[Any], reply: Any) -> Any:
        return change(request, reply) if recipient == custodian else reply

    fed.faults.tamper = tamper
