# SPDX-License-Identifier: Apache-2.0
"""The file with which own programs find the node."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import ConfigurationError, MalformedError
from federation.local.access import TOKEN_FILE, Access, check_loopback, locate_home
from federation_node.home import HOME_VARIABLE, Home

ACCESS = Access("127.0.0.1:7412", "5a" * 32, b"\x30\x82")
LINE = (
    '{"address":"127.0.0.1:7412","certificate":"3082",'
    '"token":"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"}'
)


def test_the_line() -> None:
    """Programs in other languages read it."""
    assert ACCESS.to_text() == LINE
    assert Access.from_text(LINE) == ACCESS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("5a5a", "5A5A"),
        ('"5a', '"'),
        ("3082", ""),
        ("3082", "308"),
        ('"token"', '"tokens"'),
        (",", ", "),
        ("}", ',"more":1}'),
        ("}", "}\n"),
        ('"address":"127.0.0.1:7412",', ""),
        ("127.0.0.1", '127.0.0.1\\"'),
    ],
)
def test_another_spelling_is_refused(old: str, new: str) -> None:
    """One line, one spelling."""
    with pytest.raises(MalformedError):
        Access.from_text(LINE.replace(old, new, 1))


@given(text=st.text(max_size=60) | st.just(LINE))
def test_any_text_is_access_or_malformed(text: str) -> None:
    """And nothing else."""
    try:
        assert Access.from_text(text).to_text() == text
    except MalformedError:
        return


def test_a_file_from_elsewhere_cannot_point_away() -> None:
    """A program connects to this machine only, whatever it reads."""
    with pytest.raises(ConfigurationError):
        Access.from_text(LINE.replace("127.0.0.1", "192.0.2.1"))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", LINE.encode() + b"x" * 20_000])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """With one sentence."""
    path = tmp_path / TOKEN_FILE
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(MalformedError):
        Access.read(path)


def test_the_secret_is_not_shown() -> None:
    """Neither it nor the certificate."""
    assert repr(ACCESS) == "Access(address='127.0.0.1:7412')"


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("127.0.0.1:0", "ipv4:127.0.0.1:0"),
        ("127.8.9.1:65535", "ipv4:127.8.9.1:65535"),
        ("[::1]:7412", "ipv6:[::1]:7412"),
        ("unix:/run/casethread/api.sock", "unix:/run/casethread/api.sock"),
    ],
)
def test_addresses_of_this_machine(address: str, target: str) -> None:
    """Nothing of them is looked up."""
    assert check_loopback(address) == address
    assert Access(address, "", b"").target == target


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.1:80",
        "0127.0.0.1:1",
        "128.0.0.1:1",
        "0.0.0.0:1",
        "10.0.0.1:1",
        "[::]:1",
        "[::ffff:8.8.8.8]:1",
        "[fe80::1%25eth0]:1",
        "localhost:1",
        "localhost.example:1",
        "unix:",
        "unix:relative.sock",
        "unix:/" + "x" * 120,
        "unix-abstract:x",
        "dns:///example.org:1",
        "127.0.0.1:1\n",
        "127.0.0.1:\u0661",
    ],
)
def test_addresses_that_others_may_reach(address: str) -> None:
    """Or that are none, or that somebody else decides about."""
    with pytest.raises(ConfigurationError, match="this machine alone"):
        check_loopback(address)


def test_one_home_for_command_and_library(tmp_path: Path) -> None:
    """Both look in the same places, in the same order."""
    environ = {HOME_VARIABLE: str(tmp_path)}

    assert locate_home(None, environ) == Home.locate(None, environ).path == tmp_path
    assert locate_home("/x", environ) == Home.locate("/x", environ).path == Path("/x")
    assert locate_home(None, {}) == Home.locate(None, {}).path
    assert Home(tmp_path).local_file == tmp_path / TOKEN_FILE
