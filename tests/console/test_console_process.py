# SPDX-License-Identifier: Apache-2.0
"""The console as a process of its own, in front of the home of a real node."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from federation_node.tls import make_certificate
from tests.console.browsing import PHONE, launched, overflow, shot, violations
from tests.member.people import WORDS
from tests.node.local_node import CANARY
from tests.node.operator import Operator, make_home

pytestmark = pytest.mark.slow


@contextmanager
def running(home: Path, command: str = "console", **settings: str) -> Iterator[str]:
    """Run a command that shows the pages, and say where they are."""
    given = {f"CASETHREAD_CONSOLE__{name.upper()}": text for name, text in settings.items()}
    environment = os.environ | Operator(home).environment() | given | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "federation_node.cli", command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if command == "serve":
                line = process.stdout.readline()
            assert "http" in line, process.stderr.read() if process.stderr else ""
            (address,) = [word for word in line.split() if word.startswith("http")]
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    assert 0 == process.returncode


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a node with a technician who may also work on cases."""
    path = make_home(tmp_path_factory.mktemp("node") / "home")
    password = path.parent / "password"
    password.write_text(WORDS + "\n")
    Operator(path).ok(
        *("staff", "add", "ines", "--role", "technician", "--role", "caseworker"),
        *("--role", "data-protection", "--password-file", str(password)),
    )
    return path


def test_a_real_node_in_a_browser(home: Path) -> None:
    """Sign in, see that the node is well, and that axe finds nothing on its page."""
    with running(home, listen="127.0.0.1:0") as address, launched() as browser:
        page = browser.new_context(viewport={"width": 1024, "height": 640}).new_page()
        page.set_default_timeout(60_000)
        page.goto(address)
        page.fill("#name", "ines")
        page.fill("#password", WORDS)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Today")
        expect(page.get_by_text("This node belongs to no federation yet")).to_be_visible()
        page.goto(f"{address}health")
        expect(page.get_by_text("every setting is known and possible")).to_be_visible()

        assert [] == violations(page)
        shot(page, "pages/health-1024")
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert overflow(page) <= 0
        shot(page, "pages/health-390")


def test_serve_shows_the_pages_too(home: Path) -> None:
    """With the setting, one process answers other members and browsers, and ends on SIGTERM."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    os.environ["CASETHREAD_NODE__LISTEN"] = f"127.0.0.1:{port}"
    try:
        with (
            running(home, "serve", enabled="true", listen="127.0.0.1:0") as address,
            urllib.request.urlopen(address) as answer,
        ):
            assert "Sign in" in answer.read().decode()
    finally:
        del os.environ["CASETHREAD_NODE__LISTEN"]


def test_over_tls(home: Path, tmp_path: Path) -> None:
    """With a certificate it is TLS 1.3 only, cookies are secure, and the name is checked."""
    made = make_certificate("console", datetime.now(UTC))
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_text(ssl.DER_cert_to_PEM_cert(made.certificate))
    key.write_bytes(made.key)
    settings = {"certificate": str(certificate), "key": str(key), "names": '["console.example"]'}
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    old = ssl.create_default_context()
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with running(home, listen="127.0.0.1:0", **settings) as address:
        port = address.rstrip("/").rpartition(":")[2]
        asked = urllib.request.Request(f"https://127.0.0.1:{port}/sign-in")
        asked.add_header("Host", f"console.example:{port}")
        with urllib.request.urlopen(asked, context=trusting) as answer:
            cookie = answer.headers["Set-Cookie"]
            assert answer.headers["Strict-Transport-Security"]
        assert cookie.startswith("__Host-casethread-hope-")
        assert "Secure" in cookie
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"https://127.0.0.1:{port}/sign-in", context=trusting)
        assert 421 == refused.value.code
        refused.value.close()
        with (
            socket.create_connection(("127.0.0.1", int(port)), timeout=60) as plain,
            pytest.raises(ssl.SSLError),
        ):
            old.wrap_socket(plain)


def test_another_address_without_a_certificate(home: Path) -> None:
    """It does not start, and says why."""
    os.environ["CASETHREAD_CONSOLE__LISTEN"] = "0.0.0.0:7412"
    try:
        said = Operator(home).fails("console")
    finally:
        del os.environ["CASETHREAD_CONSOLE__LISTEN"]

    assert "certificate" in said


def test_the_log_says_nothing_of_a_case(home: Path) -> None:
    """What people ask for does not get into the node's log."""
    with running(home, listen="127.0.0.1:0") as address:
        canary = CANARY.replace(" ", "")
        urllib.request.urlopen(f"{address}matches/{canary}").close()
        urllib.request.urlopen(f"{address}?q={canary}").close()
    log = (home / "logs" / "node.log").read_text()

    assert "console_started" in log
    assert canary not in log
