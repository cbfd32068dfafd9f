# SPDX-License-Identifier: Apache-2.0
"""The command line: homes, files, listings, errors. No process, no network."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from federation import errors
from federation_node.cli import main
from federation_node.cli.failure import next_step
from federation_node.cli.root import LazyGroup
from tests.node.operator import Operator

SHEET = """\
Case ID,Country,Recruiter phone,Caller phone,Notes,Shoe size
H-1,US,+52 55 1234 5678,202-555-0143,canary-note,41
H-2,MX,unknown,,,
H-3,MX,not a phone,,,
"""


def make(path: Path, member: str, port: int) -> Operator:
    """Make a node."""
    node = Operator(path)
    options = ["--name", member.title(), "--legal-entity", f"TEST:{member}", "--role", "hotline"]
    node.ok("init", member, *options, "--endpoint", f"127.0.0.1:{port}", "--region", "US")
    return node


@pytest.fixture(autouse=True)
def restored_umask() -> Iterator[None]:
    """Commands set the umask of their process."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes that tests copy: two nodes alone, and one in a federation."""
    path = tmp_path_factory.mktemp("made")
    hope, amparo = make(path / "hope", "hope", 7001), make(path / "amparo", "amparo", 7002)
    founded = Operator(Path(shutil.copytree(hope.home, path / "founded")))
    asking = Operator(Path(shutil.copytree(amparo.home, path / "asking")))
    founded.ok("federation", "create", "Test")
    join(founded, asking, path, "--no-steward")
    founded.ok("federation", "sign", "--yes")
    return path


def copy(made: Path, name: str, tmp_path: Path) -> Operator:
    """Copy one of the homes."""
    return Operator(Path(shutil.copytree(made / name, tmp_path / name)))


@pytest.fixture
def hope(made: Path, tmp_path: Path) -> Operator:
    """A node in no federation."""
    return copy(made, "hope", tmp_path)


@pytest.fixture
def amparo(made: Path, tmp_path: Path) -> Operator:
    """Another node in no federation."""
    return copy(made, "amparo", tmp_path)


@pytest.fixture
def founded(made: Path, tmp_path: Path) -> Operator:
    """Hope's node in a federation whose only steward it is; amparo never answers."""
    return copy(made, "founded", tmp_path)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A spreadsheet with one good recruiter's phone."""
    path = tmp_path / "calls.csv"
    path.write_text(SHEET)
    return path


def join(hope: Operator, amparo: Operator, tmp_path: Path, *admit: str) -> tuple[str, str]:
    """Let amparo join hope's federation; returns what both screens showed."""
    invitation, request = str(tmp_path / "invitation"), str(tmp_path / "request")
    hope.ok("federation", "invite", "--out", invitation)
    asked = amparo.ok("federation", "join", invitation, "--out", request)
    admitted = hope.ok("federation", "admit", request, "--yes", *admit)
    return asked, admitted


