# SPDX-License-Identifier: Apache-2.0
"""A stolen node in the hands of a thief who is a member, a custodian and owns the whole range."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from federation import Case, Kind, Subject
from federation.indicators import IndicatorClass, Lane
from federation.storage import AtRest
from federation.testing import Federation
from federation_node.home import Home
from federation_node.keystore import Keystore
from tests.attacks.support import GENEROUS, federate, files_of, make_home, passphrase, share_of
from tests.attacks.thief import Loot, attack

VICTIM, FRIEND, THIEF = "amparo", "hope", "licht"
RANGE = [f"+52551234{number:04}" for number in range(10_000)]
HELD = [RANGE[number] for number in range(13, 10_000, 271)]
"""The victim's phones, spread over the range."""
SECRETS = {
    VICTIM: "drei kleine Igel im Laub",
    FRIEND: "cuatro gatos en el tejado",
    THIEF: "five ravens on the ridge",
}
FEW = 1_500
"""Of the range, where the point does not need all of it."""


@dataclass(frozen=True)
class Scene:
    """What there is to steal."""

    fed: Federation
    home: Home
    loot: Loot
    """Everything without the passphrase, and one share of two."""
    raw_tokens: Mapping[str, bytes]
    """The victim's tokens in clear, by phone: what a memory image of the open node holds."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Three nodes; victim and friend agree and exchange, the thief tokenises the whole range."""
    base = tmp_path_factory.mktemp("nodes")
    homes = {name: (make_home(base / name, name, SECRETS[name]), SECRETS[name]) for name in SECRETS}
    with federate(homes, rules=GENEROUS) as fed:
        fed.agree(VICTIM, FRIEND)
        for name, held in ((VICTIM, HELD), (FRIEND, HELD[:5])):
            fed[name].put_cases(
                Case(f"{name}-{number}", region="MX").add(Kind.PHONE, phone, Subject.RECRUITER)
                for number, phone in enumerate(held)
            )
        fed[THIEF].put_cases(_register())
        fed.sync()
        assert len(fed[VICTIM].matches()) == 5
        own_tokens = tokens_of(fed, THIEF)
        assert own_tokens.keys() == set(RANGE)
        home, _ = homes[VICTIM]
        loot = Loot(
            # While the node runs, so that the write-ahead log is full.
            files=files_of(home.path),
            candidates=RANGE,
            own_tokens=own_tokens,
            shares=[share_of(fed, THIEF)],
            own_keys=own_keys(fed, homes[THIEF][0]),
        )
        yield Scene(fed, home, loot, tokens_of(fed, VICTIM))


def _register() -> Iterator[Case]:
    """The whole range, a hundred phones a case."""
    for first in range(0, len(RANGE), 100):
        case = Case(f"R-{first}", region="MX")
        for phone in RANGE[first : first + 100]:
            case = case.add(Kind.PHONE, phone, Subject.RECRUITER)
        yield case


def tokens_of(fed: Federation, member: str) -> dict[str, bytes]:
    """Return a member's own tokens by normal form, as that member itself can read them."""
    key = fed[member].require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)[0]
    seat = fed.seats[member]
    with seat.store.read() as tx:
        tokens = dict(tx.tokens.eligible(key.key_id, Kind, Subject))
        values = {seen.uuid: seen.value for case in tx.cases.list() for seen in case.observations}
    path = str(seat.store._engine.url.database)
    with closing(sqlite3.connect(path)) as database:
        links = database.execute("SELECT observation, token FROM token_links").fetchall()
    return {str(values[uuid]): tokens[token] for uuid, token in links}


def root_of(home: Home) -> bytes:
    """Return the victim's root key, as only its passphrase gives it."""
    return Keystore.open(home.keystore_file, passphrase(SECRETS[VICTIM])).root


def own_keys(fed: Federation, home: Home) -> list[bytes]:
    """Return every key that the thief has as a member."""
    keystore = Keystore.open(home.keystore_file, passphrase(SECRETS[THIEF]))
    identity = keystore.identity
    return [
        keystore.root,
        identity.signing.to_bytes(),
        identity.agreement_secret,
        identity.sealing_secret,
    ]


def narrow(loot: Loot) -> tuple[Loot, set[str]]:
    """Return the loot of a thief that knows a part of the range, and what it could find."""
    few = RANGE[:FEW]
    own = {phone: loot.own_tokens[phone] for phone in few}
    return replace(loot, candidates=few, own_tokens=own), set(few) & set(HELD)


