# SPDX-License-Identifier: Apache-2.0
"""A thief with a member's own tokens tries everything to find a victim's phones in what was stolen.

The harness is honest: it is given keys only through `Loot`, it uses each of them in every way in
which the product uses a key, and it finds everything as soon as one of them is the right one.
"""

import base64
import hashlib
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from federation.crypto import aead, kdf, oprf
from federation.crypto.scalars import validate_scalar
from federation.crypto.shares import KeyShare, combine_shares
from federation.errors import CasethreadError, OpenError
from federation.matching.tags import SessionKeys, match_id, tag_tokens
from federation.storage import AtRest
from federation.tokens import oprf_input
from federation_node.keystore import Keystore
from federation_node.unlock import Unlock

WINDOW = 16
_POOR_PASSPHRASES = ("", "password", "casethread", "correct horse battery staple", "123456789012")


@dataclass(frozen=True)
class Loot:
    """What the thief holds."""

    files: Mapping[str, bytes]
    """Every stolen file, by name: database, write-ahead log, logs, keystore."""
    candidates: Sequence[str]
    """The complete range of normal forms."""
    own_tokens: Mapping[str, bytes] = field(default_factory=dict)
    """Tokens that the thief had evaluated in its own name, by normal form."""
    shares: Sequence[KeyShare] = ()
    """Shares of the pseudonym key."""
    own_keys: Sequence[bytes] = ()
    """The thief's own keys, 32 bytes each."""
    passphrases: Sequence[str] = _POOR_PASSPHRASES


@dataclass
class Finding:
    """What was found, by the way in which it was found."""

    by_token: set[str] = field(default_factory=set)
    by_digest: set[str] = field(default_factory=set)
    in_clear: set[str] = field(default_factory=set)
    in_vault: set[str] = field(default_factory=set)

    @property
    def phones(self) -> set[str]:
        """Everything."""
        return self.by_token | self.by_digest | self.in_clear | self.in_vault


def attack(loot: Loot) -> Finding:
    """Try everything.

    Returns:
        The victim's phones that the thief can name now.
    """
    found = Finding()
    with tempfile.TemporaryDirectory() as scratch:
        tables = _read_database(loot, Path(scratch))
        roots = list(_opened_roots(loot, Path(scratch)))
    keys = _keys(loot, roots)
    tokens = [*loot.own_tokens.items(), *_offline_tokens(loot)]
    _search(loot.files, dict(_token_needles(tokens, keys)), found.by_token)
    _search(loot.files, dict(_digest_needles(loot.candidates, keys)), found.by_digest)
    found.in_clear |= _in_clear(loot)
    # Keys that may lie in the stolen database itself: every blob of a key's size.
    cells = {cell for rows in tables.values() for row in rows for cell in row.values()}
    blobs = {cell for cell in cells if isinstance(cell, bytes)}
    for key in {blob for blob in blobs if len(blob) == 32}:
        found.by_token |= _stored_key_finds(key, tokens, blobs)
        found.in_vault |= _open_vault(tables, key, loot.candidates)
    for key in keys:
        found.in_vault |= _open_vault(tables, key, loot.candidates)
    return found


def _read_database(loot: Loot, scratch: Path) -> dict[str, list[dict[str, object]]]:
    """Read the stolen database with its write-ahead log, as SQLite does."""
    for name, content in loot.files.items():
        (scratch / Path(name).name).write_bytes(content)
    tables: dict[str, list[dict[str, object]]] = {}
    with closing(sqlite3.connect(scratch / "casethread.db")) as database:
        database.row_factory = sqlite3.Row
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            rows = database.execute(f'SELECT * FROM "{name}"')
            tables[name] = [dict(row) for row in rows]
    return tables


def _opened_roots(loot: Loot, scratch: Path) -> Iterator[bytes]:
    """Try passphrases at the keystore."""
    path = scratch / "keystore.json"
    for passphrase in loot.passphrases:
        with suppress(CasethreadError):
            yield Keystore.open(path, Unlock(passphrase.encode(), is_key=False)).root


def _keys(loot: Loot, roots: Iterable[bytes]) -> list[bytes]:
    """Everything that might be a key: own keys, shares, zero, and what a file spells in hex."""
    text = b" ".join(loot.files[name] for name in loot.files if name.endswith((".log", ".json")))
    spelled = [bytes.fromhex(found.decode()) for found in re.findall(rb"[0-9a-f]{64}", text)]
    poor = [hashlib.sha256(word.encode()).digest() for word in _POOR_PASSPHRASES]
    shares = [share.secret for share in loot.shares]
    return list(dict.fromkeys([*roots, *loot.own_keys, *shares, bytes(32), *poor, *spelled]))


def _offline_tokens(loot: Loot) -> Iterator[tuple[str, bytes]]:
    """With t shares the key is there; with fewer, guess that what is missing is nothing."""
    by_key: dict[bytes, dict[int, bytes]] = {}
    for share in loot.shares:
        by_key.setdefault(share.key_id, {})[share.index] = share.secret
    for shares in by_key.values():
        # Interpolating what is there is the best guess below the threshold, and right from it on.
        secret = validate_scalar(combine_shares(shares))
        for phone in loot.candidates:
            value = oprf_input(1, "network", "identifier", "phone", phone)
            yield phone, oprf.evaluate(secret, value)[:32]


