# SPDX-License-Identifier: Apache-2.0
"""Values that are planted at intake are found nowhere but in the encrypted vault."""

import base64
import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from federation import Case, Kind, Subject
from federation.errors import CasethreadError
from federation.indicators import IndicatorClass, Lane
from federation.storage import AtRest, Store
from federation.testing import Federation
from federation_node.cli import main
from federation_node.home import Home
from federation_node.keystore import Keystore
from tests.attacks.canaries import CANARIES, IN_THE_VAULT, OWN_LIST, PHONES, SHEET, search
from tests.attacks.support import GENEROUS, federate, files_of, make_home, passphrase

HERE, PARTNER, THIRD = "hope", "amparo", "licht"
SECRET = "zwei rote Schuhe im Regen"


@dataclass
class Traces:
    """Everything that came out of the nodes."""

    home: Home
    spoken: dict[str, bytes]
    """What commands printed, by command."""
    errors: dict[str, bytes]
    """Messages of provoked errors."""
    files: dict[str, bytes]
    """Everything in the homes of all nodes."""
    own_list: tuple[int, bytes]
    """Mode and content of the own screening list."""
    beside: dict[str, tuple[int, bytes]]
    """Mode and content of what an import wrote beside the sheet."""
    wire: dict[str, bytes]
    """Plaintext of every request and reply."""
    tokens: list[bytes]
    matches: int

    def all(self) -> dict[str, bytes]:
        """Return everything that must not hold a canary."""
        return {**self.spoken, **self.errors, **self.files, **self.wire}


@pytest.fixture(scope="module")
def process() -> Iterator[None]:
    """Undo what a command does to its whole process."""
    root, mask = logging.getLogger(), os.umask(0o077)
    handlers, level = root.handlers[:], root.level
    yield
    os.umask(mask)
    root.handlers[:] = handlers
    root.setLevel(level)


