# SPDX-License-Identifier: Apache-2.0
"""Plays the demonstration: three nodes, from empty directories to shared recruiters.

Nothing is simulated. Each organisation has its own home, passphrase, database and
``casethread serve`` process; they talk over mutual TLS on the loopback network.
What people do at their keyboards is done through the same actions as the command
line uses, once per home: nobody accepts anything automatically.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from federation.agreements import Draft
from federation.charter import Rules
from federation_node import config, sessions
from federation_node.actions import agreements, cases, custody, federate, sign_in, staff, threads
from federation_node.actions.setup import initialise
from federation_node.context import NodeContext, monotonic, now
from federation_node.demo.casting import CAST, Player
from federation_node.demo.generate import Dataset, Sheet, generate
from federation_node.demo.judge import FoundMatch, NotTokenised, judge
from federation_node.demo.process import DemoError, NodeProcess, free_ports
from federation_node.demo.report import Result
from federation_node.demo.teller import Teller
from federation_node.demo.threads import FoundThread, found_thread, judge_threads
from federation_node.home import Home
from federation_node.unlock import Unlock

__all__ = ["Door", "Options", "play"]

T = TypeVar("T")

_PATIENCE = 90.0
"""Seconds that one step among the nodes may take."""

_POLL = 0.1

RULES = Rules(identifier_daily=10_000, identifier_monthly=50_000)
"""Budgets that every custodian applies to every member; set here and shown."""

FIRST_MATCHES = 500
"""Matches that a node answers without a person in the first exchange."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the demonstration is played."""

    seed: int
    cases_per_org: int
    directory: Path
    """Where the homes are made; the caller removes it or keeps it."""
    console: bool = False
    """Show the pages of each organisation as well."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a person of an organisation signs in with a browser."""

    organisation: str
    person: str
    address: str
    name: str
    password: str = field(repr=False)


@dataclass(slots=True)
class _Organisation:
    """One organisation on the stage."""

    player: Player
    sheet: Sheet
    process: NodeProcess
    home: Home
    node: NodeContext = field(init=False)
    """In the hands of who opened it."""
    lead: NodeContext = field(init=False)
    """The same in the hands of the organisation's lead, who is signed in."""

    address: str = ""
    """Of its pages; empty without."""
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    """By the name of the account."""

    @property
    def id(self) -> str:
        return self.player.member

    def doors(self) -> list[Door]:
        """Return where its people sign in."""
        return [
            Door(self.player.name, one.full_name, self.address, one.name, self.passwords[one.name])
            for one in (self.player.lead, self.player.technician)
        ]


class _Stage:
    """The organisations, the clock of the stages, and who tells the story."""

    def __init__(self, organisations: Sequence[_Organisation], teller: Teller) -> None:
        self.all = organisations
        self.first, *others = organisations
        self.others = others
        self.teller = teller
        self.seconds: dict[str, float] = {}

    @contextmanager
    def act(self, name: str, title: str) -> Iterator[None]:
        """Tell what begins, and measure how long it takes."""
        began = monotonic()
        with self.teller.act(title):
            yield
        self.seconds[name] = monotonic() - began

    def until(self, what: str, check: Callable[[], bool]) -> None:
        """Wait for the nodes to get somewhere by themselves."""
        end = monotonic() + _PATIENCE
        pause = threading.Event()
        while not check():
            for one in self.all:
                one.process.check_alive()
            if monotonic() > end:
                raise DemoError(f"waited too long for {what}")
            pause.wait(_POLL)

    def each(self, work: Callable[[_Organisation], T]) -> dict[str, T]:
        """Let all organisations do something at the same time."""
        with ThreadPoolExecutor(len(self.all)) as pool:
            results = list(pool.map(work, self.all))
        return {one.id: result for one, result in zip(self.all, results, strict=True)}


def play(
    options: Options,
    teller: Teller,
    linger: Callable[[Result, list[Door]], object],
) -> Result:
    """Play the whole demonstration; every process that was started is ended.

    Args:
        options: how.
        teller: who says what happens.
        linger: called at the end, while the nodes still run.

    Returns:
        What was found, judged against what was planted.

    Raises:
        DemoError: if a node fails or a step takes too long.
    """
    began = monotonic()
    dataset = generate(options.seed, cases_per_org=options.cases_per_org)
    with ExitStack() as stack:
        stage = _Stage(_organisations(options, dataset), teller)
        stage.seconds["generate"] = monotonic() - began
        for one in stage.all:
            stack.callback(one.process.stop)
        _set_up(stage, stack)
        _found(stage)
        _make_keys(stage)
        _agree(stage)
        imported = _import(stage)
        _compare(stage)
        listed = stage.each(_matches)
        found = {name: [match for match, weak in rows if not weak] for name, rows in listed.items()}
        left = [entry for one in stage.all for entry in _left_out(one)]
        tied = _tie(stage)
        result = _result(options, dataset, stage, imported, listed, found, left, tied)
        linger(result, [door for one in stage.all for door in one.doors()])
    return result


