# SPDX-License-Identifier: Apache-2.0
"""How an error looks on the command line: what is wrong, then what to do."""

import traceback
from pathlib import Path
from typing import IO, Any

import click

from federation import errors

__all__ = ["Failure", "next_step"]

# For an error that does not know its own remedy. The most specific type comes first.
_REMEDIES: tuple[tuple[type[errors.CasethreadError], str], ...] = (
    (errors.NormalisationError, "correct the value in the source and import it again"),
    (errors.MalformedError, "ask for the file again; it may have been cut or changed on its way"),
    (errors.InputError, "correct the input and try again"),
    (errors.SodiumError, "install libsodium 1.0.18 or later"),
    (errors.VerifyError, "do not use it; ask its sender by voice what happened"),
    (errors.CeremonyError, "talk to the custodians named, then start a new ceremony"),
    (errors.CharterStaleError, "run 'casethread sync' to fetch the newer charter"),
    (errors.CharterConflictError, "stop, and talk to all stewards by voice before going on"),
    (errors.MembershipError, "run 'casethread federation show' to see what the charter says"),
    (errors.QuotaError, "wait until the budget is renewed; 'casethread status' says when"),
    (errors.AgreementError, "run 'casethread agreement list' to see what is in force"),
    (errors.PolicyError, "run 'casethread agreement explain' to see what is allowed"),
    (errors.PeerUnreachableError, "try again later; nothing is lost"),
    (errors.QuorumError, "ask the custodians to start their nodes, then try again"),
    (errors.StoreError, "run 'casethread doctor' to see what is wrong with the database"),
)
_ELSE = "run 'casethread doctor' to see what is wrong"
_REPORT = "this is a fault of the program: report the line above, it quotes none of your data"
_MAX_FRAMES = 8


def next_step(error: errors.CasethreadError) -> str:
    """Say what the person at the screen can do.

    Args:
        error: what happened.

    Returns:
        One sentence without a full stop.
    """
    if error.next_step is not None:
        return error.next_step
    for cls, remedy in _REMEDIES:
        if isinstance(error, cls):
            return remedy
    return _ELSE


class Failure(click.ClickException):
    """An error of the library, shown with its next step; exit code 1."""

    exit_code = 1

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy

    @classmethod
    def of(cls, error: errors.CasethreadError) -> "Failure":
        """Make the failure that shows an error.

        Args:
            error: what happened.

        Returns:
            Something click can show.
        """
        return cls(str(error) or type(error).__name__, next_step(error))

    @classmethod
    def unexpected(cls, error: Exception) -> "Failure":
        """Make the failure that shows a fault of this program or of a library.

        Args:
            error: what happened; only its type and the places it came through are shown.

        Returns:
            Something click can show.
        """
        places = " < ".join(
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in reversed(traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:])
        )
        return cls(f"unexpected {type(error).__name__} at {places}", _REPORT)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write two lines to standard error."""
        click.echo(f"error: {self.message}", file=file, err=file is None)
        click.echo(f"next:  {self.remedy}", file=file, err=file is None)