def test_the_loot_is_complete(scene: Scene) -> None:
    """The thief has database, write-ahead log, log and keystore, and its own ten thousand tokens."""
    names = {Path(name).name for name in scene.loot.files}

    assert {"casethread.db", "casethread.db-wal", "keystore.json", "node.log"} <= names
    assert all(
        scene.loot.files[name] for name in scene.loot.files if name.endswith((".db", "-wal"))
    )
    assert len(scene.loot.own_tokens) == 10_000
    assert len(scene.loot.shares) == scene.loot.shares[0].threshold - 1


def test_a_thief_without_the_passphrase_finds_nothing(scene: Scene) -> None:
    """Database, log and keystore give no phone to whoever has every token and t-1 shares."""
    found = attack(scene.loot)

    assert found.phones == set()


def test_a_thief_with_the_passphrase_finds_everything(scene: Scene) -> None:
    """The same harness names every phone once the keystore opens: by token and in the vault."""
    found = attack(replace(scene.loot, passphrases=["wrong", SECRETS[VICTIM]]))

    assert found.by_token == set(HELD)
    assert found.in_vault == set(HELD)


def test_shares_alone_do_not_open_the_database(scene: Scene) -> None:
    """Even t shares find nothing in a stolen database, whose tokens are encrypted."""
    loot, _ = narrow(scene.loot)
    shares = [share_of(scene.fed, name) for name in (THIEF, FRIEND)]

    assert attack(replace(loot, shares=shares)).phones == set()


def test_raw_tokens_give_nothing_below_the_threshold(scene: Scene) -> None:
    """Tokens in clear, as in a memory image, cannot be guessed offline with t-1 shares."""
    loot, _ = narrow(scene.loot)
    files = {**loot.files, "image/memory": b"".join(scene.raw_tokens.values())}

    assert attack(replace(loot, files=files, own_tokens={})).phones == set()


def test_raw_tokens_give_everything_from_the_threshold_on(scene: Scene) -> None:
    """With t shares the same harness computes the range offline and names every phone in it."""
    loot, findable = narrow(scene.loot)
    files = {**loot.files, "image/memory": b"".join(scene.raw_tokens.values())}
    shares = [share_of(scene.fed, name) for name in (THIEF, FRIEND)]

    assert attack(replace(loot, files=files, own_tokens={}, shares=shares)).by_token == findable


def altered(
    loot: Loot, folder: Path, statement: str, rows: Callable[[sqlite3.Connection], Iterable[Any]]
) -> Loot:
    """Return the loot of a node that was built with a weakness in its database."""
    files = dict(loot.files)
    for name, content in files.items():
        (folder / Path(name).name).write_bytes(content)
    with closing(sqlite3.connect(folder / "casethread.db")) as database:
        database.executemany(statement, list(rows(database)))
        database.commit()
    # Closing the last connection moves the write-ahead log into the database.
    files["amparo/casethread.db"] = (folder / "casethread.db").read_bytes()
    files["amparo/casethread.db-wal"] = b""
    return replace(loot, files=files)


def test_a_database_with_raw_tokens_falls(scene: Scene, tmp_path: Path) -> None:
    """Without the encryption of tokens, being a member is enough: the harness finds them."""
    loot, findable = narrow(scene.loot)
    cipher = AtRest(root_of(scene.home)).tokens
    weak = altered(
        loot,
        tmp_path,
        "UPDATE tokens SET ciphertext = ? WHERE id = ?",
        lambda database: [
            (cipher.decrypt(ciphertext), token)
            for token, ciphertext in database.execute("SELECT id, ciphertext FROM tokens")
        ],
    )

    assert attack(weak).by_token == findable


def test_a_root_key_left_in_the_database_falls(scene: Scene, tmp_path: Path) -> None:
    """Were the root key anywhere in the database, the harness would try it and find everything."""
    loot, findable = narrow(scene.loot)
    weak = altered(
        loot,
        tmp_path,
        "INSERT INTO settings (name, value) VALUES ('spare', ?)",
        lambda _: [(root_of(scene.home),)],
    )
    found = attack(weak)

    assert (found.by_token, found.in_vault) == (findable, findable)


def test_plain_or_hashed_phones_fall(scene: Scene) -> None:
    """The harness recognises a phone in clear and one behind a plain digest."""
    loot, _ = narrow(scene.loot)
    spilled = b"call 5512340013, " + hashlib.sha256(RANGE[284].encode()).digest()
    found = attack(replace(loot, files={**loot.files, "logs/spilled": spilled}))

    assert (found.in_clear, found.by_digest) == ({RANGE[13]}, {RANGE[284]})
