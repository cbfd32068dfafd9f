# SPDX-License-Identifier: Apache-2.0
"""Homes that released versions left behind are opened, upgraded and worked with by this one."""

import json
import re
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner

from federation.errors import CharterExpiredError
from federation.storage.engine import make_engine, parse_url
from federation.storage.registry import METADATA
from federation_node.actions import cases, matches
from federation_node.actions.intake import import_sheet, undo_import
from federation_node.actions.setup import upgrade
from federation_node.actions.sync import synchronise
from federation_node.cli import main
from federation_node.context import NodeContext
from federation_node.home import Home
from proto.released import VERSIONS
from tests.frozen import sheets
from tests.frozen.nodes import (
    MEMBERS,
    PASSPHRASE,
    UNLOCK,
    at,
    describe,
    opened,
    owners_only,
    serving,
)

HERE = Path(__file__).parent
SOON = timedelta(hours=1)

pytestmark = pytest.mark.parametrize("version", VERSIONS)


class Frozen:
    """Copies of the three homes of one release, upgraded to this version."""

    def __init__(self, version: str, folder: Path) -> None:
        """Unpack and upgrade them."""
        self.kept = HERE / f"v{version}"
        self.folder = folder
        stated = json.loads((self.kept / "manifest.json").read_text(encoding="utf-8"))
        self.moment = datetime.fromisoformat(stated["at"])
        self.members: dict[str, Any] = stated["members"]
        for name in MEMBERS:
            home = folder / name
            home.mkdir()
            with tarfile.open(self.kept / f"{name}.tar.xz") as tar:
                tar.extractall(home, filter="data")
            upgrade(Home(home), UNLOCK)

    def url(self, name: str) -> str:
        """Where a member's database is."""
        return f"sqlite:///{self.folder / name / 'casethread.db'}"

    def copy_of(self, name: str) -> Path:
        """Copy a file that lies beside the homes."""
        return Path(shutil.copy(self.kept / name, self.folder))


@pytest.fixture
def frozen(version: str, tmp_path: Path) -> Iterator[Frozen]:
    """The homes, soon after they were left."""
    with owners_only():
        found = Frozen(version, tmp_path)
        with at(found.moment + SOON):
            yield found


