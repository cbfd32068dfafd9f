# SPDX-License-Identifier: Apache-2.0
"""From a request to a page: who asks, in which language, and what went wrong."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from federation.errors import (
    AuthenticationError,
    CasethreadError,
    InputError,
    MalformedError,
    PolicyError,
)
from federation_node.actions import sign_in
from federation_node.cli.failure import next_step
from federation_node.console import pages, words
from federation_node.console.jobs import Jobs
from federation_node.console.language import LANGUAGES, choose
from federation_node.console.shield import Shield, TooLargeError, limited
from federation_node.console.visit import PAGES, Page, Visit
from federation_node.context import NodeContext

__all__ = ["SEAL", "Console"]

SEAL: Final = "seal"
"""Name of the field of every form that proves it is ours."""
_FIELDS: Final = 600
"""Most fields of a form: a sheet has at most 256 columns, with two choices each."""
_YEAR: Final = 365 * 24 * 3600
_EARLIER: Final = "guest"


class Console:
    """The pages of one node."""

    def __init__(self, context: NodeContext, hosts: tuple[str, ...], *, tls: bool) -> None:
        """Put the pages together.

        Args:
            context: the opened node; each request acts as who is signed in.
            hosts: what browsers may call it: ``name:port``.
            tls: whether it is served over TLS.
        """
        self._context = context
        self._tls = tls
        # A process serves one node; the key need not outlive the forms that are open.
        self._key = secrets.token_bytes(32)
        self.jobs = Jobs(self._unexpected)
        self._templates = Environment(
            loader=PackageLoader("federation_node.console"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(words=words, LANGUAGES=LANGUAGES)
        routes: list[Route | Mount] = [
            Route(page.path, self._endpoint(page), methods=[page.method]) for page in PAGES
        ]
        static = StaticFiles(packages=[("federation_node.console", "static")])
        inner = Starlette(
            routes=[*routes, Mount("/static", static)],
            exception_handlers={HTTPException: self._missing},
        )
        self.app: ASGIApp = Shield(inner, hosts, tls=tls)

    def cookie(self, name: str) -> str:
        """Return the whole name of a cookie.

        Several nodes on one machine share its cookies, so the member is part of the name.

        Args:
            name: what it is for.
        """
        prefix = "__Host-" if self._tls else ""
        return f"{prefix}casethread-{self._context.member.id}-{name}"

    def _endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            visit = await run_in_threadpool(self._visit, request)
            try:
                if page.action is not None and visit.person is None:
                    return RedirectResponse("/sign-in", 303)
                if page.method == "POST":
                    await self._read_form(request, page, visit)
                answer = await run_in_threadpool(self._answer, page, visit)
            except TooLargeError:
                answer = _error_page(visit, 413, InputError("what was sent is too large"))
            finally:
                for file in visit.files.values():
                    await file.close()
            return self._with_cookies(answer, visit)

        return endpoint

    def _visit(self, request: Request) -> Visit:
        """Find out who asks; nothing of the request is believed yet."""
        language = choose(
            request.cookies.get(self.cookie("language")),
            request.headers.get("accept-language", ""),
        )
        visit = Visit(
            self._context,
            self._templates,
            self.jobs,
            language,
            pages.NAVIGATION,
            request.url.path,
            request.path_params,
            request.query_params,
            accepted=request.headers.get("accept-language", ""),
        )
        token = request.cookies.get(self.cookie("session"), "")
        if token:
            self._sign(visit, token)
        if visit.person is None:
            # Before somebody signs in, forms are tied to the browser by a cookie of its own.
            name = self.cookie(_EARLIER)
            earlier = request.cookies.get(name, "")
            if len(earlier) != 64:
                earlier = visit.cookies[_EARLIER] = secrets.token_hex(32)
            visit.seal = self._seal(earlier)
        return visit

    def _sign(self, visit: Visit, token: str) -> None:
        try:
            actor = self._context.member.sign_ins.actor(token)
        except (AuthenticationError, MalformedError):
            visit.cookies["session"] = None
            return
        person = sign_in.who(self._context, token)
        if person is not None:
            visit.actor, visit.person, visit.token = actor, person, token
            visit.context = self._context.acting(actor)
            visit.seal = self._seal(token)

    def _seal(self, cookie: str) -> str:
        return hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()

    async def _read_form(self, request: Request, page: Page, visit: Visit) -> None:
        receive = limited(request.receive, request.headers, page.largest)
        whole = Request(request.scope, receive)
        try:
            form = await whole.form(max_files=1, max_fields=_FIELDS, max_part_size=16 * 1024)
        except HTTPException as error:
            raise TooLargeError from error
        fields = form.multi_items()
        visit.files = {name: one for name, one in fields if isinstance(one, UploadFile)}
        visit.form = {name: one for name, one in fields if isinstance(one, str)}

    def _answer(self, page: Page, visit: Visit) -> Response:
        try:
            if page.method == "POST":
                _check_seal(visit)
            if page.action is not None and visit.actor is not None:
                if not visit.actor.roles and page.method == "GET" and visit.path != "/account":
                    return visit.go("/account")
                visit.context.member.staff.admit(visit.actor, page.action)
            return page.answer(visit)
        except AuthenticationError as error:
            return self._failed(visit, error, 401)
        except PolicyError as error:
            return self._failed(visit, error, 403)
        except InputError as error:
            return self._failed(visit, error, 400)
        except CasethreadError as error:
            return self._failed(visit, error, 409)
        except Exception as error:  # noqa: BLE001 - its words may be data
            return self._failed(visit, self._unexpected(error), 500)

    def _failed(self, visit: Visit, error: CasethreadError, status: int) -> Response:
        return _error_page(visit, status, error)

    def _unexpected(self, error: Exception) -> CasethreadError:
        self._context.log.warning("console_failed", exc_info=error)
        return CasethreadError(
            "something unexpected happened, and nothing more was done",
            next_step="tell your technician: the log of the node says where",
        )

    async def _missing(self, request: Request, error: Exception) -> Response:
        """Answer what no page answers."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        visit = await run_in_threadpool(self._visit, request)
        missing = InputError("there is no such page", next_step="begin again with the first page")
        return _error_page(visit, status, missing)

    def _with_cookies(self, answer: Response, visit: Visit) -> Response:
        for name, value in visit.cookies.items():
            whole = self.cookie(name)
            if value is None:
                answer.delete_cookie(
                    whole, secure=self._tls, httponly=True, samesite="strict", path="/"
                )
            else:
                answer.set_cookie(
                    whole,
                    value,
                    max_age=_YEAR if name == "language" else None,
                    secure=self._tls,
                    httponly=True,
                    samesite="strict",
                    path="/",
                )
        return answer


def _check_seal(visit: Visit) -> None:
    given = visit.form.get(SEAL, "").encode()
    if not hmac.compare_digest(given, visit.seal.encode()):
        raise PolicyError(
            "this form is no longer good: somebody signed in or out, or the console was started "
            "again",
            next_step="go back, load the page again, and repeat what you did",
        )


def _error_page(visit: Visit, status: int, error: CasethreadError) -> Response:
    return visit.render("error.html", status, status=status, error=error, remedy=next_step(error))
