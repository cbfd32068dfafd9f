# SPDX-License-Identifier: Apache-2.0
"""Generates the carnival data for a seed: three spreadsheets and what is true about them.

Run as a program to write the spreadsheets::

    python -m federation_node.demo.generate --seed 2026 --write examples/carnival
"""

import argparse
import csv
import io
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from federation_node.demo.cast import FULL_SIZE, TRACES, CasePlan, cast
from federation_node.demo.people import Email, Handle, Identity, Office, Phone, Plate
from federation_node.demo.shapes import SHAPES, Shape
from federation_node.demo.spell import Speller
from federation_node.demo.spell_traces import TraceSpeller
from federation_node.demo.traces import Account, Advert, Handset, Page, Paper, Site, Trace, Wallet
from federation_node.demo.truth import Cell, Truth

DEFAULT_SEED = 2026
"""Seed of the files in `examples/carnival`."""

FEWEST_CASES = 20
"""Cases per organisation below which the shared recruiters would not fit."""

_SLOTS = (
    "caller", "phone1", "phone2", "handle", "email", "plate", "office", "url", "bank-account",
    "wallet", "document", "place", "device",
)  # fmt: skip
"""Columns that hold an identity."""

_PLACEHOLDER_RATE = {"phone1": 0.3, "caller": 0.3} | dict.fromkeys(TRACES, 0.02)
"""How often something is written where nothing is known; elsewhere 0.08."""

