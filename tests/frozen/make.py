# SPDX-License-Identifier: Apache-2.0
"""Make the homes of a small federation as this version leaves them (see README.md beside this).

::

    manifest.json    what a person sees in each home, and when it was
    mapping.toml     what the columns of the sheets mean, as the node saved it
    hope.csv         the sheet that Hope imported last
    NAME.tar.xz      one home: configuration, keystore, database
"""

import io
import json
import tarfile
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from federation.charter import Role
from federation.charter.grants import SourceKind
from federation.indicators import Kind
from federation.member import CeremonyPlan, GrantRequest
from federation_node import config, tls
from federation_node.actions import agreements, custody, federate, grants, matches
from federation_node.actions.intake import import_sheet
from federation_node.actions.setup import initialise
from federation_node.actions.sync import synchronise
from federation_node.context import NodeContext, now
from federation_node.home import Home
from tests.frozen import sheets
from tests.frozen.nodes import MEMBERS, UNLOCK, describe, opened, owners_only, serving

__all__ = ["write"]

_CENTURY = timedelta(days=36_500)
_ROUNDS = 8
_KEPT = ("casethread.toml", "keystore.json", "casethread.db", "logs")


class _Federation:
    """The three nodes while they are being made."""

    def __init__(self, folder: Path, nodes: dict[str, NodeContext]) -> None:
        self._folder = folder
        self.nodes = nodes
        self.amparo, self.hope, self.licht = (nodes[name] for name in MEMBERS)

    def drive(self) -> None:
        """Let everything that waits for a peer go on."""
        for _ in range(_ROUNDS):
            for node in self.nodes.values():
                node.member.drive()

    def sign_charters(self) -> None:
        """Sign every proposed charter, as every steward."""
        for node in self.nodes.values():
            while waiting := federate.to_sign(node):
                node.member.sign_charter(waiting[0].digest)
                self.drive()

    def found(self) -> None:
        """Found a federation of the three."""
        federate.create(self.hope, "Carnival (frozen)")
        for node in (self.amparo, self.licht):
            joining = federate.join(node, federate.invite(self.hope))
            federate.admit(self.hope, joining.request)
        federate.sign(self.hope)
        self.drive()
        self.sign_charters()

    def ceremony(self, plan: CeremonyPlan | None = None) -> None:
        """Make keys, or share them anew; and list them."""
        ceremony = custody.start(self.hope, plan)
        self.drive()
        for node in (self.amparo, self.licht):
            custody.accept(node, ceremony)
        self.drive()
        self.sign_charters()

    def agree(self, draft: agreements.Draft) -> bytes:
        """Sign an agreement as all its parties."""
        name = agreements.propose(self.hope, draft)
        self.drive()
        for party in draft.parties:
            if party != self.hope.member.id:
                agreements.sign(self.nodes[party], name)
        self.drive()
        return name

    def grant(self) -> None:
        """Allow Hope a larger budget."""
        request = GrantRequest("hope", "archive", SourceKind.CASE_FILES, rows=40, amount=100)
        name = grants.propose(self.amparo, request)
        self.drive()
        grants.sign(self.licht, name)
        self.drive()

    def bring(self, name: str, rows: list[sheets.Row], source: str = "hotline") -> None:
        """Import a sheet with the saved mapping."""
        sheet = self._folder / f"{name}.csv"
        sheet.write_text(sheets.csv_of(rows), encoding="utf-8")
        mapping = self._folder / "mapping.toml"
        import_sheet(self.nodes[name], sheet, mapping=mapping, source=source)


def _initialise(home: Path) -> None:
    member = home.name
    # TLS looks at the machine's clock, which no test can set: these certificates last.
    with patch.object(tls, "CERTIFICATE_LIFETIME", _CENTURY):
        initialise(
            Home(home),
            UNLOCK,
            config.Organisation(
                member=member,
                name=f"{member.title()} (invented)",
                legal_entity=f"TEST:{member}",
                role=Role.HOTLINE,
                region={"hope": "US", "amparo": "MX", "licht": "DE"}[member],
            ),
            config.Node(listen="127.0.0.1:7411", endpoint=f"{member}.example:7411"),
            at=now(),
        )


def _live(made: _Federation) -> None:
    """What the three do with each other, until all of it is in the databases."""
    everyone = tuple(made.nodes)
    with serving(made.nodes):
        made.found()
        made.ceremony()
        made.ceremony(CeremonyPlan(reshare=True))
        made.grant()
        general = agreements.Draft(
            title="Recruiters (invented)",
            parties=everyone,
            kinds=tuple(kind for kind in Kind if kind is not Kind.VEHICLE),
            legal_basis="invented",
        )
        # One answer, then a person decides: held and released matches.
        plates = agreements.Draft(
            title="Plates (invented)",
            parties=("hope", "amparo"),
            kinds=(Kind.VEHICLE,),
            legal_basis="invented",
            daily_matches=0,
            daily_percent=0,
            first_matches=1,
        )
        former = agreements.Draft(
            title="Former (invented)", parties=("hope", "licht"), legal_basis="invented"
        )
        made.agree(general)
        made.agree(plates)
        agreements.revoke(made.hope, made.agree(former), "it has ended")
        made.drive()
        made.bring("amparo", sheets.AMPARO)
        made.bring("licht", sheets.LICHT)
        made.bring("hope", sheets.HOPE_FIRST)
        made.bring("hope", sheets.HOPE)
        for node in made.nodes.values():
            synchronise(node)
        held = [one for one in matches.listed(made.amparo, None) if one.status.value == "held"]
        matches.release(made.amparo, held[0].id)
    with serving({name: made.nodes[name] for name in ("hope", "amparo")}):
        made.bring("hope", sheets.LATE, source="late")
        synchronise(made.hope)


def _archive(home: Path, to: Path) -> None:
    """Pack a home; the same content gives the same bytes."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = ""
        return entry

    if (home / "casethread.db-wal").exists():
        raise SystemExit("a database was not closed")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", format=tarfile.USTAR_FORMAT) as tar:
        for name in _KEPT:
            tar.add(home / name, name, recursive=False, filter=plain)
    to.write_bytes(packed.getvalue())


def write(folder: Path) -> None:
    """Make the homes of this version.

    Args:
        folder: Where; it is made.
    """
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch, owners_only():
        path = Path(scratch)
        sheets.MAPPING.save(path / "mapping.toml")
        for name in MEMBERS:
            _initialise(path / name)
        with ExitStack() as stack:
            nodes = {name: stack.enter_context(opened(path / name)) for name in MEMBERS}
            _live(_Federation(path, nodes))
            moment = now()
            members = {name: describe(node) for name, node in nodes.items()}
        # Closed: what was in the write-ahead logs is in the databases now.
        for name in MEMBERS:
            _archive(path / name, folder / f"{name}.tar.xz")
        mapping = (path / "mapping.toml").read_text(encoding="utf-8")
    manifest = {"at": moment.isoformat(), "members": members}
    for name, text in (
        ("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"),
        ("mapping.toml", mapping),
        ("hope.csv", sheets.csv_of(sheets.HOPE)),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="")
