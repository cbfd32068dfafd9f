# SPDX-License-Identifier: Apache-2.0
"""A case and what was observed in it, as the own case management gives them."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from federation.errors import InputError
from federation.indicators.kinds import Kind, Subject
from federation.indicators.text import MAX_RAW_BYTES

MAX_ID: Final = 200
"""Longest case id and source field, in characters."""
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of pairs (Unicode categories Cc and Cs)."""


@dataclass(frozen=True, slots=True)
class Observation:
    """An indicator as it was seen in a case, about one subject.

    Nothing is normalised here: an organisation may hold what it cannot match. Observations
    about survivors are carried like others; whether they become tokens is decided elsewhere.
    """

    kind: Kind
    """What it is."""
    raw: str | Mapping[str, str] = dataclasses.field(repr=False)
    """As it was written down; never logged."""
    subject: Subject
    """Whom it is about; decides the lane."""
    region: str | None = None
    """Where it was seen (ISO 3166, two letters), which national spellings need."""
    field: str = ""
    """Where it stood in the source, such as the name of a column."""

    def __post_init__(self) -> None:
        if not isinstance(self.kind, Kind):
            raise InputError("the kind of an observation is a Kind")
        if not isinstance(self.subject, Subject):
            raise InputError("the subject of an observation is a Subject")
        if _raw_size(self.raw) > MAX_RAW_BYTES:
            raise InputError(f"a {self.kind} value is longer than {MAX_RAW_BYTES} bytes")
        _check_region(self.region)
        _check_name("the field of an observation", self.field)
        if isinstance(self.raw, Mapping):
            # A copy, so that the caller's changes do not reach a frozen observation.
            object.__setattr__(self, "raw", dict(self.raw))


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the own organisation, with the observations that may be matched.

    Frozen: `add` returns a new case, so chain the calls or keep the result.

        Case("H-17", region="MX").add(Kind.PHONE, "55 1234 5678", Subject.RECRUITER)
    """

    id: str
    """The id in the own case management; never leaves the organisation."""
    region: str | None = None
    """Default region of its observations (ISO 3166, two letters)."""
    observations: tuple[Observation, ...] = ()
    """In the order in which they were added."""
    minor: bool = False
    """Whether it involves a minor, as far as is known."""

    def __post_init__(self) -> None:
        _check_name("the id of a case", self.id)
        if not self.id.strip():
            raise InputError("a case needs an id")
        _check_region(self.region)
        if not isinstance(self.minor, bool):
            raise InputError("whether a case involves a minor is yes or no")
        object.__setattr__(self, "observations", tuple(self.observations))

    def add(
        self,
        kind: Kind,
        raw: str | Mapping[str, str],
        subject: Subject,
        *,
        region: str | None = None,
        field: str = "",
    ) -> Self:
        """Return this case with one more observation.

        Args:
            kind: What it is.
            raw: As it was written down: text, or the fields that the kind knows.
            subject: Whom it is about.
            region: Where it was seen, if not the case's region (ISO 3166, two letters).
            field: Where it stood in the source, such as the name of a column.

        Returns:
            A new case; this one stays as it is.

        Raises:
            InputError: The value is over 1,024 bytes, or an argument has the wrong type.
        """
        seen = Observation(kind, raw, subject, region or self.region, field)
        return dataclasses.replace(self, observations=(*self.observations, seen))


def _raw_size(raw: object) -> int:
    parts: list[object] = [*raw.keys(), *raw.values()] if isinstance(raw, Mapping) else [raw]
    size = 0
    for part in parts:
        if not isinstance(part, str):
            raise InputError("a raw value is text, or a mapping of text to text")
        # Half a surrogate pair, as a broken export may hold, counts; `normalise` refuses it.
        size += len(part.encode(errors="surrogatepass"))
    return size


def _check_region(region: object) -> None:
    if region is None:
        return
    if not (isinstance(region, str) and len(region) == 2 and region.isascii() and region.isalpha()):
        raise InputError("a region is a country code of two letters (ISO 3166)")


def _check_name(what: str, text: object) -> None:
    if not isinstance(text, str) or len(text) > MAX_ID:
        raise InputError(f"{what} is text of at most {MAX_ID} characters")
    if _CONTROLS.search(text):
        raise InputError(f"{what} holds a control character")
