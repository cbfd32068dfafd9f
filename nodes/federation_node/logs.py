# SPDX-License-Identifier: Apache-2.0
"""The node's log: one JSON object a line, and nothing in it that identifies a person.

Only listed fields are written, and only values of the shape that the field has: ids,
numbers, names from our own code. Everything else is left out and counted in ``dropped``,
so that a careless call costs a field and never a secret. Free text is written only if it
is the message of a `CasethreadError`, which by the rule of `federation.errors` holds no
indicator.
"""

import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from federation.errors import CasethreadError

__all__ = ["FIELDS", "capture_library_logs", "make_logger"]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,79}")
_MEMBER: Final = re.compile(r"[a-z][a-z0-9-]{1,31}")
_HEX: Final = re.compile(r"(?:[0-9a-f]{2}){1,32}")
_METHOD: Final = re.compile(r"/?[A-Za-z0-9_.]{1,80}(?:/[A-Za-z0-9_]{1,40})?")
_ADDRESS: Final = re.compile(r"(?:ipv[46]:)?[A-Za-z0-9.:\[\]%-]{1,260}:[0-9]{1,5}")


def _text_of(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and -1e12 < value < 1e12


def _is_member_list(value: object) -> bool:
    return (
        isinstance(value, list | tuple | set | frozenset)
        and len(value) <= 256
        and all(isinstance(item, str) and _MEMBER.fullmatch(item) for item in value)
    )


_name, _member, _hex = _text_of(_NAME), _text_of(_MEMBER), _text_of(_HEX)

FIELDS: Final[Mapping[str, Callable[[object], bool]]] = {
    # who
    "member": _member,
    "peer": _member,
    "sender": _member,
    "members": _is_member_list,
    "culprits": _is_member_list,
    "address": _text_of(_ADDRESS),
    # which
    "account": _hex,
    "method": _text_of(_METHOD),
    "agreement": _hex,
    "ceremony": _hex,
    "certificate": _hex,
    "digest": _hex,
    "key_id": _hex,
    "request_id": _hex,
    "run": _hex,
    "session": _hex,
    "thread": _hex,
    "cls": _name,
    "kind": _name,
    "lane": _name,
    "phase": _name,
    "stage": _name,
    "status": _name,
    "task": _name,
    # what happened
    "code": _name,
    "error": _name,
    "reason": _name,
    "library": _name,
    # how much
    "attempt": _is_number,
    "cases": _is_number,
    "count": _is_number,
    "epoch": _is_number,
    "generation": _is_number,
    "matches": _is_number,
    "moved": _is_number,
    "port": _is_number,
    "retry_after": _is_number,
    "seconds": _is_number,
    "seq": _is_number,
    "tokens": _is_number,
    "version": _is_number,
}
"""The fields that a caller may log, each with the test that its value must pass."""

_MAX_FRAMES: Final = 12


def make_logger(
    path: Path | None, stream: TextIO | None, clock: Callable[[], datetime]
) -> FilteringBoundLogger:
    """Return a logger that writes to a file and to a stream.

    Pass ``exc_info=True`` or an exception as ``exc_info`` to log an error: its type, the
    message if it is a `CasethreadError`, else the places it came through, without values.

    Args:
        path: The log file, made with mode 0600; None for none.
        stream: Such as standard error; None for none.
        clock: Returns now, aware.
    """
    logger: FilteringBoundLogger = structlog.wrap_logger(
        _Sink(path, stream),
        processors=[structlog.stdlib.add_log_level, _keep_listed, _stamp(clock), _render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    return logger


def capture_library_logs(log: FilteringBoundLogger) -> None:
    """Send what libraries log through the standard module into the node's log.

    Their messages may quote what they worked on, so only the library's name, the level
    and the exception go on; gRPC's would otherwise print whole tracebacks.

    Args:
        log: From `make_logger`.
    """
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler(log)]
    root.setLevel(logging.WARNING)


class _Sink:
    """Writes whole lines; every level's method does the same."""

    def __init__(self, path: Path | None, stream: TextIO | None) -> None:
        self._lock = threading.Lock()
        self._stream = stream
        self._file: int | None = None
        if path is not None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            self._file = os.open(path, flags, 0o600)

    def msg(self, line: str) -> None:
        """Write one line. A log that cannot be written must not stop the node."""
        with self._lock:
            try:
                if self._file is not None:
                    os.write(self._file, line.encode() + b"\n")
                if self._stream is not None:
                    self._stream.write(line + "\n")
                    self._stream.flush()
            except (OSError, ValueError):
                return

    debug = info = warning = error = critical = msg


class _LibraryHandler(logging.Handler):
    """Passes on that a library logged, not what."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Log the library's name and the exception."""
        error = record.exc_info[1] if record.exc_info else None
        self._log.warning("library_warning", library=record.name, exc_info=error)


def _keep_listed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    name = event.pop("event", None)
    kept: EventDict = {
        "event": name if _name(name) else "unnamed_event",
        "level": event.pop("level"),
        **_describe(event.pop("exc_info", None)),
    }
    dropped = 0
    for field, value in event.items():
        if value is None:
            continue
        test = FIELDS.get(field)
        if test is None or not test(value):
            dropped += 1
        else:
            kept[field] = sorted(value) if isinstance(value, set | frozenset) else value
    if dropped:
        kept["dropped"] = dropped
    return kept


def _describe(given: object) -> dict[str, object]:
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, CasethreadError):
        said: dict[str, object] = {"error": type(error).__name__, "message": str(error)}
        return said if error.next_step is None else {**said, "next_step": error.next_step}
    if isinstance(error, BaseException):
        return {"error": type(error).__name__, "frames": _frames(error.__traceback__)}
    return {}


def _frames(trace: TracebackType | None) -> list[str]:
    """Name the places, innermost last; source lines and locals may hold values."""
    return [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace, limit=-_MAX_FRAMES)
    ]


def _stamp(clock: Callable[[], datetime]) -> structlog.typing.Processor:
    def stamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {"time": clock().isoformat(timespec="milliseconds"), **event}

    return stamp


def _render(_: WrappedLogger, __: str, event: EventDict) -> str:
    return json.dumps(event, separators=(",", ":"))
