# SPDX-License-Identifier: Apache-2.0
"""Screening by the command line: what it says, and what a person decides."""

import shutil
from pathlib import Path

import pytest

from tests.node.operator import Operator, make_home

HEAD = "Case ID,Country,Caller phone,Recruiter phone,Recruiter profile\n"
SHELTER = "+1 202 555 0143"
SURVIVORS = "+52 55 8765 4321"
ROWS = f"""\
H-1,US,{SURVIVORS},{SHELTER},https://www.snapchat.com/add/teamsnapchat
H-2,MX,,{SURVIVORS},snapchat: teamsnapchat
H-3,US,,+1 813 246 8135,
H-4,US,,555-0100,
"""
VALUES = ("555", "0143", "8765", "teamsnapchat", "8135")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that tests copy."""
    return make_home(tmp_path_factory.mktemp("made") / "hope")


@pytest.fixture
def hope(made: Path, tmp_path: Path) -> Operator:
    """A node with an own list, before its first import."""
    home = tmp_path / "hope"
    shutil.copytree(made, home)
    own_list = home / "screening.toml"
    own_list.touch(mode=0o600)
    own_list.write_text(f"[refuse]\nphone = ['{SHELTER}']\n")
    return Operator(home)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A sheet of four cases."""
    path = tmp_path / "calls.csv"
    path.write_text(HEAD + ROWS)
    return path


def shows_no_value(text: str) -> bool:
    """Whether none of the values stands in a text."""
    return not [value for value in VALUES if value in text]


def waiting(hope: Operator, reason: str) -> str:
    """Return the id of the one value that waits for a reason."""
    (found,) = [one for one in hope.json("screen", "list") if one["reasons"] == [reason]]
    return str(found["value"])


def test_an_import_says_what_is_left_out(hope: Operator, sheet: Path) -> None:
    """By status and reason, and what to do about it; no value."""
    said = hope.ok("case", "import", str(sheet))

    assert shows_no_value(said)
    for line in (
        "not compared: 1 screened, local-list",
        "not compared: 1 waiting-consent",
        "not compared: 2 waiting-decision, common-value",
        "not compared: 1 waiting-decision, known-as-survivor",
        "some wait for a person; see 'casethread screen list'",
    ):
        assert line in said.splitlines()
    assert [] == hope.json("case", "import", str(sheet))["left_out"]


def test_status_and_doctor_say_that_a_person_is_waited_for(hope: Operator, sheet: Path) -> None:
    """Counts, the own list, and the command that goes on."""
    hope.ok("case", "import", str(sheet))
    state = hope.json("status")

    assert 3 == state["observations"]["waiting-decision"]
    assert 2 == len(state["waiting_for_you"]["values"])
    assert "waits for you: 2 values; see 'casethread screen list'" in hope.ok("status")
    findings = hope.json("doctor")
    says = [one["says"] for one in findings if one["about"] == "screening"]
    assert ["1 values refused and 0 flagged in screening.toml"] == says


def test_the_list_shows_values_only_when_asked(hope: Operator, sheet: Path) -> None:
    """A screen that others can see does not show what waits."""
    hope.ok("case", "import", str(sheet))
    plain = hope.run("screen", "list")
    asked = hope.json("screen", "list", "--show")

    assert shows_no_value(plain.output)
    assert "H-1" not in plain.output
    assert shows_no_value(str(hope.json("screen", "list")))
    (common,) = [one for one in asked if one["reasons"] == ["common-value"]]
    assert ["H-1", "H-2"] == [seen["case"] for seen in common["cases"]]
    assert "teamsnapchat" in str(common["cases"][0]["written"])
    assert "teamsnapchat" in hope.ok("screen", "list", "--show").replace("\n", "")


