# SPDX-License-Identifier: Apache-2.0
"""One request of a person, and the register of the pages that answer it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from federation.audit import Actor
from federation.errors import InputError
from federation.member import ACTION_ROLES, SELF_SERVICE, StaffAction
from federation_node.actions.sign_in import Who
from federation_node.console.jobs import Jobs
from federation_node.console.language import Language
from federation_node.context import NodeContext

__all__ = ["PAGES", "SMALL_FORM", "Entry", "Page", "Slice", "Visit", "get", "post", "slice_of"]

T = TypeVar("T")

SMALL_FORM: Final = 64 * 1024
"""Most octets of a form without a file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation."""

    label: str
    path: str
    action: StaffAction
    """Shown to who may do this."""


@dataclass(slots=True)
class Visit:
    """What a page is given. It is used in one thread."""

    context: NodeContext
    """The node, in the hands of who is signed in."""
    templates: Environment
    jobs: Jobs
    language: Language
    navigation: tuple[Entry, ...]
    path: str
    """Of the page that is asked for."""
    parts: Mapping[str, str]
    """What stands in the variable places of the path."""
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, UploadFile] = field(default_factory=dict, repr=False)
    seal: str = field(default="", repr=False)
    """Stands in every form of this session, and proves that the form is ours."""
    token: str = field(default="", repr=False)
    """Of the session; empty before somebody signs in."""
    actor: Actor | None = None
    person: Who | None = None
    accepted: str = ""
    """Languages that the browser asks for."""
    cookies: dict[str, str | None] = field(default_factory=dict, repr=False)
    """To be set with the answer; None ends one."""

    def may(self, action: StaffAction) -> bool:
        """Tell whether who is signed in may do something, so that it is offered.

        Args:
            action: what. The action itself checks it again.
        """
        if action in SELF_SERVICE:
            return self.actor is not None
        return self.actor is not None and bool(self.actor.roles & ACTION_ROLES[action])

    def render(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """Make a page.

        Args:
            template: its file.
            status: of HTTP.
            values: what the template shows.
        """
        text = self.templates.get_template(template).render(
            values
            | {
                "_": self.language.say,
                "gettext": self.language.say,
                "language": self.language,
                "visit": self,
                "StaffAction": StaffAction,
                "leave_to": self.context.config.console.leave_to,
                "organisation": self.context.config.organisation.name,
                "done": self.query.get("done", ""),
            }
        )
        return HTMLResponse(text, status)

    def go(self, path: str, **query: str) -> Response:
        """Send the browser to another page.

        Args:
            path: of the page.
            query: stands behind it.
        """
        return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)

    def text(self, name: str, longest: int = 1000) -> str:
        """Return a field of the form.

        Args:
            name: of the field.
            longest: characters.

        Raises:
            InputError: it is longer.
        """
        value = self.form.get(name, "").strip()
        if len(value) > longest:
            raise InputError("a field of the form is too long", next_step="shorten it")
        return value

    def number(self, name: str) -> int:
        """Return a number from the address: 1 if there is none.

        Args:
            name: of the parameter.
        """
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1

    def day(self, text: str) -> date | None:
        """Read a day as browsers write it; None for nothing.

        Args:
            text: such as ``2026-01-31``.

        Raises:
            InputError: it is no day.
        """
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise InputError(
                "this is no day", next_step="write year, month and day, such as 2026-01-31"
            ) from error

    @property
    def account(self) -> bytes:
        """Who is signed in; empty for nobody."""
        return b"" if self.person is None else self.person.account

    @property
    def name(self) -> str:
        """How the person who is signed in is called; empty for nobody."""
        return "" if self.person is None else self.person.name


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A part of a listing."""

    rows: Sequence[T]
    count: int
    """In the whole listing."""
    pages: int
    number: int
    """Of this part, from 1."""


def slice_of(rows: Sequence[T], number: int, size: int = 25) -> Slice[T]:
    """Return a part of a listing.

    Args:
        rows: the whole listing.
        number: of the part, from 1; the last one if there are fewer.
        size: rows of a part.
    """
    pages = max(1, -(-len(rows) // size))
    number = min(max(1, number), pages)
    return Slice(rows[(number - 1) * size : number * size], len(rows), pages, number)


Answer = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """What answers one path."""

    method: str
    path: str
    action: StaffAction | None
    """What it does; None for what everybody may ask for, signed in or not."""
    answer: Answer
    largest: int
    """Most octets that it is sent."""


PAGES: Final[list[Page]] = []
"""Every page, in the order in which the modules are loaded."""


def get(path: str, action: StaffAction | None) -> Callable[[Answer], Answer]:
    """Register what shows a page.

    Args:
        path: with variable places in braces.
        action: who may do this may see it.
    """
    return _register("GET", path, action, 0)


def post(
    path: str, action: StaffAction | None, *, largest: int = SMALL_FORM
) -> Callable[[Answer], Answer]:
    """Register what takes a form.

    Args:
        path: with variable places in braces.
        action: what it does.
        largest: most octets that it is sent.
    """
    return _register("POST", path, action, largest)


def _register(
    method: str, path: str, action: StaffAction | None, largest: int
) -> Callable[[Answer], Answer]:
    def keep(answer: Answer) -> Answer:
        PAGES.append(Page(method, path, action, answer, largest))
        return answer

    return keep
