# SPDX-License-Identifier: Apache-2.0
"""Agreements by the command line: drafts, amendments, pages, explanations."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.node.operator import Operator
from tests.node.test_cli import join, make

DRAFT = ("agreement", "draft", "--title", 'A "quoted" title', "--legal-basis", "test")


@pytest.fixture(scope="module")
def founded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of hope in a federation whose only steward it is; amparo never answers."""
    path = tmp_path_factory.mktemp("made")
    hope, amparo = make(path / "hope", "hope", 7001), make(path / "amparo", "amparo", 7002)
    hope.ok("federation", "create", "Test")
    join(hope, amparo, path, "--no-steward")
    hope.ok("federation", "sign", "--yes")
    return hope.home


@pytest.fixture
def hope(founded_once: Path, tmp_path: Path) -> Operator:
    """A copy of it for each test."""
    return Operator(Path(shutil.copytree(founded_once, tmp_path / "hope")))


def propose(hope: Operator, path: Path, *lines: str) -> str:
    """Draft an agreement with amparo, change some lines, and propose it; returns its hash."""
    hope.ok(*DRAFT, "--with", "amparo", "--out", str(path))
    changed = {line.split(" = ")[0]: line for line in lines}
    written = path.read_text().splitlines()
    kept = [changed.pop(line.lstrip("# ").split(" = ")[0], line) for line in written]
    assert changed == {}
    path.write_text("\n".join(kept))
    name: str = hope.json("agreement", "propose", str(path))["agreement"]
    return name


def test_from_draft_to_end(hope: Operator, tmp_path: Path) -> None:
    """Drafted as a file, proposed, explained clause by clause, revoked."""
    name = propose(hope, tmp_path / "agreement.toml")
    (listed,) = hope.json("agreement", "list")
    explained = hope.json(
        "agreement", "explain", name[:10], "--kind", "phone", "--subject", "survivor"
    )

    assert (listed["agreement"], listed["status"], listed["missing"]) == (
        name,
        "proposed",
        ["amparo"],
    )
    assert listed["terms"]["title"] == 'A "quoted" title'
    assert explained["allowed"] is False
    assert {one["clause"] for one in explained["clauses"] if not one["allows"]} == {
        "status",
        "lanes",
        "subjects",
        "consent",
    }

    hope.ok("agreement", "revoke", name[:10], "--reason", "test", "--yes")

    assert hope.json("agreement", "show", name[:10])["status"] == "revoked"
    assert "hope ended it: test" in hope.ok("agreement", "show", name[:10])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('kinds = ["shoe size"]', "kinds"),
        ("immigration = true", "immigration"),
        ('parties = ["hope", "nobody"]', "no such member"),
        ('disclosure = ["hope to nobody"]', "direction"),
        ('purposes = ["investigation"]', "law enforcement as a party"),
        ('replaces = "' + "ab" * 32 + '"', "no such agreement"),
        ('paper = "missing.pdf"', "missing.pdf"),
        ("valid_days = 0", "valid_days"),
        ("title", "TOML"),
    ],
)
def test_a_draft_that_cannot_be_signed(
    hope: Operator, tmp_path: Path, line: str, says: str
) -> None:
    """Unknown kinds, terms, parties, directions and papers are refused before anybody signs."""
    fields = {"title": '"t"', "parties": '["hope", "amparo"]', "legal_basis": '"b"'}
    fields.pop(line.split(" ", maxsplit=1)[0] if "=" in line else "", None)
    text = "".join(f"{name} = {value}\n" for name, value in fields.items()) + line
    (tmp_path / "draft.toml").write_text(text)

    assert says in hope.fails("agreement", "propose", str(tmp_path / "draft.toml"))
    assert hope.json("agreement", "list") == []


def test_the_signed_paper_is_hashed(hope: Operator, tmp_path: Path) -> None:
    """The paper lies beside the draft, whatever directory the command is run in."""
    (tmp_path / "signed.pdf").write_bytes(b"%PDF")
    name = propose(hope, tmp_path / "agreement.toml", 'paper = "signed.pdf"')

    terms = hope.json("agreement", "show", name)["terms"]

    assert hashlib.sha256(b"%PDF").hexdigest() == terms["paper_sha256"]