def _result(
    options: Options,
    dataset: Dataset,
    stage: _Stage,
    imported: dict[str, tuple[int, int]],
    listed: dict[str, list[tuple[FoundMatch, bool]]],
    found: dict[str, list[FoundMatch]],
    left: list[NotTokenised],
    tied: dict[str, list[FoundThread]],
) -> Result:
    """Judge what was found against what was planted."""
    return Result(
        seed=options.seed,
        truth=dataset.truth,
        cases={name: counts[0] for name, counts in imported.items()},
        indicators=sum(counts[1] for counts in imported.values()),
        found=found,
        namesakes=sum(weak for rows in listed.values() for _, weak in rows),
        not_tokenised=left,
        verdict=judge(dataset.truth, found, left),
        threads=[thread for name in tied for thread in tied[name]],
        thread_verdict=judge_threads(dataset.truth, tied, left),
        seconds=stage.seconds,
        quotas={
            "identifiers_per_day": RULES.identifier_daily,
            "identifiers_in_30_days": RULES.identifier_monthly,
            "first_matches_per_partner": FIRST_MATCHES,
        },
    )


def _organisations(options: Options, dataset: Dataset) -> list[_Organisation]:
    sheets = {sheet.organisation: sheet for sheet in dataset.sheets}
    homes = [Home(options.directory / player.member) for player in CAST]
    ports = free_ports(len(CAST)) if options.console else [0] * len(CAST)
    return [
        _Organisation(
            player,
            sheets[player.member],
            NodeProcess(home, _pages(port)),
            home,
            address=f"http://127.0.0.1:{port}/" if port else "",
        )
        for player, home, port in zip(CAST, homes, ports, strict=True)
    ]


def _pages(port: int) -> dict[str, str]:
    """Return the settings with which a node shows its pages."""
    listen = f"127.0.0.1:{port}"
    return (
        {"CASETHREAD_CONSOLE__ENABLED": "true", "CASETHREAD_CONSOLE__LISTEN": listen}
        if port
        else {}
    )


def _set_up(stage: _Stage, stack: ExitStack) -> None:
    with stage.act("nodes", "Each organisation sets up a node of its own"):
        ports = free_ports(len(stage.all))
        for one, port in zip(stage.all, ports, strict=True):
            unlock = Unlock(one.process.passphrase.encode(), is_key=False)
            address = f"127.0.0.1:{port}"
            initialise(
                one.home,
                unlock,
                config.Organisation(
                    member=one.id,
                    name=one.player.name,
                    legal_entity=one.player.legal_entity,
                    role=one.player.role,
                    region=one.sheet.region,
                ),
                config.Node(listen=address, endpoint=address, drive_seconds=0.5),
                at=now(),
            )
            one.process.start()
            one.node = stack.enter_context(NodeContext.open(one.home, unlock))
            stage.teller.say(f"{one.player.name}: keys, certificate, database, port {port}")
            _hire(one)
            stage.teller.say(
                f"  {one.player.technician.full_name} looks after it; "
                f"{one.player.lead.full_name} works on cases and signs"
            )
        for one in stage.all:
            one.process.wait_until_listening()


def _hire(one: _Organisation) -> None:
    """Give the people accounts, and let the lead sign in."""
    passwords = one.passwords
    for person in (one.player.technician, one.player.lead):
        passwords[person.name] = password = one.process.secret(f"{person.name}.password")
        staff.add(
            one.node, person.name, person.roles, full_name=person.full_name, password=password
        )
    lead = one.player.lead.name
    signed = sign_in.sign_in(one.node, lead, passwords[lead])
    sessions.keep(one.home, signed.account, signed.token)
    one.lead = one.node.acting(one.node.member.sign_ins.actor(signed.token))


def _found(stage: _Stage) -> None:
    first = stage.first
    with stage.act("federation", f"{first.player.name} founds a federation and invites the others"):
        federate.create(first.node, "Carnival (a demonstration)", rules=RULES)
        stage.teller.say(
            f"budget set for this demonstration: {RULES.identifier_daily:,} look-ups a day and "
            f"{RULES.identifier_monthly:,} in 30 days, per member, at every custodian"
        )
        for one in stage.others:
            joining = federate.join(one.node, federate.invite(first.node))
            admission = federate.admit(first.node, joining.request)
            if admission.words != joining.words:
                raise DemoError("the two screens show different words")
            stage.teller.say(
                f"{one.player.name} joins; both screens show: {' '.join(joining.words)}"
            )
        federate.sign(first.node)
        for one in stage.others:
            _sign_when_seen(stage, one)
        stage.until("the first charter", lambda: _version(stage) == 1)
        stage.teller.say("all three have signed the first charter")


