# SPDX-License-Identifier: Apache-2.0
"""What the log writes, and what it never writes."""

import io
import json
import logging
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from federation.errors import AgreementError, QuotaError
from federation_node.logs import capture_library_logs, make_logger

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
CANARY = "+52 55 1234 5678"


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Parse what was logged."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def logged(event: str, **fields: object) -> dict[str, Any]:
    """Log once and read the line."""
    stream = io.StringIO()
    make_logger(None, stream, lambda: NOW).info(event, **fields)
    (line,) = lines(stream)
    return line


def test_a_listed_field_is_written() -> None:
    """One JSON object with time, event, level and the fields."""
    line = logged("sync_done", peer="amparo", tokens=12, agreement="00ff", members={"b-b", "a-a"})

    assert {
        "time": "2026-01-31T12:00:00.000+00:00",
        "event": "sync_done",
        "level": "info",
        "peer": "amparo",
        "tokens": 12,
        "agreement": "00ff",
        "members": ["a-a", "b-b"],
    } == line


@pytest.mark.parametrize(
    "fields",
    [
        {"value": CANARY},
        {"raw": CANARY},
        {"case": CANARY},
        {"peer": CANARY},
        {"reason": CANARY},
        {"error": CANARY},
        {"count": CANARY},
        {"members": [CANARY]},
        {"address": CANARY},
        {"method": CANARY},
        {"message": CANARY},
        {"_message": CANARY},
        {"frames": [CANARY]},
        {"next_step": CANARY},
        {"agreement": "15512345678901"},
        {"tokens": {"a": CANARY}},
    ],
)
def test_what_is_not_listed_is_dropped(fields: dict[str, object]) -> None:
    """A field that is unknown, or whose value has another shape, costs only itself."""
    line = logged("sync_done", **fields)

    if fields != {"agreement": "15512345678901"}:
        assert 1 == line["dropped"]
        assert CANARY not in json.dumps(line)


def test_an_event_is_a_name() -> None:
    """A sentence with a value in it is not an event."""
    line = logged(f"found {CANARY}")

    assert "unnamed_event" == line["event"]


def test_an_own_error_is_written_with_its_message() -> None:
    """Our errors hold no indicator, and say the next step."""
    line = logged("failed", exc_info=AgreementError("clause 7", next_step="sign it"))

    assert ("AgreementError", "clause 7", "sign it") == (
        line["error"],
        line["message"],
        line["next_step"],
    )


def test_a_foreign_error_is_written_without_message_and_locals() -> None:
    """Type and places, nothing that it or its frames held."""
    stream = io.StringIO()
    log = make_logger(None, stream, lambda: NOW)

    def inner(value: str) -> None:
        raise ValueError(f"cannot use {value}")

    try:
        inner(CANARY)
    except ValueError:
        log.warning("failed", exc_info=True)
    (line,) = lines(stream)

    assert "ValueError" == line["error"]
    assert [frame.split(" ")[1] for frame in line["frames"]][-1] == "inner"
    assert CANARY not in stream.getvalue()


def test_what_an_own_error_was_raised_from_stays_out() -> None:
    """Only the error itself is described, not its cause."""
    error = QuotaError("spent", retry_after=3)
    error.__cause__ = ValueError(CANARY)

    assert CANARY not in json.dumps(logged("failed", exc_info=error))


def test_the_file_is_private_and_appended_to(tmp_path: Path) -> None:
    """Mode 0600; a second start does not lose the first one's lines."""
    path = tmp_path / "node.log"
    make_logger(path, None, lambda: NOW).info("first_start")
    make_logger(path, None, lambda: NOW).info("second_start")

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["first_start", "second_start"] == [
        json.loads(line)["event"] for line in path.read_text().splitlines()
    ]


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    """A closed stream is no reason to fail a call."""
    stream = io.StringIO()
    log = make_logger(None, stream, lambda: NOW)
    stream.close()
    log.info("still_running")


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """Restore the standard logger afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_libraries_log_that_but_not_what(root_logger: logging.Logger) -> None:
    """A library's message may quote what it worked on."""
    stream = io.StringIO()
    capture_library_logs(make_logger(None, stream, lambda: NOW))
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("grpc._server").exception("cannot serve %s", CANARY)
    (line,) = lines(stream)

    assert ("library_warning", "grpc._server", "ValueError") == (
        line["event"],
        line["library"],
        line["error"],
    )
    assert CANARY not in stream.getvalue()