def test_an_amendment_names_what_it_replaces(hope: Operator, tmp_path: Path) -> None:
    """The draft of an amendment holds the terms of before; until all sign, they stand."""
    former = propose(hope, tmp_path / "former.toml", 'kinds = ["phone"]', "approvers = 2")
    path = tmp_path / "later.toml"
    hope.ok("agreement", "draft", "--amend", former[:12], "--out", str(path))
    later = hope.json("agreement", "propose", str(path))["agreement"]

    terms = hope.json("agreement", "show", later)["terms"]
    assert (terms["supersedes"], terms["kinds"], terms["approvers"]) == (former, ["phone"], 2)
    assert f"takes the place of agreement {former}" in " ".join(
        hope.ok("agreement", "show", later).split()
    )
    shown = hope.json("agreement", "show", former)
    assert (shown["status"], shown["successors"]) == ("proposed", [later])


def test_a_draft_is_new_or_an_amendment(hope: Operator, tmp_path: Path) -> None:
    """Neither both nor half of one."""
    out = ("--out", str(tmp_path / "draft.toml"))
    for arguments in (
        ("agreement", "draft", *out),
        (*DRAFT, *out),
        (*DRAFT, "--amend", "00000000", *out),
    ):
        assert hope.run(*arguments).exit_code == 2
    hope.fails("agreement", "draft", "--amend", "00000000", *out)
    assert not (tmp_path / "draft.toml").exists()


def test_a_page_to_print(hope: Operator, tmp_path: Path) -> None:
    """As text or as HTML by the name of the file, which is never overwritten."""
    name = propose(hope, tmp_path / "agreement.toml")
    shown = hope.ok("agreement", "show", name)
    text, page = tmp_path / "agreement.txt", tmp_path / "agreement.html"
    hope.ok("agreement", "show", name, "--out", str(text))
    hope.ok("agreement", "show", name, "--out", str(page))

    assert shown == text.read_text()
    assert 'A "quoted" title\n================' in shown
    assert "It is not in force yet." in shown
    assert page.read_text().startswith("<!doctype html>")
    assert "A &quot;quoted&quot; title" in page.read_text()
    assert "exists" in hope.fails("agreement", "show", name, "--out", str(page))


def test_a_page_is_read_before_signing(hope: Operator, tmp_path: Path) -> None:
    """The page stands above the question; who says no has signed nothing."""
    name = propose(hope, tmp_path / "agreement.toml")

    done = hope.run("agreement", "sign", name[:12], stdin="n\n")

    assert done.exit_code == 1
    assert done.stdout.index("What for") < done.stdout.index("Sign these terms")
    assert "already" in hope.fails("agreement", "sign", name[:12], "--yes")


LINES = (
    'subjects = ["recruiter", "survivor"]',
    'purposes = ["network", "support"]',
    'disclosure = ["hope to amparo"]',
    'details = ["contact"]',
)


@pytest.mark.parametrize(
    ("asked", "denying"),
    [
        ("--kind phone --subject recruiter", {"status"}),
        ("--kind phone --subject survivor", {"status", "consent"}),
        ("--kind phone --subject survivor --consent", {"status"}),
        ("--kind contact --subject recruiter", {"status", "kinds"}),
        ("--kind contact --subject recruiter --action disclose --purpose network", {"status"}),
        (
            "--kind note --subject recruiter --action disclose --purpose referral --from amparo",
            {"status", "details", "purposes", "disclosure"},
        ),
        ("--kind phone --subject recruiter --to hope --from amparo", {"status"}),
        ("--kind phone --subject recruiter --to hope --purpose network", {"status"}),
        ("--kind phone --subject recruiter --to stranger", {"status", "parties"}),
        (
            "--kind phone --subject recruiter --action query --purpose support",
            {"status", "query"},
        ),
    ],
)
def test_explanations(hope: Operator, tmp_path: Path, asked: str, denying: set[str]) -> None:
    """Each question is answered with every clause that denies it."""
    name = propose(hope, tmp_path / "agreement.toml", *LINES)
    if "contact --subject recruiter" in asked and "purpose" not in asked:
        assert "--purpose" in hope.fails("agreement", "explain", name, *asked.split())
        asked += " --purpose network"

    explained = hope.json("agreement", "explain", name, *asked.split())

    assert {one["clause"] for one in explained["clauses"] if not one["allows"]} == denying
    assert explained["allowed"] is False


def test_an_explanation_in_words(hope: Operator, tmp_path: Path) -> None:
    """People see which clause says what, and which no agreement can change."""
    name = propose(hope, tmp_path / "agreement.toml", *LINES)

    said = hope.ok("agreement", "explain", name, "--kind", "phone", "--subject", "survivor")

    rows = [" ".join(line.split()) for line in said.splitlines()]
    assert rows[0] == "not allowed"
    assert "status no the agreement is not in force yet" in rows
    assert "consent no there is no consent never" in rows
    assert "kinds yes kind phone is listed" in rows
