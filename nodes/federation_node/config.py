# SPDX-License-Identifier: Apache-2.0
"""The node's configuration: ``casethread.toml`` in its home.

Settings are checked when the node starts, and an unknown name is refused: a
misspelled limit must not silently mean "no limit". The environment overrides
the file, with two underscores between table and name
(``CASETHREAD_NODE__LISTEN=0.0.0.0:7411``).
"""

import re
import tomllib
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from federation.audit import StaffRole
from federation.charter import Role
from federation.documents import findings
from federation.errors import ConfigurationError
from federation.local.access import check_loopback
from federation.matching.threads import ThreadRules
from federation_node.files import write_private
from federation_node.home import Home

__all__ = [
    "DEFAULT_LISTEN",
    "Config",
    "Console",
    "Database",
    "Local",
    "Node",
    "Organisation",
    "People",
    "Screening",
    "Threads",
    "load",
    "set_endpoint",
    "write",
]

DEFAULT_LISTEN = "0.0.0.0:7411"
"""Where a node listens unless it is told otherwise."""

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
"""This machine, as browsers spell it."""

MAXIMUM_PORT = 65535
_ENDPOINT = re.compile(
    r"""(^\[node\][^\n]*\n(?:(?!\[)[^\n]*\n)*?endpoint[ \t]*=[ \t]*)("[^"\n]*"|'[^'\n]*')""",
    re.MULTILINE,
)
_QUOTED = '"\\\x7f'  # besides control characters, what a TOML string must escape


def split_address(address: str) -> tuple[str, int]:
    """Split ``host:port``; an IPv6 host stands in brackets.

    Args:
        address: the text.

    Returns:
        Host (without brackets) and port.

    Raises:
        ValueError: if it is not an address; the message says what is expected.
    """
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})", address)
    if found is None or not 0 <= int(found[2]) <= MAXIMUM_PORT:
        raise ValueError("expected host:port")
    return found[1].strip("[]"), int(found[2])


def _address(address: str) -> str:
    split_address(address)
    return address


def _loopback(address: str) -> str:
    try:
        return check_loopback(address)
    except ConfigurationError as error:
        raise ValueError(f"expected an address of this machine alone: {error.next_step}") from None


Address = Annotated[str, AfterValidator(_address)]
"""``host:port``."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Organisation(_Table):
    """Who runs this node; goes into the charter when it joins."""

    member: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
    """Member id, a short slug."""
    name: Annotated[str, Field(min_length=1, max_length=200)]
    """The organisation's name as people know it."""
    legal_entity: Annotated[str, Field(min_length=1, max_length=200)]
    """Register number or other id of the legal entity."""
    role: Role
    """What kind of organisation it is."""
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """Country (ISO 3166) that national phone numbers are read in, unless a row says another."""


class Node(_Table):
    """How the node listens and how often it works."""

    listen: Address = DEFAULT_LISTEN
    """Local address of the gRPC server."""
    endpoint: Address
    """Address at which other members reach this node."""
    sync_seconds: Annotated[int, Field(ge=5, le=86_400)] = 900
    """Seconds between two synchronisations."""
    drive_seconds: Annotated[float, Field(ge=0.05, le=3600)] = 15
    """Seconds between two looks at pending charters, ceremonies and agreements."""
    threads: Annotated[int, Field(ge=2, le=64)] = 8
    """Threads that answer other members."""
    workers: Annotated[int, Field(ge=0, le=256)] | None = None
    """Processes for the arithmetic of large batches and the values of large imports; one for
    each processor unless it says."""


class Database(_Table):
    """Where the database is."""

    url: str | None = None
    """SQLAlchemy URL; None means SQLite in the home."""


class Audit(_Table):
    """When the record is published to its witnesses."""

    checkpoint_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = 6
    """Hours between two checkpoints, counted from midnight UTC."""


class Screening(_Table):
    """The organisation's own list of values that are never compared."""

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = None
    """Name of the list, a file in the home; without, `screening.toml` if it is there."""


class Local(_Table):
    """How the organisation's own programs reach the node (`federation.connect`)."""

    enabled: bool = True
    """Whether they can at all."""
    address: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1:0"
    """On this machine only: ``127.0.0.1:port`` (0 takes a free one), ``[::1]:port`` or
    ``unix:/absolute/path``."""


class Console(_Table):
    """The pages for caseworkers (`casethread console`)."""

    enabled: bool = False
    """Whether `casethread serve` shows them too."""
    listen: Address = "127.0.0.1:7412"
    """Where a browser finds them. Another address than this machine's own takes a certificate."""
    certificate: FilePath | None = None
    """PEM file with the certificate that browsers are shown."""
    key: FilePath | None = None
    """PEM file with its key."""
    names: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")], ...] = ()
    """Names or addresses by which browsers reach the pages; others are refused."""
    leave_to: Annotated[str, Field(pattern=r"^https://[^\s\"'<>]{1,200}$")] = (
        "https://www.wikipedia.org/"
    )
    """Page that 'Leave this page' opens."""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        host, _ = split_address(self.listen)
        if self.certificate is None and host not in LOOPBACK:
            raise ValueError(
                "an address that others reach takes a certificate and a key: without them, "
                "passwords and case data would cross the network in clear"
            )
        if self.certificate is not None and not self.names:
            raise ValueError("with a certificate, say in names how browsers reach the pages")
        return self


