# SPDX-License-Identifier: Apache-2.0
"""``casethread doctor``."""

import click

from federation_node.cli.output import emit, json_option
from federation_node.cli.session import open_node
from federation_node.doctor import Finding, Health, examine
from federation_node.home import Home

__all__ = ["command"]

_MARKS = {Health.GOOD: "ok  ", Health.LOOK: "look", Health.BAD: "BAD "}


@click.command("doctor")
@json_option
@click.pass_obj
def command(home: Home, *, as_json: bool) -> None:
    """Check the node, and say what to do about each finding.

    Exits with 1 if something does not work.
    """
    findings: list[Finding] = []
    with open_node(home) as context:
        for finding in examine(context):
            findings.append(finding)
            if not as_json:
                _show(finding)
    if as_json:
        emit([finding.document() for finding in findings])
    if any(finding.health is Health.BAD for finding in findings):
        raise SystemExit(1)


def _show(finding: Finding) -> None:
    click.echo(f"{_MARKS[finding.health]}  {finding.about}: {finding.says}")
    if finding.next_step:
        click.echo(f"      next: {finding.next_step}")
