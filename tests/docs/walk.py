# SPDX-License-Identifier: Apache-2.0
"""Walks through a page: runs its console blocks as its organisations would, and compares.

A command stands behind an organisation's prompt (``hope$ casethread status``); the lines
below it are what it prints, of which ``…`` leaves out the rest. Ids of twelve hex digits
stand for those of this run. ``csv`` and ``toml`` blocks with a title are files and lines
of files that the reader writes.
"""

import os
import re
import shlex
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from federation_node.cli import main
from federation_node.demo.process import free_ports

PORT = 7411
PATIENCE = 30.0
_FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PROMPT = re.compile(r"^([a-z]+)\$ (.*)$")
_ID = re.compile(r"\b[0-9a-f]{12}\b")
_WAITS = re.compile(
    r"casethread (status|doctor|federation (sign|show)|agreement (sign|list|show)|match list|"
    r"custodian ceremony (accept|status))\b"
)
"""Commands that say "not yet" until the other nodes have answered; a reader tries again."""


@dataclass
class Step:
    """One command with what it prints, or one file."""

    organisation: str
    command: str
    printed: list[str] = field(default_factory=list)


@dataclass
class Written:
    """A file, or lines of a file, that the reader writes."""

    name: str
    text: str


def steps(page: str) -> list[Step | Written]:
    """Read the steps of a page, in order."""
    found: list[Step | Written] = []
    for language, title, body in _FENCE.findall(page):
        if title:
            found.append(Written(title, body))
        elif language == "console":
            for line in body.splitlines():
                prompt = _PROMPT.match(line)
                if prompt is not None:
                    found.append(Step(prompt[1], prompt[2]))
                elif line.startswith("$ "):
                    found.append(Step("", line.removeprefix("$ ")))
                else:
                    last = found[-1]
                    assert isinstance(last, Step)
                    last.printed.append(line)
    return found


class Walk:
    """The machines of the organisations, all of them this one."""

    def __init__(self, directory: Path, organisations: list[str]) -> None:
        """Give each organisation a home, a key and a free port."""
        self.directory = directory
        self.ports = dict(zip(organisations, free_ports(len(organisations)), strict=True))
        self.ids: dict[str, str] = {}
        self.servers: list[tuple[subprocess.Popen[str], Step]] = []
        self._starting = 0

    def run(self, step: Step) -> None:
        """Run a command until it prints what the page says."""
        if step.command == "casethread serve":
            self._serve(step)
            return
        self.wait_for_servers()
        end = time.monotonic() + PATIENCE
        pause = threading.Event()
        program, *arguments = shlex.split(self._here(step.command))
        assert program == "casethread", step.command
        while True:
            # In this process: starting Python for each command would take most of the time.
            done = CliRunner().invoke(
                main, arguments, input="y\n", env=self._environment(step.organisation)
            )
            missing = self._compare(step.printed, done.stdout)
            if done.exit_code == 0 and missing is None:
                return
            if not _WAITS.match(step.command) or time.monotonic() > end:
                raise AssertionError(
                    f"{step.organisation}$ {step.command}\nlacks: {missing}\n{done.output}"
                )
            pause.wait(0.1)

    def write(self, written: Written) -> None:
        """Write a file, or replace the lines of one that begin alike."""
        path = self.directory / written.name
        if not path.exists():
            path.write_text(written.text, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        for line in written.text.splitlines():
            name = line.partition(" = ")[0]
            text, count = re.subn(f"(?m)^{re.escape(name)} = .*$", line, text)
            assert count == 1, f"{written.name} has no line {name}"
        path.write_text(text, encoding="utf-8")

    def wait_for_servers(self) -> None:
        """Wait until every node that was started says that it listens."""
        for server, step in self.servers[self._starting :]:
            # A server that says nothing must not keep the test waiting for ever.
            guard = threading.Timer(PATIENCE, server.kill)
            guard.start()
            assert server.stdout is not None
            line = server.stdout.readline()
            guard.cancel()
            assert self._compare(step.printed, line) is None, line
        self._starting = len(self.servers)

    def stop(self) -> None:
        """End the servers."""
        for server, _ in self.servers:
            server.terminate()
        for server, _ in self.servers:
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            if server.stdout is not None:
                server.stdout.close()

    def _serve(self, step: Step) -> None:
        """Start a node as a process of its own."""
        server = subprocess.Popen(
            [sys.executable, "-m", "federation_node.cli", "serve"],
            env=os.environ | self._environment(step.organisation) | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.servers.append((server, step))

    def _environment(self, organisation: str) -> dict[str, str]:
        return {
            "CASETHREAD_HOME": str(self.directory / organisation),
            "CASETHREAD_KEY": organisation.encode().hex().ljust(64, "0"),
            "CASETHREAD_NODE__LISTEN": f"127.0.0.1:{self.ports[organisation]}",
            "CASETHREAD_NODE__DRIVE_SECONDS": "0.2",
            "COLUMNS": "200",
        }

    def _here(self, text: str) -> str:
        """Put this run's addresses and ids into a text of the page."""
        for name, port in self.ports.items():
            text = text.replace(f"{name}.example.org:{PORT}", f"127.0.0.1:{port}")
        return _ID.sub(lambda found: self.ids.get(found[0], found[0]), text)

    def _compare(self, expected: list[str], said: str) -> str | None:
        """Return the first expected line that does not come, in order; learn ids."""
        lines = [_plain(line) for line in said.splitlines()]
        ids = dict(self.ids)
        for line in expected:
            if line.strip() == "…":
                continue
            pattern, names = self._pattern(_plain(line), ids)
            while lines:
                found: Any = pattern.fullmatch(lines.pop(0))
                if found is not None:
                    ids.update(zip(names, found.groups(), strict=True))
                    break
            else:
                return line
        self.ids = ids
        return None

    def _pattern(self, line: str, ids: dict[str, str]) -> tuple[re.Pattern[str], list[str]]:
        """Turn an expected line into a pattern; unknown ids become groups."""
        known = self._here(line)
        names = [one for one in _ID.findall(known) if one not in ids.values()]
        parts = re.split("(…|" + "|".join(map(re.escape, names)) + ")" if names else "(…)", known)
        wild = {"…": ".*"} | dict.fromkeys(names, "([0-9a-f]{12})")
        return re.compile("".join(wild.get(part) or re.escape(part) for part in parts)), names


def _plain(line: str) -> str:
    return " ".join(line.split())