def test_a_person_allows_and_refuses(hope: Operator, sheet: Path) -> None:
    """Both are remembered, with who and when, and hold for what is imported later."""
    hope.ok("case", "import", str(sheet))
    common, survivors = waiting(hope, "common-value"), waiting(hope, "known-as-survivor")
    assert "the next synchronisation compares it" in hope.ok(
        "screen", "allow", common[:12], "--by", "Ana", "--yes"
    )
    assert "takes no part any more" in hope.ok("screen", "refuse", survivors, "--by", "Bø", "--yes")

    assert [] == hope.json("screen", "list")
    decided = {
        one["value"]: (one["decision"]["allowed"], one["decision"]["by"], one["statuses"])
        for one in hope.json("screen", "list", "--decided")
    }
    expected = {common: (True, "Ana", ["pending"]), survivors: (False, "Bø", ["screened"])}
    assert expected == decided
    table = hope.ok("screen", "list", "--decided")
    assert shows_no_value(table)
    assert {"Ana", "allowed", "Bø", "refused"} <= set(table.split())

    sheet.write_text(HEAD + f"H-5,MX,,{SURVIVORS},snapchat: teamsnapchat\n")
    again = hope.json("case", "import", str(sheet), "--source", "other")
    assert [("screened", "refused-by-person", 1)] == [
        (one["status"], one["reason"], one["count"]) for one in again["left_out"]
    ]


def test_a_person_is_asked_first(hope: Operator, sheet: Path) -> None:
    """What they are asked holds no value; for a survivor's it says what is at stake."""
    hope.ok("case", "import", str(sheet))
    survivors = waiting(hope, "known-as-survivor")
    declined = hope.run("screen", "allow", survivors, stdin="n\n")

    assert 1 == declined.exit_code
    assert shows_no_value(declined.output)
    assert "in a survivor's own column" in declined.output
    assert survivors == waiting(hope, "known-as-survivor")
    hope.ok("screen", "allow", survivors, stdin="y\n")
    (decided,) = hope.json("screen", "list", "--decided")
    assert decided["decision"]["by"]


@pytest.mark.parametrize("value", ["00000000", "0", "geheim", ""])
def test_what_is_not_on_the_list_is_not_decided(hope: Operator, sheet: Path, value: str) -> None:
    """Ids that are too short, or of nothing that waits."""
    hope.ok("case", "import", str(sheet))

    assert "no single value begins" in hope.fails("screen", "allow", value, "--yes")


@pytest.mark.parametrize("by", [" ", "x" * 101, "a\nb"])
def test_who_decides_has_a_name(hope: Operator, sheet: Path, by: str) -> None:
    """One that can be read later."""
    hope.ok("case", "import", str(sheet))
    value = waiting(hope, "common-value")

    assert "printable" in hope.fails("screen", "refuse", value, "--by", by, "--yes")
    assert [] == hope.json("screen", "list", "--decided")


def test_a_longer_list_shows_before_it_is_applied(hope: Operator, sheet: Path) -> None:
    """Doctor counts what is compared now and will not be, and says when."""
    hope.ok("case", "import", str(sheet))
    own_list = hope.home / "screening.toml"
    own_list.write_text(f"[refuse]\nphone = ['{SHELTER}', '+1 813 246 8135']\n")
    (finding,) = [
        one
        for one in hope.json("doctor")
        if one["about"] == "screening" and one["health"] == "look"
    ]

    assert "1 observations that are compared now will be kept out" in finding["says"]
    assert "casethread sync" in finding["next_step"]


def test_a_list_that_cannot_be_used_stops_every_command(hope: Operator, sheet: Path) -> None:
    """With the line and the reason on the screen, and not the value."""
    (hope.home / "screening.toml").write_text("[refuse]\nphone = [\n'geheim'\n]\n")
    for command in (["case", "import", str(sheet)], ["status"], ["doctor"]):
        said = hope.fails(*command)

        assert "line 3" in said
        assert "geheim" not in said


def test_a_case_shows_why_a_value_is_left_out(hope: Operator, sheet: Path) -> None:
    """Status and reason beside what was written."""
    hope.ok("case", "import", str(sheet))
    shown = hope.json("case", "show", stdin="H-1\n")["observations"]

    assert {
        "Caller phone": ("waiting-consent", ""),
        "Recruiter phone": ("screened", "local-list"),
        "Recruiter profile": ("waiting-decision", "common-value"),
    } == {one["field"]: (one["status"], one["reason"]) for one in shown}
