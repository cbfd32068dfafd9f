# SPDX-License-Identifier: Apache-2.0
"""After a revocation the pair key is gone: from both nodes, and from what is backed up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from federation.agreements import AgreementState, PairOffer
from federation.member import pairing
from federation.storage import engine
from federation.testing import Federation
from federation_node.home import Home
from federation_node.keystore import Keystore
from tests.attacks.keyfinder import Seized, find_keys
from tests.attacks.support import federate, files_of, make_home, passphrase

PARTIES = ("amparo", "hope")
SECRETS = {"amparo": "drei kleine Igel im Laub", "hope": "cuatro gatos en el tejado"}
BACKED_UP = ("casethread.toml", "keystore.json")
"""What docs/how-to/backup.md says to back up; the passphrase is on paper."""
DATABASE = ("casethread.db", "casethread.db-wal")
"""What it says not to."""


@dataclass
class Scene:
    """Two nodes that share a key under one agreement."""

    fed: Federation
    homes: dict[str, Home]
    agreement: bytes
    key: bytes
    offers: list[PairOffer]
    backups: dict[str, bytes] = field(default_factory=dict)
    proposed: dict[str, bytes] = field(default_factory=dict)
    """The databases as they were when only one party had signed."""

    def back_up(self, *names: str) -> None:
        """Copy files of both homes somewhere else."""
        for home in self.homes.values():
            for name, content in files_of(home.path).items():
                if Path(name).name in names:
                    self.backups[f"backup {len(self.backups)} {name}"] = content

    def revoke(self) -> None:
        """Let one party end the agreement, and the other hear of it."""
        self.fed["amparo"].revoke_agreement(self.agreement, "the project has ended")
        self.fed.drive()

    def seized(self) -> Seized:
        """Return everything that there is now, with both passphrases."""
        stores = [
            Keystore.open(home.keystore_file, passphrase(SECRETS[name]))
            for name, home in self.homes.items()
        ]
        paths = [home.path for home in self.homes.values()]
        return Seized(
            files=files_of(*paths) | self.backups,
            roots=[store.root for store in stores],
            identities=[store.identity for store in stores],
            agreement=self.agreement,
            offers=self.offers,
        )


@contextmanager
def scene(path: Path) -> Iterator[Scene]:
    """Found a federation of two in real homes, and let them agree."""
    homes = {name: make_home(path / name, name, SECRETS[name]) for name in PARTIES}
    with federate({name: (homes[name], SECRETS[name]) for name in PARTIES}, keys=False) as fed:
        agreement = fed["hope"].propose_agreement(fed.terms(*PARTIES))
        made = Scene(fed, homes, agreement, b"", [])
        made.back_up(*DATABASE)
        made.proposed, made.backups = made.backups, {}
        fed.drive()
        fed["amparo"].sign_agreement(agreement)
        fed.drive()
        with fed.seats["hope"].store.read() as tx:
            held, stored = tx.agreements.pair_key(agreement, "amparo"), tx.agreements.get(agreement)
            assert held is not None
            assert stored is not None
            keys = fed["hope"]._standing.keys(tx)
        state = AgreementState.load(stored.terms, stored.offers, keys=keys)
        made.key = held[1]
        made.offers = [offer for who in PARTIES if (offer := state.offer(who, 1)) is not None]
        made.back_up(*BACKED_UP)
        yield made


def test_both_nodes_and_their_backups_do_not_give_the_key(tmp_path: Path) -> None:
    """All files of both, open and closed, all long-term keys, all backups: no key."""
    with scene(tmp_path) as made:
        made.revoke()
        running = made.seized()
        assert made.key not in find_keys(running)
    closed = made.seized()

    assert made.key not in find_keys(closed)
    assert not any(made.key in content for content in (running.files | closed.files).values())


def test_before_the_revocation_the_key_is_there(tmp_path: Path) -> None:
    """The finder finds it while it exists."""
    with scene(tmp_path) as made:
        assert made.key in find_keys(made.seized())


def keep_keys(patch: pytest.MonkeyPatch) -> None:
    """A node that does not erase."""
    patch.setattr(pairing, "erase", lambda *_: None)


def keep_pages(patch: pytest.MonkeyPatch) -> None:
    """A database that only forgets where things are."""
    statements = [
        one.replace("secure_delete = ON", "secure_delete = OFF") for one in engine._PRAGMAS
    ]
    assert statements != list(engine._PRAGMAS)
    patch.setattr(engine, "_PRAGMAS", tuple(statements))


def keep_log(patch: pytest.MonkeyPatch) -> None:
    """A database whose log is not cleaned."""
    patch.setattr("federation.storage.store.truncate_wal", lambda _: True)


@pytest.mark.parametrize("without", [keep_keys, keep_pages, keep_log])
def test_without_a_defence_the_key_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Erasing, overwriting and cleaning the log are each needed."""
    without(monkeypatch)
    with scene(tmp_path) as made:
        made.revoke()

        assert made.key in find_keys(made.seized())


def test_a_copied_database_gives_the_key(tmp_path: Path) -> None:
    """That is why the database is not backed up, and pair keys are in no backup."""
    with scene(tmp_path) as made:
        made.back_up(*DATABASE)
        made.revoke()

        assert made.key in find_keys(made.seized())


def test_a_database_copied_before_the_partner_signed_gives_the_key_too(tmp_path: Path) -> None:
    """The secret of an offer is as good as the key, so it is in no backup either."""
    with scene(tmp_path) as made:
        made.revoke()
        made.backups |= made.proposed

        assert made.key in find_keys(made.seized())
