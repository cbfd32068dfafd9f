# SPDX-License-Identifier: Apache-2.0
"""A console around one member of a federation in memory, and people at their browsers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
from starlette.testclient import TestClient

from federation.agreements import Detail, Purpose
from federation.audit import PERSONAL_ROLES, StaffRole
from federation.disclosure import Item
from federation.indicators import Kind
from federation.testing import Federation
from federation_node.console.app import Console
from federation_node.context import NodeContext
from federation_node.home import Home
from tests.member import asking, support
from tests.member.people import WORDS, cheap_passwords, hire
from tests.node.local_node import node_of, recruiter
from tests.node.network import Journal

HOST = "127.0.0.1:7412"
ROLES = sorted(PERSONAL_ROLES, key=lambda role: (role is not StaffRole.TECHNICIAN, role))
"""A technician is the first to get an account."""


class _Seals(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name") == "seal":
            self.found.append(given.get("value") or "")


def seal_of(answer: httpx2.Response) -> str:
    """Return what every form of a page holds."""
    parser = _Seals()
    parser.feed(answer.text)
    assert parser.found, answer.text
    return parser.found[0]


@dataclass
class Browser:
    """One person's browser. It follows no redirect by itself."""

    http: TestClient

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """Ask for a page."""
        return self.http.get(path, follow_redirects=False, **options)

    def send(
        self, path: str, form: dict[str, str] | None = None, *, seal: str | None = None, **more: Any
    ) -> httpx2.Response:
        """Send a form with the seal of this browser's session."""
        given = seal_of(self.get("/account")) if seal is None else seal
        return self.http.post(
            path, data={"seal": given, **(form or {})}, follow_redirects=False, **more
        )

    def sign_in(self, name: str, password: str = WORDS, code: str = "") -> httpx2.Response:
        """Fill in the first form."""
        form = {"name": name, "password": password, "code": code}
        return self.send("/sign-in", form, seal=seal_of(self.get("/sign-in")))


@dataclass
class Desk:
    """A console and its organisation."""

    federation: Federation
    context: NodeContext
    console: Console
    journal: Journal
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, **headers: str) -> Browser:
        """Open a new browser."""
        base = f"http://{HOST}"
        client = TestClient(
            self.console.app, base_url=base, headers=headers, raise_server_exceptions=True
        )
        return Browser(client)

    def at(self, role: StaffRole) -> Browser:
        """Return the browser of the person who has only this role, signed in."""
        if role not in self.browsers:
            browser = self.browsers[role] = self.browser()
            assert 303 == browser.sign_in(f"the-{role}").status_code
        return self.browsers[role]

    def match(self) -> str:
        """Return the id of a match that there is."""
        return self.federation["hope"].matches(status=None)[0].id

    def asked(self) -> str:
        """Let amparo ask on the match that it has with hope; return the id of the request."""
        asker = self.federation["amparo"]
        match = bytes.fromhex(asker.matches()[0].id)
        items: frozenset[Item] = frozenset({Kind.HANDLE, Detail.CONTACT})
        request = asker.requests.ask([match], items, Purpose.SUPPORT, note="two women were told")
        self.federation.drive()
        return request.hex()


@cache
def _at_work() -> Federation:
    """Three members, one person of hope in each role, and a match of hope with amparo."""
    fed = _alone()
    fed.agree("hope", "amparo", **asking.TERMS)
    fed["hope"].put_cases([recruiter("H-1", "ana"), recruiter("H-2", "ana")])
    fed["amparo"].put_cases([recruiter("A-1", "ana")])
    fed.sync()
    return _staffed(fed)


def _alone(*, keys: bool = True) -> Federation:
    return Federation("hope", "amparo", "licht", keys=keys)


def _staffed(fed: Federation) -> Federation:
    for role in ROLES:
        hire(fed["hope"], f"the-{role}", role)
    return fed


@contextmanager
def desk(path: Path, *, keys: bool = True) -> Iterator[Desk]:
    """Open hope's console: one person in each role, and a match with amparo."""
    home = Home(path / "home")
    home.create()
    with cheap_passwords():
        made = support.copied(_at_work()) if keys else _staffed(_alone(keys=False))
        with made as fed:
            journal = Journal()
            context = node_of(fed, home, journal)
            console = Console(context, (HOST,), tls=False)
            try:
                yield Desk(fed, context, console, journal)
            finally:
                console.jobs.close()


def title_of(answer: httpx2.Response) -> str:
    """Return the heading of a page."""
    found = re.search(r"<h1>(.*?)</h1>", answer.text, re.DOTALL)
    assert found is not None, answer.text
    return found[1]
