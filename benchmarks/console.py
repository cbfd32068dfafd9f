# SPDX-License-Identifier: Apache-2.0
"""The console: every page of a node with 100,000 cases and 10,000 matches.

The cases come in as any import's; tokens and matches are put straight into their tables. Each
page is asked for in this process, without a browser or a network, and the middle of five
times counts. The database is on disk.
"""

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select, update
from starlette.testclient import TestClient

from benchmarks.seeding import federation, key_of
from benchmarks.table import Row
from federation import Case, Kind, Subject
from federation.audit import OPERATOR, StaffRole
from federation.charter import Role
from federation.member.ports import Silent
from federation.storage.counters import ARRIVAL, CHANGE, take_numbers
from federation.storage.registry import table_of
from federation.storage.tables_cases import ObservationRow, TokenLinkRow, TokenRow
from federation.storage.tables_exchange import MatchRow
from federation.testing import Federation
from federation_node import config
from federation_node.console.app import Console
from federation_node.context import NodeContext
from federation_node.home import Home

__all__ = ["measure"]

_HOST = "127.0.0.1:7412"
_WORDS = "otter lantern puzzle"
_ROUNDS = 5
_PORTION = 5_000


def measure(scale: float) -> Iterator[Row]:
    """Every page that a person with all roles on cases may open."""
    cases = max(200, int(100_000 * scale))
    matches = max(20, int(10_000 * scale))
    with federation("hope", "amparo") as fed, TemporaryDirectory() as folder:
        _seed(fed, cases, matches)
        fed["hope"].threads()
        home = Home(Path(folder) / "home")
        home.create()
        console = Console(_node(fed, home), (_HOST,), tls=False)
        try:
            yield from _pages(fed, console, cases, matches)
        finally:
            console.jobs.close()


def _pages(fed: Federation, console: Console, cases: int, matches: int) -> Iterator[Row]:
    hope = fed["hope"]
    roles = {StaffRole.TECHNICIAN, StaffRole.CASEWORKER, StaffRole.REVIEWER}
    hope.staff.add("ines", roles | {StaffRole.DATA_PROTECTION}, password=_WORDS)
    client = TestClient(console.app, base_url=f"http://{_HOST}")
    found = re.search(r'name="seal" value="(\w+)"', client.get("/sign-in").text)
    assert found is not None
    form = {"seal": found[1], "name": "ines", "password": _WORDS, "code": ""}
    assert client.post("/sign-in", data=form).status_code == 200
    listed = client.get("/matches").text
    match = re.search(r'href="(/matches/[0-9a-f]{32})"', listed)
    thread = re.search(r'href="(/threads/[0-9a-f]{32})"', client.get("/threads").text)
    assert match is not None
    assert thread is not None
    agreement = f"/agreements/{hope.agreements()[0].hash.hex()}"
    last = f"/matches?page={-(-matches // 25)}"
    paths = {path: path for path in ("/today", "/matches", "/threads", "/screening")}
    paths |= {"last part of /matches": last, "one match": match[1], "one thread": thread[1]}
    paths |= {path: path for path in ("/imports", "/agreements", "/members", "/record")}
    paths |= {"to review": "/matches?status=review", "/disclosures": "/disclosures"}
    paths |= {"/consents": "/consents", "/retractions": "/retractions"}
    paths |= {"one agreement": agreement, "/account": "/account"}
    for name, path in paths.items():
        took = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            answer = client.get(path)
            took.append(time.perf_counter() - began)
            assert answer.status_code == 200, path
        what = f"console, {cases:,} cases and {matches:,} matches: {name}"
        yield Row(what, f"{median(took) * 1000:.0f} ms", "< 1 s")


def _node(fed: Federation, home: Home) -> NodeContext:
    """Hope's node; what needs its keystore and its peers is not measured."""
    seat = fed.seats["hope"]
    settings = config.Config(
        organisation=config.Organisation(
            member="hope", name="Hope", legal_entity="x", role=Role.HOTLINE
        ),
        node=config.Node(endpoint="hope.example:7411"),
    )
    parts: dict[str, Any] = dict.fromkeys(field.name for field in fields(NodeContext))
    parts |= {"home": home, "config": settings, "store": seat.store, "member": seat.member}
    return NodeContext(**parts | {"log": Silent(), "by": OPERATOR})


def _seed(fed: Federation, cases: int, matches: int) -> None:
    """Bring cases, of which two each share an account, and matches on the first of them."""
    agreement = fed.agree("hope", "amparo")
    fed["hope"].put_cases(
        Case(f"H-{number}", region="MX").add(
            Kind.HANDLE,
            {"platform": "telegram", "handle": f"recruiter_{number // 2}"},
            Subject.RECRUITER,
        )
        for number in range(cases)
    )
    key, at = key_of(fed["hope"]).key_id, fed.clock()
    seen = table_of(ObservationRow)
    with fed.seats["hope"].store.write() as tx:
        session = tx.weaving._session  # noqa: SLF001
        uuids = list(session.scalars(select(seen.c.uuid).order_by(seen.c.uuid)))
        arrival = take_numbers(session, ARRIVAL, len(uuids))
        values = range(-(-len(uuids) // 2))
        tokens = [
            {
                "id": value + 1,
                "key_id": key,
                "ciphertext": secrets.token_bytes(32),
                "weak": False,
                "created": at,
            }
            for value in values
        ]
        links = [
            {"observation": uuid, "token": n // 2 + 1, "key_id": key, "arrival": arrival + n}
            for n, uuid in enumerate(uuids)
        ]
        for model, rows in ((TokenRow, tokens), (TokenLinkRow, links)):
            for start in range(0, len(rows), _PORTION):
                session.execute(table_of(model).insert(), rows[start : start + _PORTION])
        session.execute(update(seen).values(status="tokenised"))
        change = take_numbers(session, CHANGE, matches)
        proven = {"partner": "amparo", "lane": "network", "status": "proven", "reason": ""}
        session.execute(
            table_of(MatchRow).insert(),
            [
                {
                    **proven,
                    "uuid": secrets.token_bytes(16),
                    "match_id": secrets.token_bytes(16),
                    "agreement": agreement,
                    "token": value + 1,
                    "change": change + value,
                    "found": at,
                    "proven": at,
                }
                for value in range(min(matches, len(values)))
            ],
        )