_FIRST_DAY = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One organisation's spreadsheet, as the bytes of a CSV file."""

    organisation: str
    filename: str
    region: str
    content: bytes
    cases: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Three spreadsheets and what is true about them."""

    seed: int
    sheets: tuple[Sheet, ...]
    truth: Truth

    @property
    def files(self) -> dict[str, bytes]:
        """Name of each file -> its bytes."""
        return {sheet.filename: sheet.content for sheet in self.sheets}

    @property
    def cases(self) -> int:
        """Cases in all spreadsheets."""
        return sum(sheet.cases for sheet in self.sheets)


def generate(seed: int, *, cases_per_org: int = FULL_SIZE) -> Dataset:
    """Draw identities, then spell them into the spreadsheets of three organisations.

    Args:
        seed: everything follows from it; the same seed gives the same bytes.
        cases_per_org: cases in each spreadsheet, at least 20. What is shared grows with it.

    Returns:
        The spreadsheets and the truth about them.

    Raises:
        ValueError: `cases_per_org` is too small.
    """
    if cases_per_org < FEWEST_CASES:
        raise ValueError(f"cases_per_org must be at least {FEWEST_CASES}")
    # Reproducible on purpose: nothing secret is drawn here.
    rng = random.Random(seed)  # noqa: S311
    organisations = tuple(shape.organisation for shape in SHAPES)
    regions = {shape.organisation: shape.region for shape in SHAPES}
    plans = cast(rng, regions, cases_per_org).plans
    identities: dict[str, Identity] = {}
    cells: dict[Cell, str] = {}
    sheets = []
    for shape in SHAPES:
        writer = _SheetWriter(rng, shape)
        rows = []
        for number, plan in enumerate(plans[shape.organisation], start=1):
            row = writer.row(number, plan)
            rows.append(row)
            for slot, identity in plan.slots.items():
                case = shape.case_id.format(number=number)
                cells[Cell(shape.organisation, case, shape.columns[slot])] = identity.id
                identities[identity.id] = identity
        sheets.append(
            Sheet(shape.organisation, shape.filename, shape.region, _csv(shape, rows), len(rows))
        )
    return Dataset(seed, tuple(sheets), Truth(organisations, identities, cells))


class _SheetWriter:
    """Turns case plans into rows in the way of one organisation."""

    def __init__(self, rng: random.Random, shape: Shape) -> None:
        self._rng = rng
        self._shape = shape
        self._speller = Speller(rng, shape.encoding)
        self._traces = TraceSpeller(rng)
        self._wordy = tuple(p for p in shape.placeholders if not any(c.isdigit() for c in p))

    def row(self, number: int, plan: CasePlan) -> list[str]:
        """Return the cells of one case in the order of the sheet's columns."""
        rng, shape = self._rng, self._shape
        country = self._country(plan)
        written = dict.fromkeys(shape.columns, "")
        written["case"] = shape.case_id.format(number=number)
        written["date"] = (_FIRST_DAY + timedelta(days=rng.randrange(170))).strftime(shape.date)
        written["country"] = shape.countries[country]
        written["notes"] = f"{shape.mark} {rng.choice(shape.notes)}".strip()
        for slot in _SLOTS:
            identity = plan.slots.get(slot)
            if identity is not None:
                self._spell(written, slot, identity, country)
            elif rng.random() < _PLACEHOLDER_RATE.get(slot, 0.08):
                phone = slot in {"caller", "phone1", "phone2"}
                written[slot] = rng.choice(shape.placeholders if phone else self._wordy)
        return [written[slot] for slot in shape.columns]

    def _country(self, plan: CasePlan) -> str:
        """Draw the country of a case: often the one where the recruiter's phone is."""
        weights = self._shape.row_countries
        known = plan.slots.get("phone1")
        if known is not None and isinstance(known.facts, Phone) and self._rng.random() < 0.5:
            weights = {known.facts.country: 1} if known.facts.country in weights else weights
        return self._rng.choices(tuple(weights), tuple(weights.values()))[0]

    def _spell(self, written: dict[str, str], slot: str, identity: Identity, country: str) -> None:
        shape, speller = self._shape, self._speller
        match identity.facts:
            case Phone() as phone:
                written[slot] = speller.phone(phone, country)
            case Handle() as handle:
                apart = "platform" in shape.columns
                platform, written[slot] = speller.handle(handle, platform_apart=apart)
                if apart:
                    written["platform"] = platform
            case Plate() as plate:
                written[slot] = speller.plate(plate)
                written["plate_country"] = shape.plate_countries[plate.country]
            case Office() as office:
                written[slot], written["register"] = speller.office(office)
                written["office_country"] = shape.countries[office.country]
                if office.register is None and self._rng.random() < 0.15:
                    written["register"] = shape.none
            case Email() as email:
                written[slot] = speller.email(email)
            case _:
                self._spell_trace(written, slot, identity.facts, country)

    def _spell_trace(self, written: dict[str, str], slot: str, trace: Trace, country: str) -> None:
        shape, speller = self._shape, self._traces
        match trace:
            case Page() | Advert():
                written[slot] = speller.link(trace)
            case Account():
                written[slot] = speller.account(trace, country)
            case Wallet():
                apart = "coin" in shape.columns
                coin, written[slot] = speller.wallet(trace, coin_apart=apart)
                if apart:
                    written["coin"] = coin
            case Paper():
                written[slot] = speller.number(trace)
                written["document_type"] = self._rng.choice(shape.papers[trace.type])
                written["document_issuer"] = shape.countries[trace.issuer]
            case Site() if "longitude" in shape.columns:
                written[slot], written["longitude"] = speller.place_apart(trace)
            case Site():
                written[slot] = speller.place(trace)
            case Handset():
                written[slot] = speller.handset(trace)


def _csv(shape: Shape, rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=shape.delimiter, lineterminator=shape.line_end)
    writer.writerow(shape.columns.values())
    writer.writerows(rows)
    return text.getvalue().encode(shape.encoding)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the spreadsheets of a seed into a directory and say what is in them.

    Args:
        arguments: command line without the program's name; None for the process's own.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description="Write the invented carnival spreadsheets.")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--cases", type=int, default=FULL_SIZE, help="cases per organisation")
    parser.add_argument("--write", type=Path, required=True, metavar="DIR")
    options = parser.parse_args(arguments)
    dataset = generate(options.seed, cases_per_org=options.cases)
    options.write.mkdir(parents=True, exist_ok=True)
    for sheet in dataset.sheets:
        (options.write / sheet.filename).write_bytes(sheet.content)
        sys.stdout.write(f"{sheet.filename}: {sheet.cases} invented cases\n")
    sys.stdout.write(f"matches to be found: {len(dataset.truth.expected())}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
