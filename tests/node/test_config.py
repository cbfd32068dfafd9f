# SPDX-License-Identifier: Apache-2.0
"""``casethread.toml``."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.charter import Role
from federation.errors import ConfigurationError
from federation_node import config
from federation_node.home import Home

ORGANISATION = config.Organisation(
    member="hope", name='Hope "Line"', legal_entity="EIN:12", role=Role.HOTLINE, region="US"
)
NODE = config.Node(endpoint="node.hope.example:7411")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a configuration."""
    home = Home(tmp_path)
    config.write(home, ORGANISATION, NODE, config.Database())
    return home


def test_what_was_written_is_read(home: Home) -> None:
    """All tables, with quotation marks and defaults."""
    loaded = config.load(home)

    assert loaded.organisation == ORGANISATION
    assert loaded.node == NODE
    assert loaded.database_url(home) == f"sqlite:///{home.database_file}"


def test_the_file_is_private(home: Home) -> None:
    """A database URL may hold a password."""
    assert home.config_file.stat().st_mode & 0o777 == 0o600


@given(name=st.text(min_size=1, max_size=50).filter(lambda text: text.isprintable()))
def test_any_name_survives(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Whatever an organisation is called, TOML keeps it."""
    home = Home(tmp_path_factory.mktemp("home"))
    config.write(home, ORGANISATION.model_copy(update={"name": name}), NODE, config.Database())

    assert config.load(home).organisation.name == name


def test_the_environment_overrides_the_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One setting at a time; the rest stays."""
    monkeypatch.setenv("CASETHREAD_NODE__SYNC_SECONDS", "60")
    loaded = config.load(home)

    assert (loaded.node.sync_seconds, loaded.node.endpoint) == (60, NODE.endpoint)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("[node]\nlisten_on = 'x'", "listen_on"),
        ("[unheard]\nof = 1", "unheard"),
        ("[organisation]\nmember = 'Not A Slug'", "organisation.member"),
        ("[node]\nendpoint = 'no-port'", "node.endpoint"),
        ("[node]\nsync_seconds = 0", "node.sync_seconds"),
        ("[audit]\ncheckpoint_hours = 5", "audit.checkpoint_hours"),
    ],
)
def test_a_wrong_setting_is_named(home: Home, line: str, named: str) -> None:
    """Unknown names and impossible values stop the node; the value is not repeated."""
    table, setting = line.split("\n")
    text = home.config_file.read_text()
    name = setting.split(" ")[0]
    kept = [row for row in text.splitlines() if not row.startswith(f"{name} ")]
    at = kept.index(table) + 1 if table in kept else len(kept)
    kept[at:at] = [setting] if table in kept else [table, setting]
    home.config_file.write_text("\n".join(kept))
    with pytest.raises(ConfigurationError, match=named) as refused:
        config.load(home)

    assert "Not A Slug" not in str(refused.value)


def test_a_file_that_is_not_toml_is_named(home: Home) -> None:
    """The error names the file."""
    home.config_file.write_text("[node")
    with pytest.raises(ConfigurationError, match=r"casethread\.toml is not TOML"):
        config.load(home)


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:7411", ("::1", 7411)), ("a-b.c:1", ("a-b.c", 1))],
)
def test_addresses(address: str, parts: tuple[str, int]) -> None:
    """Names, IPv4 and bracketed IPv6."""
    assert config.split_address(address) == parts


@pytest.mark.parametrize("address", ["", ":1", "a", "a:", "a:65536", "a b:1", "::1:1", "a:1\n"])
def test_what_is_not_an_address(address: str) -> None:
    """Everything else is refused."""
    with pytest.raises(ValueError, match="host:port"):
        config.split_address(address)


def test_the_endpoint_is_changed_and_nothing_else(home: Home) -> None:
    """Comments, order and other settings of the file stay as a person wrote them."""
    text = home.config_file.read_text() + "\n# ours\n[local]\nenabled = false  # for now\n"
    home.config_file.write_text(text.replace("[node]", "[node]  # the node\n# endpoint = old"))
    before = home.config_file.read_text()
    endpoint = config.load(home).node.endpoint
    config.set_endpoint(home, "new.example.org:7411")

    assert home.config_file.read_text() == before.replace(
        f'endpoint = "{endpoint}"', 'endpoint = "new.example.org:7411"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "node.endpoint = 'a.example.org:1'\n",
        "node = {endpoint = 'a.example.org:1'}\n",
        "[node]\nlisten = '0.0.0.0:1'\n[local]\nendpoint = 'a.example.org:1'\n",
    ],
)
def test_an_endpoint_written_in_another_way_is_left_to_a_person(home: Home, text: str) -> None:
    """What cannot be changed safely is not changed, and the line to write is said."""
    home.config_file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        config.set_endpoint(home, "new.example.org:7411")

    assert home.config_file.read_text() == text
    assert refused.value.next_step is not None
    assert 'endpoint = "new.example.org:7411"' in refused.value.next_step


def test_an_endpoint_of_the_environment_is_told(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the file would say one thing and the node another."""
    monkeypatch.setenv("CASETHREAD_NODE__ENDPOINT", "other.example.org:7411")

    with pytest.raises(ConfigurationError, match="environment"):
        config.set_endpoint(home, "new.example.org:7411")
