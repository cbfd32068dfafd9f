# SPDX-License-Identifier: Apache-2.0
"""Three members in one process that can be killed at any point: ``python crash_worker.py``.

Reads one order a line, JSON, from standard input and does each in a process of its own
(forked, so that a kill costs no new start of the interpreter)::

    {"job": "found" | "work", "home": DIRECTORY, "kill_at": COMMIT, "kill_after": SECONDS}

``kill_at`` n kills with SIGKILL before (odd n) or after (even n) a commit, ``kill_after``
whenever the time has come; without either the job runs to its end. Answers one line each:
``{"killed": BOOL, "commits": N}``.

A directory holds what a crash leaves of three nodes: keys, databases, and how far the
operators are with their list. Every job can be begun again at any point.
"""

import json
import os
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from federation.agreements import MatchBudget, Purpose, Status, Terms
from federation.charter import Applicant, CeremonyStatus, Identity, Rules, found
from federation.indicators import Case, Kind, Lane, Subject
from federation.storage import AtRest, Store, Tx, case_batch
from federation.testing import Federation, Seat, make_applicant

MEMBERS: Final = ("amparo", "hope", "licht")
ROUNDS: Final = 40
RULES: Final = Rules(identifier_daily=1_000_000, identifier_monthly=10_000_000)
"""Large: what is done again after a kill is charged again."""


class Countdown:
    """Kills this process when enough commits have come and gone."""

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self._kill_at = kill_at

    def step(self) -> None:
        """Count, and die if it is time."""
        self.count += 1
        if self.count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(Store):
    """A store whose process may be killed right before and right after a commit."""

    countdown: Countdown

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """Count twice per transaction."""
        with super().write() as tx:
            yield tx
            self.countdown.step()
        self.countdown.step()


class SavedFederation(Federation):
    """The members of a directory, as their last process left them."""

    def __init__(self, home: Path, countdown: Countdown | None = None) -> None:
        """Open every database; make what is not there yet."""
        super().__init__(keys=False)
        self.home = home
        for name in MEMBERS:
            identity, applicant, at_rest = _keys(home / f"{name}.json", name)
            url = f"sqlite:///{home / name}.db"
            if not (home / f"{name}.db").exists():
                Store.create(url, at_rest).close()
            store = MortalStore.open(url, at_rest)
            store.countdown = countdown or Countdown(0)
            self.seats[name] = Seat(identity, applicant, store, self._member(identity, store))

    def _found(self, *_: object) -> None:
        """Founding is a job here, which may be killed."""


def _keys(path: Path, name: str) -> tuple[Identity, Applicant, AtRest]:
    if not path.exists():
        identity = Identity.generate(name)
        content = {
            "identity": identity.to_bytes().hex(),
            "applicant": make_applicant(identity).model_dump_json(),
            "root": secrets.token_hex(32),
        }
        _write(path, json.dumps(content))
    content = json.loads(path.read_text())
    return (
        Identity.from_bytes(bytes.fromhex(content["identity"])),
        Applicant.model_validate_json(content["applicant"]),
        AtRest(bytes.fromhex(content["root"])),
    )


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)


# Founding: operators look at where things stand and do what is theirs, until all is done.


def found_all(fed: SavedFederation) -> None:
    """Found the federation, make its keys, let every pair sign an agreement."""
    for _ in range(ROUNDS):
        for step in (_charter, _ceremony, _proposals, _agreements):
            step(fed)
            fed.drive()
        if founded(fed):
            return
    raise RuntimeError("the federation is not founded")


def founded(fed: Federation) -> bool:
    """Whether every member has the keys and every pair can exchange."""
    return all(
        member.in_force is not None
        and len(member.in_force.charter.keys) == 4
        and {partner for view in member.agreements() for partner in view.ready_with}
        == set(MEMBERS) - {member.id}
        for member in fed
    )


def _charter(fed: SavedFederation) -> None:
    first, *others = fed.seats.values()
    if first.member.in_force is None and not first.member.proposals():
        if first.member.draft() is None:
            listings = tuple(
                seat.applicant.as_member(
                    steward=True, custodian=True, since_version=1, admitted=fed.clock()
                )
                for seat in fed.seats.values()
            )
            first.member.put_draft(
                found(
                    "Test federation",
                    listings,
                    federation_id=secrets.token_bytes(16),
                    at=fed.clock(),
                    rules=RULES,
                )
            )
        for seat in others:
            seat.member.await_charter(first.applicant)
        draft = first.member.draft()
        assert draft is not None
        first.member.propose_charter(draft)