def _halves(token: bytes) -> tuple[bytes, bytes]:
    return token[:WINDOW], token[WINDOW:]


def _token_needles(
    tokens: Sequence[tuple[str, bytes]], keys: Sequence[bytes]
) -> Iterator[tuple[bytes, str]]:
    """Every form in which a token might lie in a file, as 16 bytes to look for."""
    for phone, token in tokens:
        for half in _halves(token):
            yield half, phone
            yield half.hex().encode()[:WINDOW], phone
            yield half.hex().upper().encode()[:WINDOW], phone
        for shift in range(3):
            # Without the characters that depend on neighbours.
            yield base64.b64encode(bytes(shift) + token)[4 : 4 + WINDOW], phone
        yield hashlib.sha256(token).digest()[:WINDOW], phone
        yield hashlib.blake2b(token, digest_size=16).digest(), phone
    for key in keys:
        yield from _keyed_tokens(tokens, key)


def _keyed_tokens(tokens: Sequence[tuple[str, bytes]], key: bytes) -> Iterator[tuple[bytes, str]]:
    """Tokens as the product would transform them, if this were the key."""
    if not tokens:
        return
    phones = [phone for phone, _ in tokens]
    joined = b"".join(token for _, token in tokens)
    at_rest = AtRest(key)
    for encrypted in (at_rest.tokens.encrypt(joined), aead.aes_blocks(key, joined)):
        for place in range(0, len(encrypted), WINDOW):
            yield encrypted[place : place + WINDOW], phones[place // 32]
    tags = tag_tokens(SessionKeys(tag=key, proof=key), joined)
    for number, phone in enumerate(phones):
        yield tags[WINDOW * number : WINDOW * (number + 1)], phone
    for phone, token in tokens:
        yield match_id(key, token), phone


def _stored_key_finds(
    key: bytes, tokens: Sequence[tuple[str, bytes]], blobs: Iterable[bytes]
) -> set[str]:
    """What `_keyed_tokens` would find among whole columns, the short way round for many keys."""
    known = {half: phone for phone, token in tokens for half in _halves(token)}
    whole = b"".join(blob for blob in blobs if len(blob) == 32)
    opened = AtRest(key).tokens.decrypt(whole) + aead.aes_blocks(key, whole, decrypt=True)
    found = {known.get(opened[place : place + WINDOW]) for place in range(0, len(opened), WINDOW)}
    tags = tag_tokens(SessionKeys(tag=key, proof=key), b"".join(token for _, token in tokens))
    columns = {blob[:WINDOW] for blob in blobs}
    for number, (phone, token) in enumerate(tokens):
        if tags[WINDOW * number : WINDOW * (number + 1)] in columns:
            found.add(phone)
        if match_id(key, token) in columns:
            found.add(phone)
    return {phone for phone in found if phone is not None}


def _digest_needles(phones: Sequence[str], keys: Sequence[bytes]) -> Iterator[tuple[bytes, str]]:
    """Digests of the normal forms, plain and under every key."""
    for phone in phones:
        for spelled in (phone, phone.lstrip("+"), f"normal|{phone}"):
            raw = spelled.encode()
            for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b"):
                digest = hashlib.new(algorithm, raw).digest()
                yield digest[:WINDOW], phone
                yield digest.hex().encode()[:WINDOW], phone
            yield hashlib.blake2b(raw, digest_size=16).digest(), phone
            yield kdf.blake2b_128(b"ct/v1/find", raw, b""), phone
    for key in keys:
        at_rest = AtRest(key)
        for phone in phones:
            yield at_rest.fingerprint(b"normal|" + phone.encode()), phone


def _search(files: Mapping[str, bytes], needles: Mapping[bytes, str], into: set[str]) -> None:
    for content in files.values():
        for place in range(len(content) - WINDOW + 1):
            window = content[place : place + WINDOW]
            if window in needles:
                into.add(needles[window])


def _in_clear(loot: Loot) -> set[str]:
    """Look for the last ten digits of every candidate, in three encodings."""
    tails = {phone[-10:]: phone for phone in loot.candidates}
    head = next(iter(tails))[:6]
    found: set[str] = set()
    for content in loot.files.values():
        for text in (content.decode("latin-1"), content[::2].decode("latin-1")):
            for hit in re.findall(f"(?={head}([0-9]{{4}}))", text):
                found |= {tails[head + hit]} if head + hit in tails else set()
        spelled = head.encode().hex()
        for hit in re.findall(f"(?={spelled}((?:3[0-9]){{4}}))", content.decode("latin-1")):
            digits = bytes.fromhex(hit).decode()
            found |= {tails[head + digits]} if head + digits in tails else set()
    return found


def _open_vault(
    tables: Mapping[str, Sequence[Mapping[str, object]]], key: bytes, phones: Sequence[str]
) -> set[str]:
    """Try a root key at every sealed value of the observations."""
    vault, known = AtRest(key).vault, set(phones)
    found: set[str] = set()
    for row in tables["observations"]:
        uuid, sealed = row["uuid"], row["normal"]
        if isinstance(uuid, bytes) and isinstance(sealed, bytes):
            with suppress(OpenError):
                value = vault.open("observations", "normal", uuid, sealed).decode()
                found |= {value} & known
    return found
