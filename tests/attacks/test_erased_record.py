# SPDX-License-Identifier: Apache-2.0
"""After erasure nobody links the record to a case: not with the files, the root key and a guess."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from federation import Case, Kind, Subject
from federation.audit import OPERATOR, Event
from federation.crypto.commit import SALT_LENGTH, commitment
from federation.member.deeds import deed
from federation.member.naming import named_case, named_match
from federation.storage import AtRest, Store
from federation.storage.audit_tree import leaf_row
from federation.testing import Federation

PHONE = "+525512345678"
CASE = "H-1701"


@dataclass
class Scene:
    """A case with a match, both named in the record, in a database on disk."""

    fed: Federation
    folder: Path
    keys: dict[str, AtRest]
    guesses: set[bytes] = field(default_factory=set)
    """Everything that was planted; the attacker knows it, and asks whether it is there."""

    def files(self) -> bytes:
        """Return the database as it lies there, with its log."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("hope.db*")))

    def sealed(self) -> list[bytes]:
        """Return what opens the references, as it lies in the database."""
        with closing(sqlite3.connect(self.folder / "hope.db")) as database:
            return [row[0] for row in database.execute("SELECT opening FROM audit_references")]

    def found(self) -> set[bytes]:
        """Attack: open all that the root key opens, and test every guess with every salt."""
        vault = self.keys["hope"].vault
        with closing(sqlite3.connect(self.folder / "hope.db")) as database:
            leaves = database.execute("SELECT place, leaf FROM audit_leaves").fetchall()
            rows = database.execute(
                "SELECT place, position, opening FROM audit_references"
            ).fetchall()
        records = [
            json.loads(vault.open("audit_leaves", "leaf", leaf_row(place), leaf))
            for place, leaf in leaves
        ]
        opened = [
            vault.open("audit_references", "opening", leaf_row(place, position), opening)
            for place, position, opening in rows
        ]
        # A careless program would salt with what stands beside, or with nothing.
        salts = {one[:SALT_LENGTH] for one in opened} | {bytes(SALT_LENGTH)}
        salts |= {bytes.fromhex(record["nonce"]) for record in records}
        commitments = {
            reference["commitment"]
            for record in records
            for reference in record.get("references", ())
        }
        content = json.dumps(records).encode()
        return {
            guess
            for guess in self.guesses
            if guess in content
            or any(guess in one for one in opened)
            or any(commitment(salt, guess).hex() in commitments for salt in salts)
        }


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Hope and Amparo match; somebody at Hope looks at the case."""
    keys: dict[str, AtRest] = {}

    def store(name: str, at_rest: AtRest) -> Store:
        keys[name] = at_rest
        return Store.create(f"sqlite:///{tmp_path / name}.db", at_rest)

    with Federation("hope", "amparo", store=store) as fed:
        for name in ("hope", "amparo"):
            case = Case(CASE, region="MX").add(Kind.PHONE, PHONE, Subject.RECRUITER)
            fed[name].put_cases([case])
        fed.agree("hope", "amparo")
        fed.sync()
        fed.sync()
        (match,) = fed["hope"].matches()
        named = (named_case("api", CASE), named_match(bytes.fromhex(match.id)))
        with deed(fed["hope"]._core, OPERATOR) as done:
            done.record(Event.CASE_READ, named=named)
        guesses = {PHONE.encode(), CASE.encode(), *(one.value for one in named)}
        yield Scene(fed, tmp_path, keys, guesses)


def test_before_erasure_the_organisation_can_open_its_record(scene: Scene) -> None:
    """The attack works: whoever has the root key finds the case and the match."""
    case, match = named_case("api", CASE).value, scene.fed["hope"].matches()[0].id

    assert {CASE.encode(), case, bytes.fromhex(match)} == scene.found()


def test_after_erasure_nobody_can(scene: Scene) -> None:
    """No salt is left: not in the tables, the free pages or the log; and the record still holds."""
    before = scene.sealed()
    scene.fed["hope"].forget(CASE)
    files = scene.files()

    assert before != []
    assert [] == [one for one in before if one in files or one[-SALT_LENGTH:] in files]
    assert set() == scene.found()
    assert scene.fed["hope"].record.check() > 0


def test_without_scrubbing_the_salts_would_stay(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack on the files succeeds where the defence is taken away."""
    before = scene.sealed()
    monkeypatch.setattr(Store, "scrub", lambda _: True)
    scene.fed["hope"].forget(CASE)
    files = scene.files()

    assert [] != [one for one in before if one in files]
