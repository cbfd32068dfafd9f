# SPDX-License-Identifier: Apache-2.0
"""``casethread demo``: three real nodes, from nothing to shared recruiters."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

COMMAND = [sys.executable, "-m", "federation_node.cli", "demo", "--small"]

pytestmark = pytest.mark.slow


def processes_of(directory: Path) -> list[str]:
    """Command lines of running processes whose environment names a home in a directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(directory).encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_everything_is_found_and_nothing_else(tmp_path: Path) -> None:
    """With an unseen seed: one JSON object, ok, and the kept homes open afterwards."""
    keep = tmp_path / "kept"
    done = subprocess.run(
        [*COMMAND, "--seed", "7031", "--keep", str(keep), "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    document = json.loads(done.stdout)
    environment = {
        **os.environ,
        "CASETHREAD_HOME": str(keep / "licht"),
        "CASETHREAD_PASSPHRASE_FILE": str(keep / "licht.passphrase"),
    }
    listed = [
        subprocess.run(
            [sys.executable, "-m", "federation_node.cli", *command.split(), "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env=environment,
        )
        for command in (
            f"staff sign-in ute --password-file {keep / 'licht.ute.password'}",
            "match list",
        )
    ][-1]

    assert (done.returncode, document["ok"]) == (0, True)
    assert (document["missed"], document["false_matches"]) == (0, 0)
    assert document["expected_matches"] == document["found_matches"] > 0
    assert (document["missed_ties"], document["false_ties"]) == (0, 0)
    assert ["amparo", "hope", "licht"] in [one["organisations"] for one in document["threads"]]
    assert json.loads(listed.stdout)
    assert processes_of(keep) == []


def test_it_leaves_no_process_behind_when_it_is_ended(tmp_path: Path) -> None:
    """Told to end in the middle, it ends its nodes first."""
    keep = tmp_path / "kept"
    demo = subprocess.Popen(
        [*COMMAND, "--keep", str(keep)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert demo.stdout is not None
    for line in demo.stdout:
        if line.startswith("3."):
            break
    before = processes_of(keep)
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=60)

    assert len(before) == 3
    assert demo.returncode == 143
    assert processes_of(keep) == []


def test_an_existing_directory_is_not_used(tmp_path: Path) -> None:
    """It might hold somebody's nodes."""
    done = subprocess.run(
        [*COMMAND, "--keep", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert "next:" in done.stderr


def test_the_pages_of_all_three_stay_open_until_ctrl_c(tmp_path: Path) -> None:
    """Three addresses with log-ins that work; Ctrl-C ends it well, and leaves no process."""
    keep = tmp_path / "kept"
    with subprocess.Popen(
        [*COMMAND, "--console", "--keep", str(keep)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
        # Whoever runs the tests in the background may have them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        text = "".join(said)
        doors = re.findall(r"(http://\S+)  .*\n    name (\S+)  password (.+)\n", text)
        pages = [signed_in(*door) for door in doors]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)

    assert 3 == len({address for address, _, _ in doors}), text
    assert pages == [True] * len(doors)
    assert 0 == process.returncode
    assert [] == processes_of(keep)


def signed_in(address: str, name: str, password: str) -> bool:
    """Whether somebody can sign in at a console."""
    with httpx2.Client(base_url=address, follow_redirects=True, timeout=60) as browser:
        seal = re.search(r'name="seal" value="(\w+)"', browser.get("/sign-in").text)
        assert seal is not None
        form = {"seal": seal[1], "name": name, "password": password.strip(), "code": ""}
        return "/sign-out" in browser.post("/sign-in", data=form).text
