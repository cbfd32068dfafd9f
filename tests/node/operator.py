# SPDX-License-Identifier: Apache-2.0
"""One node, alone, and the person who types its commands."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from federation_node.cli import main

KEY = {"CASETHREAD_KEY": "5a" * 32}
"""Environment in which every node here opens."""


@dataclass(frozen=True)
class Operator:
    """Runs commands of one node in this process."""

    home: Path

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """Run a command."""
        environment = {**KEY, "CASETHREAD_HOME": str(self.home)}
        before = os.umask(0o077)
        try:
            return CliRunner().invoke(main, arguments, env=environment, input=stdin)
        finally:
            # Commands set the umask of their process.
            os.umask(before)

    def ok(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command that must succeed."""
        done = self.run(*arguments, stdin=stdin)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *arguments: str, stdin: str | None = None) -> Any:
        """Run a command that answers with JSON."""
        return json.loads(self.ok(*arguments, "--json", stdin=stdin))

    def fails(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command that must be refused, with a next step and no traceback."""
        done = self.run(*arguments, stdin=stdin)
        assert done.exit_code == 1, done.output
        assert "error: " in done.stderr
        assert "next:  " in done.stderr
        assert "Traceback" not in done.output
        return done.stderr


def make_home(path: Path, *, region: str = "US") -> Path:
    """Make the home of a node in no federation."""
    options = ["--name", "Hope", "--legal-entity", "TEST:hope", "--role", "hotline"]
    Operator(path).ok("init", "hope", *options, "--endpoint", "127.0.0.1:7001", "--region", region)
    return path
