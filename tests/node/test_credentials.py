# SPDX-License-Identifier: Apache-2.0
"""What a node shows in the handshake while its certificate is replaced."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from federation.charter import Identity
from federation_node.credentials import Credentials
from federation_node.keystore import Keystore
from federation_node.tls import make_certificate
from federation_node.unlock import Unlock
from tests.node.network import Journal

NOW = datetime(2026, 3, 1, tzinfo=UTC)
UNLOCK = Unlock(bytes(32), is_key=True)
OLD, NEW = make_certificate("hope", NOW), make_certificate("hope", NOW)


class Node:
    """A keystore, and what the charter lists."""

    def __init__(self, folder: Path) -> None:
        path = folder / "keystore.json"
        Keystore.create(path, UNLOCK, Identity.generate("hope"), OLD)
        self.path = path
        self.listed: list[bytes] = [OLD.certificate]
        self.journal = Journal()
        self.credentials = self.open()

    def open(self) -> Credentials:
        """Open the keystore, as another process does."""
        return Credentials(Keystore.open(self.path, UNLOCK), lambda: self.listed, self.journal)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node with one certificate."""
    return Node(tmp_path)


def test_a_new_certificate_waits_for_the_charter(node: Node) -> None:
    """Until the charter lists it nobody accepts it, so the old one is shown."""
    node.credentials.add(NEW)

    assert (OLD, (OLD, NEW)) == (node.credentials.shown(), node.credentials.all())


def test_the_old_one_is_shown_while_both_are_listed(node: Node) -> None:
    """A member that has not heard of the new one knows no other."""
    node.credentials.add(NEW)
    node.listed.append(NEW.certificate)

    assert OLD == node.credentials.shown()


def test_the_new_one_is_shown_when_the_charter_drops_the_old(node: Node) -> None:
    """And the old one stays as a second try, for members that are behind."""
    node.credentials.add(NEW)
    node.listed[:] = [NEW.certificate]

    assert (NEW, OLD) == node.credentials.all()


def test_what_another_process_wrote_is_seen(node: Node) -> None:
    """A command makes the certificate; the serving process shows it without a restart."""
    serving = node.open()
    assert OLD == serving.shown()
    node.credentials.add(NEW)
    assert (OLD, NEW) == serving.held()
    serving.forget_former()

    assert [(NEW,)] * 3 == [one.held() for one in (serving, node.credentials, node.open())]


def test_the_former_key_is_gone(node: Node) -> None:
    """Afterwards the keystore holds one key, and is again what it was in form."""
    size = node.path.stat().st_size
    node.credentials.add(NEW)
    assert size < node.path.stat().st_size
    node.credentials.forget_former()
    opened = Keystore.open(node.path, UNLOCK)

    assert ((NEW.key,), None) == (
        tuple(one.key for one in opened.tls),
        node.credentials.replacement(),
    )


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_an_unreadable_keystore_changes_nothing(node: Node, content: bytes) -> None:
    """The node goes on with what it knows, and says so."""
    node.credentials.shown()
    node.path.write_bytes(content)

    assert OLD == node.credentials.shown()
    assert ["keystore_unreadable"] == [event for event, _ in node.journal.entries]


def test_another_lock_is_noticed(node: Node) -> None:
    """A keystore under another passphrase is not taken for a forged one."""
    node.credentials.shown()
    node.path.unlink()
    another = Unlock(b"correct horse battery staple", is_key=False)
    Keystore.create(node.path, another, Identity.generate("hope"), NEW)

    assert OLD == node.credentials.shown()
    assert "opens with another passphrase" in node.journal.reasons()[0]
