# SPDX-License-Identifier: Apache-2.0
"""``casethread demo``."""

import signal
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click
from rich.console import Console

from federation.errors import ConfigurationError
from federation_node.cli.output import emit

if TYPE_CHECKING:
    from federation_node.demo.orchestrate import Door
    from federation_node.demo.report import Result

__all__ = ["command"]

_SMALL = 40
_TERMINATED = 143

_OPENING = """\
Three hotlines in three countries take calls about abusive work in travelling
carnivals. Each call looks unrelated. All data here is invented; the nodes are
real: three processes, three databases, mutual TLS between them. Watch them find
whom they have in common."""


@click.command("demo")
@click.option("--seed", type=int, help="Data to generate.  [default: the published example]")
@click.option("--small", is_flag=True, help="Fewer calls, for a quick look.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the nodes' homes in this new directory.",
)
@click.option("--console", "pages", is_flag=True, help="Then show the pages of all three.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def command(
    *, seed: int | None, small: bool, keep: Path | None, pages: bool, as_json: bool
) -> None:
    """Watch three organisations find the recruiters that they share, and nothing else."""
    console = Console(stderr=as_json)
    console.print(_OPENING, markup=False, highlight=False, soft_wrap=True)
    # Loading gRPC and the database layer takes a moment: say something first.
    from federation_node.demo import report
    from federation_node.demo.cast import FULL_SIZE
    from federation_node.demo.generate import DEFAULT_SEED
    from federation_node.demo.orchestrate import Options, play
    from federation_node.demo.teller import Teller

    signal.signal(signal.SIGTERM, _leave)
    with ExitStack() as stack:
        if keep is None:
            temporary = tempfile.TemporaryDirectory(prefix="casethread-demo-")
            directory = Path(stack.enter_context(temporary))
        else:
            directory = _new_directory(keep)
        options = Options(
            seed=DEFAULT_SEED if seed is None else seed,
            cases_per_org=_SMALL if small else FULL_SIZE,
            directory=directory,
            console=pages,
        )

        def tell(result: "Result", doors: "list[Door]") -> None:
            if as_json:
                emit(report.document(result))
            else:
                report.show(result, console)
            if pages:
                _open_doors(doors, console)

        result = play(options, Teller(console), tell)
    if keep is not None and not as_json:
        _say_how_to_look(directory, console)
    if not result.ok:
        raise SystemExit(1)


def _new_directory(path: Path) -> Path:
    """Make the directory that is kept; an existing one might hold somebody's nodes."""
    try:
        path.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be made: {error.strerror}", next_step="name a new directory"
        ) from error
    return path.absolute()


def _leave(number: int, frame: FrameType | None) -> None:
    """End through the normal way out, so that every child process is ended."""
    del number, frame
    sys.exit(_TERMINATED)


def _open_doors(doors: "list[Door]", console: Console) -> None:
    """Say where each person signs in, and keep the nodes running until Ctrl-C."""
    console.print("\nThe three nodes go on. Open their pages in a browser:", markup=False)
    for door in doors:
        console.print(f"\n  {door.address}  {door.organisation}: {door.person}", markup=False)
        console.print(f"    name {door.name}  password {door.password}", markup=False)
    console.print("\nAll data is invented. Ctrl-C ends the nodes.", markup=False)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


def _say_how_to_look(directory: Path, console: Console) -> None:
    """Say how a kept home is opened."""
    from federation_node.demo.casting import CAST

    hope = CAST[0]
    lead = hope.lead.name
    home = f"{directory}/{hope.member}"
    console.print(
        f"\nLook into a node that was kept, for example as {hope.lead.full_name}:", markup=False
    )
    for line in (
        f"export CASETHREAD_PASSPHRASE_FILE='{home}.passphrase' CASETHREAD_HOME='{home}'",
        f"casethread staff sign-in {lead} --password-file '{home}.{lead}.password'",
        "casethread match list",
        "casethread thread list",
    ):
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