@pytest.fixture
def nodes(frozen: Frozen) -> Iterator[dict[str, NodeContext]]:
    """The homes, opened."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(opened(frozen.folder / name)) for name in MEMBERS}


def lacks(stated: Any, found: Any, where: str = "") -> list[str]:
    """Say where something found does not say what was stated; it may say more."""
    if isinstance(stated, dict) and isinstance(found, dict):
        return [
            line
            for name, one in stated.items()
            for line in lacks(one, found.get(name), f"{where}/{name}")
        ]
    if isinstance(stated, list) and isinstance(found, list) and len(stated) == len(found):
        return [
            line
            for number, pair in enumerate(zip(stated, found, strict=True))
            for line in lacks(*pair, f"{where}/{number}")
        ]
    return [] if stated == found else [where]


def seen(node: NodeContext) -> set[tuple[str, str, str, str]]:
    """Return the matches of a node: case, kind, member, status."""
    return {
        (one["case"], one["kind"], one["member"], one["status"])
        for one in describe(node)["matches"]
    }


def test_the_homes_of_every_release_are_kept(version: str) -> None:
    """All three, with what is to be seen in them, and nothing that says where they were made."""
    kept = {path.name for path in (HERE / f"v{version}").iterdir()}
    archives = {f"{name}.tar.xz" for name in MEMBERS}

    assert kept == archives | {"manifest.json", "mapping.toml", "hope.csv"}
    for name in archives:
        with tarfile.open(HERE / f"v{version}" / name) as tar:
            files = [tar.extractfile(one) for one in tar.getmembers() if one.isfile()]
            content = b"".join(one.read() for one in files if one is not None)
            owners = {(one.uid, one.uname, one.mtime) for one in tar.getmembers()}
        assert len(files) == 3
        assert owners == {(0, "", 0)}
        assert re.search(rb"/tmp/|/home/|/Users/|/root/", content) is None


def test_a_home_shows_what_it_showed(frozen: Frozen, nodes: dict[str, NodeContext]) -> None:
    """Cases with their values, matches, imports, agreements, the charter: nothing is lost."""
    assert set(frozen.members) == set(nodes)
    for name, node in nodes.items():
        assert [] == lacks(frozen.members[name], describe(node))


def test_an_upgraded_database_has_todays_schema(frozen: Frozen) -> None:
    """Whatever version made it: no column and no index is missing or left over."""
    for name in MEMBERS:
        engine = make_engine(parse_url(frozen.url(name)))
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})

            assert compare_metadata(context, METADATA) == []
        engine.dispose()


def test_the_command_opens_a_home(frozen: Frozen) -> None:
    """With configuration, keystore and passphrase as they were."""
    stated = frozen.members["hope"]
    printed = {}
    for command in ("case list", "match list", "status"):
        done = CliRunner().invoke(
            main,
            ["--home", str(frozen.folder / "hope"), *command.split(), "--json"],
            env={"CASETHREAD_PASSPHRASE": PASSPHRASE},
        )
        assert done.exit_code == 0, done.output
        printed[command] = json.loads(done.stdout)
    proven = [one for one in stated["matches"] if one["status"] == "proven"]

    assert [one["case"] for one in stated["cases"]] == [one["case"] for one in printed["case list"]]
    assert [] == lacks(proven, printed["match list"])
    assert [] == lacks(stated["overview"], printed["status"])


def test_the_same_sheet_again_changes_nothing(
    frozen: Frozen, nodes: dict[str, NodeContext]
) -> None:
    """The mapping that was saved then is read, and every row means what it meant."""
    sheet, mapping = frozen.copy_of("hope.csv"), frozen.copy_of("mapping.toml")

    done = import_sheet(nodes["hope"], sheet, mapping=mapping, source="hotline")

    assert (done.new, done.changed, done.removed, done.errors) == (0, 0, 0, 0)
    assert done.unchanged == len(sheets.HOPE)


def test_an_import_of_then_can_be_taken_back(nodes: dict[str, NodeContext]) -> None:
    """What it replaced lay encrypted in the database, and returns."""
    done = undo_import(nodes["hope"], "2")
    case = cases.find_case(nodes["hope"], "H-2", "hotline")

    assert (done.deleted, done.restored, done.left) == (0, 1, 0)
    assert ["feria@carnival-crew-0193.mx"] == [
        one.raw for one in case.observations if one.field == "email"
    ]


@pytest.mark.slow
def test_homes_of_then_work_together(frozen: Frozen, nodes: dict[str, NodeContext]) -> None:
    """Over mutual TLS they deliver what was due, make pseudonyms of new values, and match old ones.

    The values are those of cases of then, of every kind, spelled differently. A kind that did
    not match would have another normal form now, and needs a new normalisation version.
    """
    hope, amparo, licht = (nodes[name] for name in ("hope", "amparo", "licht"))
    before = {name: seen(node) for name, node in nodes.items()}
    sheet = frozen.folder / "later.csv"
    sheet.write_text(sheets.csv_of([sheets.NEW]), encoding="utf-8")
    with serving(nodes):
        import_sheet(hope, sheet, mapping=frozen.copy_of("mapping.toml"), source="later")
        done = synchronise(hope)
    kinds = {
        one["kind"]
        for case in frozen.members["licht"]["cases"]
        if case["case"] == "L-4"
        for one in case["observations"]
    }
    after = {name: seen(node) - before[name] for name, node in nodes.items()}

    assert (done.failures, done.culprits) == ((), ())
    assert describe(hope)["overview"]["unsent"] == 0
    assert len(kinds) == 10
    assert after["hope"] == {
        ("H-9", "phone", "licht", "proven"),
        *(("H-10", kind, "licht", "proven") for kind in kinds),
    }
    assert after["licht"] == {
        ("L-3", "phone", "hope", "proven"),
        *(("L-4", kind, "hope", "proven") for kind in kinds),
    }
    assert after["amparo"] == {("A-5", "vehicle", "hope", "held")}
    assert seen(licht) >= before["licht"]
    assert seen(amparo) >= before["amparo"]


def test_an_expired_home_is_read_and_does_nothing(frozen: Frozen) -> None:
    """Two years on the charter is over: an organisation still sees its cases and its matches."""
    with at(frozen.moment + timedelta(days=730)), opened(frozen.folder / "licht") as licht:
        found = [matches.document(one) for one in matches.listed(licht, None)]

        assert [] == lacks(frozen.members["licht"]["matches"], found)
        assert len(cases.list_cases(licht)) == len(sheets.LICHT)
        with pytest.raises(CharterExpiredError):
            synchronise(licht)