def walk(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from walk(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(walk(main))


def test_the_commands() -> None:
    """These commands exist; scripts rely on their names."""
    assert sorted(COMMANDS) == [
        "agreement draft",
        "agreement explain",
        "agreement list",
        "agreement propose",
        "agreement revoke",
        "agreement show",
        "agreement sign",
        "audit begin-anew",
        "audit export",
        "audit list",
        "audit verify",
        "audit witnesses",
        "case forget",
        "case import",
        "case imports",
        "case list",
        "case show",
        "consent list",
        "consent record",
        "consent show",
        "consent withdraw",
        "console",
        "custodian ceremony accept",
        "custodian ceremony start",
        "custodian ceremony status",
        "custodian grant list",
        "custodian grant propose",
        "custodian grant sign",
        "demo",
        "disclosure approve",
        "disclosure ask",
        "disclosure deny",
        "disclosure export",
        "disclosure list",
        "disclosure narrow",
        "disclosure preview",
        "disclosure read",
        "disclosure show",
        "doctor",
        "federation admit",
        "federation apply",
        "federation create",
        "federation invite",
        "federation join",
        "federation remove",
        "federation renew",
        "federation show",
        "federation sign",
        "federation suspend",
        "federation update",
        "federation withdraw",
        "init",
        "match confirm",
        "match list",
        "match reject",
        "match release",
        "match retractions",
        "match show",
        "match undo",
        "match unsure",
        "referral accept",
        "referral approve",
        "referral decline",
        "referral list",
        "referral preview",
        "referral read",
        "referral recall",
        "referral send",
        "screen allow",
        "screen list",
        "screen refuse",
        "serve",
        "staff add",
        "staff change",
        "staff disable",
        "staff enable",
        "staff enrol",
        "staff list",
        "staff password",
        "staff reset",
        "staff sign-in",
        "staff sign-out",
        "staff who",
        "status",
        "sync",
        "thread common",
        "thread list",
        "thread rejoin",
        "thread show",
        "thread split",
        "upgrade",
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    """With a sentence of help, and help for every option."""
    command = COMMANDS[name]

    assert command.help
    assert all(
        parameter.help for parameter in command.params if isinstance(parameter, click.Option)
    )


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if name.split()[-1] in {"list", "show", "status", "doctor"}]
)
def test_every_listing_has_json(name: str) -> None:
    """A program never has to read a table."""
    assert any("--json" in parameter.opts for parameter in COMMANDS[name].params)


def test_the_overview_is_the_list_of_commands() -> None:
    """What ``--help`` lists without importing anything is what there is."""
    shown = CliRunner().invoke(main, ["--help"]).output

    assert isinstance(main, LazyGroup)
    assert all(f"  {name}" in shown for name in main.list_commands(click.Context(main)))


def test_every_error_has_a_next_step() -> None:
    """Whatever goes wrong, the person at the screen is told what to do."""
    tree = [errors.CasethreadError]
    for cls in tree:
        tree.extend(cls.__subclasses__())

    assert all(next_step(cls.__new__(cls)) for cls in tree)


def test_wrong_usage_is_another_exit_code() -> None:
    """2 is wrong usage, 1 is a refusal."""
    assert CliRunner().invoke(main, ["case", "import"]).exit_code == 2
    assert CliRunner().invoke(main, ["unheard-of"]).exit_code == 2


@pytest.mark.parametrize("name", ["status", "doctor", "serve", "sync", "case list", "match list"])
def test_without_a_node(tmp_path: Path, name: str) -> None:
    """Commands say that there is no node, and which command makes one."""
    assert "casethread init" in Operator(tmp_path).fails(*name.split())


def test_a_node_is_made_in_full(hope: Operator) -> None:
    """Configuration, keystore, database and logs, all the owner's alone."""
    modes = {path.name: path.stat().st_mode & 0o077 for path in hope.home.iterdir()}

    assert {"casethread.toml", "keystore.json", "casethread.db", "logs"} <= set(modes)
    assert set(modes.values()) == {0}


def test_a_node_is_not_made_twice(hope: Operator) -> None:
    """The second time nothing changes."""
    before = hope.home.joinpath("keystore.json").read_bytes()
    options = ["--name", "x", "--legal-entity", "x", "--role", "ngo", "--endpoint", "a.example:1"]

    assert "not empty" in hope.fails("init", "hope", *options)
    assert hope.home.joinpath("keystore.json").read_bytes() == before


@pytest.mark.parametrize(
    ("member", "endpoint"), [("Not A Slug", "a.example:1"), ("hope", "nowhere"), ("hope", "_:1")]
)
def test_a_node_that_cannot_be_leaves_nothing_behind(
    tmp_path: Path, member: str, endpoint: str
) -> None:
    """What could not stand in a charter is refused before anything is made."""
    options = ["--name", "x", "--legal-entity", "x", "--role", "ngo", "--endpoint", endpoint]
    Operator(tmp_path / "node").fails("init", member, *options)

    assert not (tmp_path / "node").exists()


def test_an_open_home_is_refused(hope: Operator) -> None:
    """The node does not work where others can read its keys."""
    hope.home.joinpath("keystore.json").chmod(0o644)

    assert "open to other accounts" in hope.fails("status")


def test_the_wrong_key_is_refused(hope: Operator) -> None:
    """With one sentence."""
    environment = {"CASETHREAD_KEY": "00" * 32, "CASETHREAD_HOME": str(hope.home)}
    done = CliRunner().invoke(main, ["status"], env=environment)

    assert done.exit_code == 1
    assert "does not open the keystore" in done.stderr


def test_status_of_a_new_node(hope: Operator) -> None:
    """Nothing waits, and there is no federation."""
    state = hope.json("status")

    assert (state["member"], state["federation"], state["cases"]) == ("hope", None, 0)
    assert "in no federation yet" in hope.ok("status")


def test_doctor_of_a_new_node(hope: Operator) -> None:
    """All good, and the next steps are accounts and a federation."""
    findings = hope.json("doctor")

    assert [one["about"] for one in findings if one["health"] != "good"] == ["people", "federation"]
    assert all(one["next_step"] for one in findings if one["health"] != "good")


def test_both_screens_show_the_same_words(hope: Operator, amparo: Operator, tmp_path: Path) -> None:
    """Who joins and who admits see the same eight words."""
    hope.ok("federation", "create", "Test")
    asked, admitted = join(hope, amparo, tmp_path)

    def line(text: str) -> str:
        (found,) = [row for row in text.splitlines() if row.startswith("the eight words: ")]
        return found

    assert line(asked) == line(admitted)
    assert len(line(asked).split()) == 3 + 8


def test_two_custodians_are_warned_of(hope: Operator, amparo: Operator, tmp_path: Path) -> None:
    """Admitting the second one says what two would mean."""
    hope.ok("federation", "create", "Test")
    _, admitted = join(hope, amparo, tmp_path)

    assert "fewer than three custodians" in admitted


def test_a_request_is_admitted_only_by_whom_it_answers(
    hope: Operator, amparo: Operator, tmp_path: Path
) -> None:
    """Another node has not written the invitation; and one invitation admits once."""
    hope.ok("federation", "create", "Test")
    join(hope, amparo, tmp_path)
    amparo.ok("federation", "create", "Other")

    assert "no open invitation" in amparo.fails(
        "federation", "admit", str(tmp_path / "request"), "--yes"
    )
    assert "no open invitation" in hope.fails(
        "federation", "admit", str(tmp_path / "request"), "--yes"
    )


def test_a_changed_invitation_is_refused(hope: Operator, amparo: Operator, tmp_path: Path) -> None:
    """A byte that changed on its way is noticed, and nothing is written."""
    hope.ok("federation", "create", "Test")
    hope.ok("federation", "invite", "--out", str(tmp_path / "invitation"))
    raw = bytearray((tmp_path / "invitation").read_bytes())
    raw[200] ^= 1
    (tmp_path / "changed").write_bytes(raw)
    amparo.fails("federation", "join", str(tmp_path / "changed"), "--out", str(tmp_path / "out"))

    assert not (tmp_path / "out").exists()


def test_no_file_is_overwritten(hope: Operator, tmp_path: Path) -> None:
    """An existing file stays as it is."""
    (tmp_path / "invitation").write_text("mine")
    hope.ok("federation", "create", "Test")
    hope.fails("federation", "invite", "--out", str(tmp_path / "invitation"))

    assert (tmp_path / "invitation").read_text() == "mine"


def test_a_founded_federation(founded: Operator) -> None:
    """The charter in force lists both, and its words can be compared by voice."""
    shown = founded.json("federation", "show")

    assert shown["in_force"]["version"] == 1
    assert [member["id"] for member in shown["in_force"]["members"]] == ["amparo", "hope"]
    assert len(shown["in_force"]["words"]) == 8
    assert (shown["draft"], shown["proposals"]) == (None, [])


def test_nothing_to_sign(founded: Operator) -> None:
    """Says so, and how to fetch news."""
    assert "no charter waits" in founded.fails("federation", "sign", "--yes")


def test_a_person_is_asked_before_signing(hope: Operator) -> None:
    """Without ``--yes`` the charter is shown and a no leaves it unsigned."""
    hope.ok("federation", "create", "Test")
    done = hope.run("federation", "sign", stdin="n\n")

    assert done.exit_code == 1
    assert "charter version 1" in done.stdout
    assert hope.json("federation", "show")["in_force"] is None


def test_renewing_and_removing(founded: Operator) -> None:
    """A sole steward's proposals take effect at once; each version follows the last."""
    founded.ok("federation", "renew")
    founded.ok("federation", "remove", "amparo", "--yes")
    shown = founded.json("federation", "show")

    assert shown["in_force"]["version"] == 3
    assert [member["id"] for member in shown["in_force"]["members"]] == ["hope"]


def test_suspending_and_lifting(founded: Operator) -> None:
    """A suspension is a charter version, and so is its end."""
    founded.ok("federation", "suspend", "amparo", "--yes")
    (amparo, _) = founded.json("federation", "show")["in_force"]["members"]
    assert amparo["suspended"]
    founded.fails("federation", "suspend", "amparo", "--yes")

    founded.ok("federation", "suspend", "amparo", "--lift", "--yes")

    (amparo, _) = founded.json("federation", "show")["in_force"]["members"]
    assert not amparo["suspended"]


def test_a_new_endpoint_by_file(founded: Operator, tmp_path: Path) -> None:
    """What the configuration says now becomes the charter's, once a steward applies it."""
    file = tmp_path / "update"
    assert "says so already" in founded.fails("federation", "update", "--out", str(file))
    settings = founded.home / "casethread.toml"
    settings.write_text(settings.read_text().replace("127.0.0.1:7001", "hope.example:7443"))

    founded.ok("federation", "update", "--out", str(file))
    shown = founded.ok("federation", "apply", str(file), "--yes")

    assert "hope.example:7443" in shown
    (_, hope) = founded.json("federation", "show")["in_force"]["members"]
    assert hope["endpoint"] == "hope.example:7443"
    founded.fails("federation", "apply", str(file), "--yes")


def test_resharing_needs_keys(founded: Operator) -> None:
    """Before there are keys there is nothing to share anew, and nothing to grant."""
    assert "no key to reshare" in founded.fails("custodian", "ceremony", "start", "--reshare")
    assert founded.run("custodian", "ceremony", "start", "--dealer", "hope").exit_code == 2
    source = ["--source", "Old system", "--source-kind", "case-management", "--rows", "9"]
    refused = founded.fails("custodian", "grant", "propose", "amparo", *source, "--amount", "9")
    assert "no key" in refused
    assert founded.json("custodian", "grant", "list") == []


def test_a_ceremony_waits_for_the_others(founded: Operator) -> None:
    """Starting one says who must accept; an unknown one cannot be accepted."""
    name = founded.json("custodian", "ceremony", "start")["ceremony"]
    (view,) = founded.json("custodian", "ceremony", "status")

    assert (view["ceremony"], view["waiting_for"]) == (name, ["amparo"])
    founded.fails("custodian", "ceremony", "accept", "00" * 16)


def test_importing_twice_changes_nothing(hope: Operator, sheet: Path) -> None:
    """Rows are kept by the source's own id."""
    first = hope.json("case", "import", str(sheet))
    again = hope.json("case", "import", str(sheet))

    assert (first["new"], first["observations"]) == (3, 4)
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 3)
    assert "Shoe size" in first["ignored"]