def _proposals(fed: SavedFederation) -> None:
    for member in fed:
        for proposal in member.proposals():
            if member.id in proposal.missing.members:
                member.sign_charter(proposal.digest)


def _ceremony(fed: SavedFederation) -> None:
    first, *others = fed
    if first.in_force is None:
        return
    if not first.ceremonies():
        first.start_ceremony()
    for member in others:
        for view in member.ceremonies():
            if view.status is CeremonyStatus.PROPOSED:
                member.accept_ceremony(view.id)


def _agreements(fed: SavedFederation) -> None:
    first, *others = fed
    if first.in_force is None or not first.in_force.charter.keys:
        return
    if not first.agreements():
        first.propose_agreement(
            Terms(
                federation_id=first.in_force.charter.federation_id,
                title="Test agreement",
                parties=MEMBERS,
                lanes=(Lane.NETWORK,),
                kinds=tuple(sorted(Kind)),
                subjects=(Subject.BUSINESS, Subject.RECRUITER),
                purposes=(Purpose.NETWORK,),
                match_budget=MatchBudget(daily_base=10_000, daily_percent=0, first=0),
                retention_days=365,
                legal_basis="test",
                valid_from=fed.clock(),
                valid_until=fed.clock().replace(year=fed.clock().year + 1),
                nonce=secrets.token_bytes(16),
            )
        )
    for member in others:
        for view in member.agreements():
            if view.status is Status.PROPOSED and member.id in view.missing:
                member.sign_agreement(view.hash)


# Work: import, tokenise, exchange, correct, exchange again.


def cases_of(name: str, edition: int) -> list[Case]:
    """An invented spreadsheet of a member; the second edition has corrections in it.

    Numbers are common where two members' ranges overlap. One member has more than a small
    batch of values, so that the batch check runs too, and more than one transaction of rows.
    """
    first, rows, spread = {"amparo": (0, 30, 1), "hope": (20, 230, 3), "licht": (10, 40, 1)}[name]
    cases = []
    for row in range(rows):
        number = first + row // spread
        if edition == 2 and row % 5 == 0:
            number += 100
        case = Case(f"{name} {row}").add(
            Kind.PHONE, f"+5255123{number:05}", Subject.RECRUITER, field="phone"
        )
        if row % 7 == 0:
            case = case.add(
                Kind.HANDLE, f"telegram:carnival{number:03}", Subject.BUSINESS, field="account"
            )
        cases.append(case)
    return cases


def stages(fed: SavedFederation) -> list[Callable[[], object]]:
    """What the operators do, in order."""
    work: list[Callable[[], object]] = []
    for edition in (1, 2):
        for member in fed:
            cases = cases_of(member.id, edition)
            work.append(lambda member=member, cases=cases: member.put_cases(cases, source="file"))
        work.append(lambda: fed["licht"].forget("licht 3"))
        work += [member.tokenise for member in fed]
        work += [member.sync for member in fed]
    return work


def work_all(fed: SavedFederation) -> None:
    """Go on with the list from where the last process was."""
    progress = fed.home / "progress"
    done = int(progress.read_text()) if progress.exists() else 0
    for number, stage in enumerate(stages(fed)):
        if number >= done:
            stage()
            _write(progress, str(number + 1))


JOBS: Final[dict[str, Callable[[SavedFederation], None]]] = {"found": found_all, "work": work_all}


def _child(order: dict[str, Any], answer: int) -> None:
    countdown = Countdown(order.get("kill_at") or 0)
    fed = SavedFederation(Path(order["home"]), countdown)
    JOBS[order["job"]](fed)
    fed.close()
    os.write(answer, str(countdown.count).encode())


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """Do a job in a process of its own, and kill that one if it does not do so itself."""
    answer, write_end = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            _child(order, write_end)
        except BaseException:  # noqa: BLE001 - whatever it is, the child must not go on as parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(write_end)
    if order.get("kill_after"):
        time.sleep(order["kill_after"])
        # Not yet waited for, so the id is still this child's.
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with os.fdopen(answer) as pipe:
        commits = int(pipe.read() or 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("the job failed")
    return {"killed": os.WIFSIGNALED(status), "commits": commits}


def main() -> None:
    """Obey until the input ends."""
    # So that the rows of the largest member need several transactions.
    case_batch._MOST_ROWS = 200
    for line in sys.stdin:
        sys.stdout.write(json.dumps(obey(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
