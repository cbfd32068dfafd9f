# SPDX-License-Identifier: Apache-2.0
"""How people name things: by the beginning of a long id, or by a case id and its source."""

from collections.abc import Iterable
from typing import TypeVar

from federation.errors import InputError
from federation.storage import Store

__all__ = ["beginning_with", "match_named", "referral_named", "request_named", "source_of"]

_SHORTEST = 8

T = TypeVar("T")


def beginning_with(prefix: str, things: Iterable[tuple[str, T]]) -> list[T]:
    """Find what is meant by the beginning of an id.

    Args:
        prefix: hex digits, in either case.
        things: each behind its id in lower case; those with one id are one.

    Returns:
        Everything that has the one id that begins so; nothing if the prefix has fewer than 8
        digits, or no single id begins so.
    """
    wanted = prefix.lower()
    found = [(name, thing) for name, thing in things if name.startswith(wanted)]
    if len(wanted) < _SHORTEST or len({name for name, _ in found}) != 1:
        return []
    return [thing for _, thing in found]


def match_named(store: Store, prefix: str) -> bytes:
    """Find the one match that is meant; nothing of it is shown yet.

    Args:
        store: the node's database.
        prefix: at least 8 hex digits of its id.

    Returns:
        Its UUID.

    Raises:
        InputError: no match begins so, or several do.
    """
    with store.read() as tx:
        ids = [one.uuid.hex() for one in tx.matches.list()]
    return _single(prefix, ids, "match", "casethread match list")


def request_named(store: Store, prefix: str) -> bytes:
    """Find the one request for disclosure that is meant; nothing of it is shown yet.

    Args:
        store: the node's database.
        prefix: at least 8 hex digits of its id.

    Returns:
        Its id.

    Raises:
        InputError: no request begins so, or several do.
    """
    with store.read() as tx:
        ids = [one.request.hex() for one in tx.disclosures.list()]
    return _single(prefix, ids, "request", "casethread disclosure list")


def referral_named(store: Store, prefix: str) -> bytes:
    """Find the one referral that is meant; nothing of it is shown yet.

    Args:
        store: the node's database.
        prefix: at least 8 hex digits of its id.

    Returns:
        Its id.

    Raises:
        InputError: no referral begins so, or several do.
    """
    with store.read() as tx:
        ids = [one.referral.hex() for one in tx.referrals.list()]
    return _single(prefix, ids, "referral", "casethread referral list")


def source_of(store: Store, case_id: str, source: str | None) -> str:
    """Find the source of a case.

    Args:
        store: the node's database.
        case_id: its id.
        source: the source; None if only one has such a case.

    Returns:
        The source.

    Raises:
        InputError: there is no such case, or several sources have one.
    """
    with store.read() as tx:
        sources = tx.cases.sources(case_id)
    found = [one for one in sources if source in {None, one}]
    if len(found) > 1:
        raise InputError(
            f"{len(found)} sources have a case with this id",
            next_step=f"name one with --source: {', '.join(found)}",
        )
    if not found:
        raise InputError("there is no such case", next_step="see 'casethread case list'")
    return found[0]


def _single(prefix: str, ids: Iterable[str], what: str, command: str) -> bytes:
    found = beginning_with(prefix, ((one, one) for one in ids))
    if not found:
        raise InputError(f"no single {what} begins with these digits", next_step=f"see '{command}'")
    return bytes.fromhex(found[0])