def test_a_corrected_cell_replaces_the_old_one(hope: Operator, sheet: Path) -> None:
    """The case changes; there is still one of it."""
    hope.ok("case", "import", str(sheet))
    sheet.write_text(SHEET.replace("not a phone", "+52 55 8765 4321"))

    assert hope.json("case", "import", str(sheet))["changed"] == 1
    assert len(hope.json("case", "list")) == 3


def test_a_dry_run_stores_nothing(hope: Operator, sheet: Path) -> None:
    """It counts, and saves the mapping that would be used."""
    mapping = sheet.with_suffix(".toml")
    done = hope.json("case", "import", str(sheet), "--dry-run", "--save-mapping", str(mapping))

    assert (done["dry_run"], done["observations"]) == (True, 4)
    assert hope.json("case", "list") == []
    assert hope.json("case", "import", str(sheet), "--mapping", str(mapping))["new"] == 3


def test_rows_in_error_are_listed_beside_the_sheet(hope: Operator, sheet: Path) -> None:
    """The row itself with its number, column and reason, for its owner's eyes only."""
    sheet.write_text(SHEET + "H-4,Atlantis,+1 202 555 0100,,,\n")
    done = hope.json("case", "import", str(sheet))
    listed = Path(done["errors_file"])

    assert (done["new"], done["errors"]) == (3, 1)
    assert "H-4,Atlantis,'+1 202 555 0100,,,,5,Country," in listed.read_text("utf-8-sig")
    assert listed.stat().st_mode & 0o777 == 0o600