def _make_keys(stage: _Stage) -> None:
    with stage.act("keys", "The three generate the federation's keys together"):
        ceremony = custody.start(stage.first.node)
        for one in stage.others:
            stage.until(
                "the proposed ceremony",
                partial(_sees_ceremony, one, ceremony),
            )
            custody.accept(one.node, ceremony)
        stage.teller.say(
            "each holds one share; any two can answer, none alone can look anything up"
        )
        stage.until("the charter with the keys", lambda: _proposed(stage.others[0]) is not None)
        _sign_when_seen(stage, stage.others[0])
        stage.until("the charter with the keys", lambda: _version(stage) == 2)
        stage.teller.say("a majority has signed the second charter, which lists the keys")


def _agree(stage: _Stage) -> None:
    with stage.act("agreement", "They sign a data-sharing agreement"):
        draft = Draft(
            title="Recruiters around travelling carnivals (invented)",
            parties=tuple(one.id for one in stage.all),
            legal_basis="demonstration with invented data",
            first_matches=FIRST_MATCHES,
        )
        name = agreements.propose(stage.first.lead, draft)
        for one in stage.others:
            stage.until(
                "the proposed agreement",
                partial(_sees_agreement, one, name),
            )
            agreements.sign(one.lead, name)
        stage.until(
            "the agreement",
            lambda: all(
                len(view.ready_with) == len(stage.others)
                for one in stage.all
                for view in agreements.listed(one.node)
            ),
        )
        stage.teller.say("what is known of recruiters, from phones to places of work: yes")
        stage.teller.say("anything about callers: no")


def _import(stage: _Stage) -> dict[str, tuple[int, int]]:
    with stage.act("import", "Each imports the spreadsheet that it already has"):

        def work(one: _Organisation) -> tuple[int, int]:
            path = one.home.path.parent / one.sheet.filename
            path.write_bytes(one.sheet.content)
            done = one.process.run("case", "import", str(path))
            return done["new"], done["observations"]

        counts = stage.each(work)
        for one in stage.all:
            number, observations = counts[one.id]
            stage.teller.say(f"{one.player.name}: {number} calls, {observations} observations")
        return counts


def _compare(stage: _Stage) -> None:
    with stage.act("compare", "The nodes turn what they hold into pseudonyms, and compare"):
        for one in stage.all:
            done = one.process.run("sync")
            for failure in done["failures"]:
                raise DemoError(f"{one.id} could not compare with {failure['partner']}")
            stage.teller.say(
                f"{one.player.name}: {done['tokenised']} pseudonyms made, "
                f"{done['matches']} answers came back as matches"
            )


def _tie(stage: _Stage) -> dict[str, list[FoundThread]]:
    with stage.act("threads", "Each node ties its own cases by what they hold"):
        found = stage.each(_threads)
        for one in stage.all:
            wide = sum(len(thread.organisations) == len(stage.all) for thread in found[one.id])
            stage.teller.say(
                f"{one.player.name}: {len(found[one.id])} threads, {wide} of them with all "
                f"{len(stage.all)} organisations"
            )
        return found


def _threads(one: _Organisation) -> list[FoundThread]:
    """Return the organisation's own threads."""
    return [
        found_thread(one.id, threads.find(one.lead, listed.id))
        for listed in threads.listed(one.lead)
    ]


def _matches(one: _Organisation) -> list[tuple[FoundMatch, bool]]:
    """Return the organisation's own match list, and which of it is weak."""
    return [
        (
            FoundMatch(row["case"], row["field"], row["kind"], row["member"], row["lane"]),
            row["weak"],
        )
        for row in one.process.run("--staff", one.player.lead.name, "match", "list")
    ]


def _left_out(one: _Organisation) -> list[NotTokenised]:
    return [
        NotTokenised(
            one.id,
            seen.case,
            seen.field,
            f"{seen.status}: {seen.reason}" if seen.reason else seen.status,
        )
        for seen in cases.left_out(one.lead)
    ]


def _sees_ceremony(one: _Organisation, ceremony: bytes) -> bool:
    return ceremony in {view.id for view in custody.ceremonies(one.node)}


def _sees_agreement(one: _Organisation, agreement: bytes) -> bool:
    return agreement in {view.hash for view in agreements.listed(one.node)}


def _proposed(one: _Organisation) -> bytes | None:
    """Return the proposal that waits for an organisation's signature."""
    waiting = federate.to_sign(one.node)
    return waiting[0].digest if waiting else None


def _sign_when_seen(stage: _Stage, one: _Organisation) -> None:
    stage.until("a charter to sign", lambda: _proposed(one) is not None)
    federate.sign(one.node)


def _version(stage: _Stage) -> int:
    """Return the charter version that everybody has; 0 before the first."""
    versions = []
    for one in stage.all:
        current = one.node.member.in_force
        versions.append(0 if current is None else current.charter.version)
    return min(versions)
