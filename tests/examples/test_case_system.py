# SPDX-License-Identifier: Apache-2.0
"""The example for vendors, run beside real nodes."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from rich.console import Console

import federation
from federation import Case, Kind, Subject
from federation_node.demo import orchestrate
from federation_node.demo.generate import generate
from federation_node.demo.orchestrate import Options
from federation_node.demo.teller import Teller

EXAMPLE = Path(__file__).parents[2] / "examples" / "case_system.py"
CANARY = "+52 55 1234 5678"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The homes of three serving nodes that have agreed, by member."""
    options = Options(seed=1, cases_per_org=40, directory=tmp_path_factory.mktemp("nodes"))
    teller = Teller(Console(quiet=True))
    with ExitStack() as stack:
        dataset = generate(options.seed, cases_per_org=options.cases_per_org)
        stage = orchestrate._Stage(orchestrate._organisations(options, dataset), teller)
        for one in stage.all:
            stack.callback(one.process.stop)
        orchestrate._set_up(stage, stack)
        orchestrate._found(stage)
        orchestrate._make_keys(stage)
        orchestrate._agree(stage)
        yield {one.id: one.home.path for one in stage.all}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The table of an invented case system."""
    path = tmp_path / "cases.db"
    with closing(sqlite3.connect(path)) as made, made:
        made.executescript("""
            CREATE TABLE calls (id TEXT PRIMARY KEY, country TEXT);
            CREATE TABLE contacts (call TEXT, who TEXT, kind TEXT, value TEXT);
            INSERT INTO calls VALUES ('H-17', 'MX'), ('H-18', 'MX');
            INSERT INTO contacts VALUES
                ('H-17', 'recruiter', 'phone', '55 1234 5678'),
                ('H-17', 'caller', 'phone', '55 8765 4321'),
                ('H-18', 'driver', 'plate', '?');
        """)
    return path


def command(database: Path, home: Path, *options: str) -> "tuple[list[str], dict[str, str]]":
    """The command line and environment of the example."""
    environment = os.environ | {"CASETHREAD_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    return [sys.executable, str(EXAMPLE), str(database), *options], environment


def run(database: Path, home: Path) -> str:
    """Run the example once and return what it says."""
    arguments, environment = command(database, home)
    done = subprocess.run(
        arguments, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Children can be interrupted, also where the tests run in the background of a script.

    Shells let those ignore the signal, and whoever they start inherits that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_case_system_finds_whom_a_partner_knows_too(
    homes: dict[str, Path], database: Path
) -> None:
    """It hands over its table, hears of the match, and takes back what was deleted."""
    with federation.connect(homes["amparo"]) as amparo:
        amparo.put_cases([Case("A-9", region="US").add(Kind.PHONE, CANARY, Subject.RECRUITER)])
        amparo.sync()
        first = run(database, homes["hope"])
        amparo.sync()
        second = run(database, homes["hope"])
        with closing(sqlite3.connect(database)) as opened, opened:
            opened.execute("DELETE FROM calls WHERE id = 'H-18'")
        arguments, environment = command(database, homes["hope"], "--follow")
        with subprocess.Popen(
            arguments, env=environment, stdout=subprocess.PIPE, text=True
        ) as follower:
            assert follower.stdout is not None
            # A follower that says nothing must not keep the test waiting for ever.
            guard = threading.Timer(90, follower.kill)
            guard.start()
            lines = [follower.stdout.readline()]
            with federation.connect(homes["hope"]) as hope:
                again = Case("H-99").add(Kind.PHONE, CANARY, Subject.RECRUITER, field="phone")
                hope.put_cases([again], source="example-case-system")
                hope.sync()
                cases = hope.status().cases
                lines += [follower.stdout.readline() for _ in range(2)]
            follower.send_signal(signal.SIGINT)
            follower.wait(20)
            guard.cancel()
    said = first + second + "".join(lines)

    assert first.startswith("2 new calls, 0 corrected, 0 as before\n")
    assert "call H-18: vehicle left out: " in first
    assert (first + second).count("call H-17: amparo knows this recruiter's phone too") == 1
    # What was shown is not shown again; H-18 is neither there nor told any more.
    assert lines[0] == "0 new calls, 0 corrected, 1 as before\n"
    assert {line.split(":")[0] for line in lines[1:]} == {"call H-17", "call H-99"}
    assert cases == 2
    assert "1234" not in said
    assert "4321" not in said


def test_without_a_serving_node(database: Path, tmp_path: Path) -> None:
    """It says what to do."""
    arguments, environment = command(database, tmp_path)
    done = subprocess.run(
        arguments, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert "casethread serve" in done.stderr
    assert "Traceback" not in done.stderr