def test_what_takes_no_part_is_listed_with_its_reason(hope: Operator, sheet: Path) -> None:
    """Callers wait for consent, placeholders are screened or refused, nothing is silent."""
    hope.ok("case", "import", str(sheet))
    left = {
        (one["case"], one["field"]): one["status"]
        for one in hope.json("case", "list", "--not-tokenised")
    }

    assert left["H-1", "Caller phone"] == "waiting-consent"
    assert left["H-3", "Recruiter phone"] == "refused"


def test_a_case_is_named_on_standard_input(hope: Operator, sheet: Path) -> None:
    """Its id may identify, so it is never an argument."""
    hope.ok("case", "import", str(sheet))
    shown = hope.json("case", "show", stdin="H-1\n")

    assert shown["case"] == "H-1"
    assert [one["field"] for one in shown["observations"]] == ["Recruiter phone", "Caller phone"]
    assert "no such case" in hope.fails("case", "show", stdin="H-99\n")
    assert "no case id" in hope.fails("case", "show", stdin="\n")


def test_a_forgotten_case_is_gone(hope: Operator, sheet: Path) -> None:
    """From the list, and from the bytes of the database."""
    hope.ok("case", "import", str(sheet))
    hope.ok("case", "forget", stdin="H-1\n")

    assert [one["case"] for one in hope.json("case", "list")] == ["H-2", "H-3"]
    hope.fails("case", "forget", stdin="H-1\n")