class People(_Table):
    """The people who work with the node."""

    second_factor: tuple[StaffRole, ...] = ()
    """Roles that count only for who signed in with a second factor."""


class Threads(_Table):
    """When a value is too common to tie cases into threads."""

    cases: Annotated[int, Field(ge=2, le=100_000)] = 50
    """A value may tie so many own cases, however few there are."""
    per_thousand: Annotated[int, Field(ge=0, le=1000)] = 2
    """... or so many of a thousand own cases, where that is more."""
    entities: Annotated[int, Field(ge=1, le=10_000)] = 8
    """A value may be held by so many other legal entities, each counted once."""

    @property
    def rules(self) -> ThreadRules:
        """What the member follows."""
        return ThreadRules(**self.model_dump())


class Disclosure(_Table):
    """What partners ask, and what is asked of them."""

    answer_days: Annotated[int, Field(ge=1, le=90)] = 14
    """Days within which people answer a request, here and there; then it expires."""


class Config(BaseSettings):
    """Everything in ``casethread.toml``."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="CASETHREAD_",
        env_nested_delimiter="__",
        hide_input_in_errors=True,
    )

    organisation: Organisation
    node: Node
    database: Database = Database()
    audit: Audit = Audit()
    local: Local = Local()
    screening: Screening = Screening()
    console: Console = Console()
    people: People = People()
    threads: Threads = Threads()
    disclosure: Disclosure = Disclosure()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment first, then the file; no ``.env`` file and no secret files."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    def database_url(self, home: Home) -> str:
        """Say where the database is.

        Args:
            home: the node's directory.

        Returns:
            An SQLAlchemy URL.
        """
        return self.database.url or f"sqlite:///{home.database_file}"


def load(home: Home) -> Config:
    """Read and check the configuration.

    Args:
        home: the node's directory.

    Returns:
        The configuration.

    Raises:
        ConfigurationError: naming the setting that is wrong, never its value.
    """
    try:
        document: dict[str, Any] = TomlConfigSettingsSource(Config, home.config_file)()
        return Config(**document)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{home.config_file} is not TOML: {error}", next_step="correct that line"
        ) from error
    except ValidationError as error:
        raise ConfigurationError(
            f"{home.config_file}: {findings(error)}", next_step="correct that setting"
        ) from error


def write(home: Home, organisation: Organisation, node: Node, database: Database) -> None:
    """Write a first ``casethread.toml``, mode 0600 (a database URL may hold a password).

    Args:
        home: the node's directory.
        organisation: who runs the node.
        node: how it listens.
        database: where its database is.
    """
    lines = ["# Configuration of a Casethread node; checked whenever a command starts."]
    for title, table in (("organisation", organisation), ("node", node), ("database", database)):
        lines += ["", f"[{title}]"]
        settings = table.model_dump(mode="json", exclude_none=True)
        lines += [f"{name} = {_toml(value)}" for name, value in settings.items()]
    write_private(home.config_file, ("\n".join(lines) + "\n").encode())


def set_endpoint(home: Home, endpoint: str) -> None:
    """Write another endpoint into ``casethread.toml``; nothing else in the file changes.

    Args:
        home: the node's directory.
        endpoint: ``host:port``.

    Raises:
        ConfigurationError: the file does not set it where `write` does, or the environment
            overrides it.
    """
    before = home.config_file.read_text(encoding="utf-8")
    after = _ENDPOINT.sub(lambda found: found[1] + _toml(endpoint), before, count=1)
    wanted = tomllib.loads(before)
    wanted.setdefault("node", {})["endpoint"] = endpoint
    if tomllib.loads(after) != wanted:
        raise ConfigurationError(
            f"{home.config_file} was not changed: its endpoint is written in another way",
            next_step=f"write it below [node] yourself: endpoint = {_toml(endpoint)}",
        )
    write_private(home.config_file, after.encode())
    if load(home).node.endpoint != endpoint:
        raise ConfigurationError(
            "the environment sets another endpoint than casethread.toml",
            next_step="change CASETHREAD_NODE__ENDPOINT as well",
        )


def _toml(value: str | float) -> str:
    """Write a scalar as TOML."""
    if isinstance(value, str):
        escaped = "".join(
            f"\\u{ord(char):04x}" if char in _QUOTED or ord(char) < ord(" ") else char
            for char in value
        )
        return f'"{escaped}"'
    return str(value)