class Terminal:
    """Runs commands and keeps what they print."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.printed: dict[str, bytes] = {}

    def run(self, *arguments: str, secret: str = SECRET) -> Result:
        """Run one command of ``casethread``."""
        environment = {"CASETHREAD_HOME": str(self._home), "CASETHREAD_PASSPHRASE": secret}
        result = CliRunner().invoke(main, arguments, env=environment)
        name = f"{len(self.printed)} {' '.join(arguments[:2])}"
        # Where a traceback would be printed, its last line is what the exception says.
        self.printed[name] = f"{result.output}{result.stderr}{result.exception!r}".encode()
        return result


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory, process: None) -> Traces:
    """Let everything happen once: import, errors, tokens, exchange, a lost partner, a crash."""
    base = tmp_path_factory.mktemp("canaries")
    home = Home(base / HERE)
    terminal = Terminal(home.path)
    sheet = base / "sheets" / "Dupont.csv"
    sheet.parent.mkdir()
    sheet.write_text(SHEET)
    _initialise(terminal)
    own_list = home.path / "screening.toml"
    own_list.write_text(OWN_LIST)
    imported = terminal.run("case", "import", str(sheet), "--source", "Vogelwarte")
    assert imported.exit_code == 0, imported.output
    _provoke(terminal, sheet)
    _decide(terminal, own_list)
    others = {PARTNER: "one blue coat in the sun", THIRD: "one green hat in the snow"}
    homes = {HERE: (home, SECRET)}
    homes |= {name: (make_home(base / name, name, words), words) for name, words in others.items()}
    with federate(homes, rules=GENEROUS) as fed:
        errors = _work(fed)
        tokens = _tokens(fed)
        matches = len(fed[HERE].matches())
        for command in (["status"], ["doctor"], ["federation", "show"], ["agreement", "list"]):
            terminal.run(*command)
        wire = {
            f"{number} {call.path}": call.request + b"\0" + call.reply
            for number, call in enumerate(fed.calls)
        }
        kept_list = (own_list.stat().st_mode & 0o777, own_list.read_bytes())
        own_list.unlink()
        files = files_of(*(one.path for one, _ in homes.values()))
        beside = {
            path.name: (path.stat().st_mode & 0o777, path.read_bytes())
            for path in sheet.parent.iterdir()
            if path != sheet
        }
    return Traces(home, terminal.printed, errors, files, kept_list, beside, wire, tokens, matches)


def _initialise(terminal: Terminal) -> None:
    made = terminal.run(
        "init", HERE, "--name=Hope", "--legal-entity=TEST:hope", "--role=HOTLINE",
        "--endpoint=127.0.0.1:7443", "--region=MX",
    )  # fmt: skip
    assert made.exit_code == 0, made.output


def _provoke(terminal: Terminal, sheet: Path) -> None:
    """Make commands fail in every way that is near a value."""
    broken = sheet.with_name("broken.csv")
    broken.write_bytes(b"Case ID,Recruiter phone\nKanarie-0042,\xff\xfe 81379264 \x00\n")
    headless = sheet.with_name("headless.csv")
    headless.write_text("81379264,Kanarie-0042\n")
    bad_mapping = sheet.with_name("mapping.toml")
    bad_mapping.write_text("xyzzy = [81379264\n")
    for arguments in (
        ["case", "import", str(broken)],
        ["case", "import", str(headless)],
        ["case", "import", str(sheet), "--mapping", str(bad_mapping)],
        ["case", "import", str(sheet), "--dry-run"],
        ["sync"],
        ["match", "list"],
    ):
        terminal.run(*arguments)
    terminal.run("status", secret="81379264 xyzzy serinus")
    with pytest.MonkeyPatch.context() as patch:
        # A library that fails where nobody expects it, and quotes what it was given.
        patch.setattr("federation.indicators.assessment.normalise", _crash)
        sheet.with_name("crash.csv").write_text(SHEET.replace("Kanarie-", "Kanarie-0042-"))
        crashed = terminal.run("case", "import", str(sheet.with_name("crash.csv")))
    assert crashed.exit_code != 0
    for path in (broken, headless, bad_mapping, sheet.with_name("crash.csv")):
        path.unlink()


def _decide(terminal: Terminal, own_list: Path) -> None:
    """Decide about a value that waits, and let the own list be wrong in several ways."""
    listed = terminal.run("screen", "list", "--json")
    (value,) = [one["value"] for one in json.loads(listed.stdout)]
    for arguments in (
        ["screen", "list"],
        ["screen", "allow", value],
        ["screen", "allow", value, "--yes"],
        ["screen", "allow", "81379264", "--yes"],
        ["screen", "refuse", value, "--yes"],
        ["screen", "list", "--decided"],
        ["status"],
        ["doctor"],
    ):
        terminal.run(*arguments)
    for wrong in ("[refuse]\nphone = ['xyzzy 81379264']", "xyzzy = 81379264", "[xyzzy 61942873"):
        own_list.write_text(wrong)
        assert terminal.run("doctor").exit_code != 0
    own_list.write_text(OWN_LIST)


def _crash(kind: Kind, raw: object, *, region: str | None) -> None:
    raise RuntimeError(f"cannot read {raw!r} for {region}")


def _work(fed: Federation) -> dict[str, bytes]:
    """Take in cases through the library too, agree, exchange, and meet a lost partner."""
    said: dict[str, bytes] = {}

    def note(error: BaseException) -> None:
        chain, link = [], error
        while link is not None:
            chain.append(f"{link!r} {link} {getattr(link, 'next_step', '')}")
            link = link.__cause__ or link.__context__  # type: ignore[assignment]
        said[f"error {len(said)}"] = "\n".join(chain).encode()

    case = Case("Kanarie-0043", region="MX")
    for phone in PHONES:
        case = case.add(Kind.PHONE, phone, Subject.RECRUITER, field="Zeisigspalte")
    for kind, raw in (
        (Kind.HANDLE, {"platform": "instagram", "handle": "Canary_Finch77"}),
        (Kind.VEHICLE, {"country": "MX", "plate": "knr 8419"}),
        (Kind.EMAIL, "kanarek.piotr@ZIELONYLAS.pl"),
        (Kind.PHONE, "xyzzy 81379264"),
    ):
        case = case.add(kind, raw, Subject.RECRUITER, field="Zeisigspalte")
    for name in (HERE, PARTNER):
        with suppress(CasethreadError):
            fed[name].put_cases([case], source="Vogelwarte")
        try:
            fed[name].put_cases([case.add(Kind.PHONE, "xyzzy" * 300, Subject.RECRUITER)])
        except CasethreadError as error:
            note(error)
    fed.faults.down = {PARTNER, THIRD}
    try:
        fed[HERE].sync()
    except CasethreadError as error:
        note(error)
    fed.faults.down = set()
    fed.agree(HERE, PARTNER, THIRD)
    fed.sync()
    fed.sync()
    fed.faults.down = {PARTNER}
    fed[HERE].put_cases(
        [Case("Kanarie-0042-2").add(Kind.EMAIL, "kanarek.piotr.2@zielonylas.pl", Subject.RECRUITER)]
    )
    for _, error in fed[HERE].sync().sent.failures:
        note(error)
    assert len(said) >= 3
    return said


def _tokens(fed: Federation) -> list[bytes]:
    key = fed[HERE].require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)[0]
    with fed.seats[HERE].store.read() as tx:
        return [token for _, token in tx.tokens.eligible(key.key_id, Kind, Subject)]


def test_everything_happened(traces: Traces) -> None:
    """There is something to look at: matches, tags on the wire, log entries, refused rows."""
    names = " ".join(traces.files)

    assert traces.matches >= 4
    assert len(traces.tokens) >= 5
    assert any("PutTags" in name for name in traces.wire)
    assert any("Evaluate" in name for name in traces.wire)
    assert b"exchange_failed" in traces.files["hope/logs/node.log"]
    assert "casethread.db-wal" in names
    assert traces.beside != {}


def test_no_canary_is_found_outside_the_vault(traces: Traces) -> None:
    """Databases, logs, command output, errors and the wire hold no planted value in any form."""
    # The person who named the file is told where the list of its errors is.
    echoed = {(command, "file name") for command in traces.spoken if "import" in command}

    assert search(traces.all(), traces.tokens) - echoed == set()


def test_the_own_list_is_its_owners_alone(traces: Traces) -> None:
    """It stands in clear in the home, because people edit it; nobody else can read it."""
    assert (0o600, OWN_LIST.encode()) == traces.own_list


def test_rows_to_correct_stay_beside_the_sheet(traces: Traces) -> None:
    """Rows that could not be read are the one copy in clear: beside the sheet, its owner's only."""
    assert {mode for mode, _ in traces.beside.values()} == {0o600}
    assert all("errors" in name for name in traces.beside)