def test_two_sources_with_one_id(hope: Operator, sheet: Path) -> None:
    """Which one is meant must be said."""
    hope.ok("case", "import", str(sheet))
    hope.ok("case", "import", str(sheet), "--source", "other")

    assert "--source" in hope.fails("case", "forget", stdin="H-1\n")
    hope.ok("case", "forget", "--source", "other", stdin="H-1\n")
    assert hope.json("case", "show", stdin="H-1\n")["source"] == "csv"


def test_nothing_of_a_case_is_readable_in_the_home(hope: Operator, sheet: Path) -> None:
    """Neither database nor log nor any other file holds what was imported."""
    hope.ok("case", "import", str(sheet))
    content = b"".join(path.read_bytes() for path in hope.home.rglob("*") if path.is_file())

    for canary in (b"12345678", b"1234 5678", b"0143", b"canary-note", b"H-1"):
        assert canary not in content


def test_no_matches_yet(hope: Operator) -> None:
    """An empty listing is empty JSON; an unknown match is refused."""
    assert hope.json("match", "list") == []
    hope.fails("match", "show", "00" * 16)
    hope.fails("match", "release", "00" * 16, "--yes")


def test_synchronising_without_a_federation(hope: Operator) -> None:
    """Says how to come to one."""
    assert "federation" in hope.fails("sync")


def test_synchronising_while_partners_are_away(founded: Operator) -> None:
    """Nothing is lost, and nothing fails."""
    done = founded.json("sync")

    assert (done["tokenised"], done["sent"], done["matches"]) == (0, 0, 0)


def test_doctor_says_who_is_away(founded: Operator) -> None:
    """A partner that does not answer is a finding with a next step, not a failure."""
    (peer,) = [one for one in founded.json("doctor") if one["about"] == "peer"]

    assert (peer["health"], peer["says"].split()[0]) == ("look", "amparo")
    assert peer["next_step"]


def test_status_asks_for_nothing_that_waits_for_others(founded: Operator) -> None:
    """A ceremony that one has started oneself waits for others, not for oneself."""
    founded.ok("custodian", "ceremony", "start")
    state = founded.json("status")

    assert state["federation"]["version"] == 1
    assert state["waiting_for_you"] == {
        "charters": [],
        "agreements": [],
        "ceremonies": [],
        "values": [],
        "disclosures": [],
    }
