# SPDX-License-Identifier: Apache-2.0
"""What every answer carries, and what every request must have before it is looked at.

- ``Host`` must be a name of this console: a foreign name that was made to point here (DNS
  rebinding) gets nothing.
- A form must come from a page of this console: browsers say in ``Sec-Fetch-Site`` and
  ``Origin`` where it comes from. Beside this every form holds the session's own seal.
"""

from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "Shield", "TooLargeError", "limited"]

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Nothing to anybody else. With "no-referrer" browsers would name no origin of our own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_TLS: Final = {"Strict-Transport-Security": "max-age=31536000"}
_METHODS: Final = frozenset({"GET", "HEAD", "POST"})


class TooLargeError(Exception):
    """More was sent than the page takes."""


class Shield:
    """Refuses what no page should see, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], *, tls: bool) -> None:
        """Wrap an application.

        Args:
            app: the application.
            hosts: what ``Host`` may say.
            tls: whether it is served over TLS.
        """
        self._app = app
        self._hosts = frozenset(one.lower() for one in hosts)
        self._scheme = "https" if tls else "http"
        self._headers = HEADERS | (_TLS if tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        refusal = self._refusal(scope)
        answer = self._app if refusal is None else PlainTextResponse(*refusal)
        await answer(scope, receive, shielded)

    def _refusal(self, scope: Scope) -> tuple[str, int] | None:
        headers = Headers(scope=scope)
        if [one.lower() for one in headers.getlist("host")] not in [[one] for one in self._hosts]:
            return "This address is not one of this console.\n", 421
        if scope["method"] not in _METHODS:
            return "Not allowed.\n", 405
        if scope["method"] == "POST":
            site, origin = headers.get("sec-fetch-site"), headers.get("origin")
            own = f"{self._scheme}://{headers['host'].lower()}"
            if site not in {None, "same-origin", "none"} or origin not in {None, own}:
                return "This form does not come from a page of this console.\n", 403
        return None


def limited(receive: Receive, headers: Headers, largest: int) -> Receive:
    """Return what receives a body, and gives up when it is too large.

    Args:
        receive: of the server.
        headers: of the request.
        largest: octets.

    Raises:
        TooLargeError: the request says that it is larger; or later, when it turns out to be.
    """
    said = headers.get("content-length", "0")
    if not said.isascii() or not said.isdigit() or len(said) > 15 or int(said) > largest:
        raise TooLargeError
    left = largest

    async def received() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLargeError
        return message

    return received