def test_the_vault_holds_what_was_planted(traces: Traces) -> None:
    """With the keystore's passphrase the same search finds in the vault whatever is kept."""
    keystore = Keystore.open(traces.home.keystore_file, passphrase(SECRET))
    url = f"sqlite:///{traces.home.database_file}"
    with Store.open(url, AtRest(keystore.root)) as store, store.read() as tx:
        opened = "\n".join(
            f"{case.id} {case.source} {seen.field} {seen.raw} {seen.value}"
            for case in tx.cases.list()
            for seen in case.observations
        )
    found = {canary for _, canary in search({"vault": opened.encode()})}

    assert found == IN_THE_VAULT


@pytest.mark.parametrize("canary", sorted(CANARIES))
def test_the_search_finds_each_canary_in_each_disguise(canary: str) -> None:
    """A value that leaks in another encoding, in base64, in hex or backwards is still found."""
    for text in CANARIES[canary]:
        plain = f"...{text}..."
        leaks = {
            "plain": plain.encode(),
            "upper": plain.upper().encode(),
            "utf-16": plain.encode("utf-16-le"),
            "hex": plain.encode().hex().encode(),
            "base64": base64.b64encode(plain.encode()),
            "backwards": plain[::-1].encode(),
        }

        assert {name for name, found in search(leaks) if found == canary} == leaks.keys()


def test_the_search_finds_half_a_token(traces: Traces) -> None:
    """A raw token is found by either half."""
    token = traces.tokens[0]
    leaks = {"first": b"." + token[:16] + b".", "second": b"." + token[16:] + b"."}

    assert search(leaks, traces.tokens) == {("first", "token"), ("second", "token")}
