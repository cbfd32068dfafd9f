# SPDX-License-Identifier: Apache-2.0
"""Attacks on the console, each refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation import Case, Kind, Subject
from federation.audit import StaffRole
from federation_node.actions import sheets
from federation_node.config import Console as Settings
from federation_node.console.app import Console
from federation_node.console.shield import HEADERS
from tests.console.desk import HOST, Browser, Desk, desk, seal_of
from tests.member.people import WORDS

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
MAXIMUM = 70_000


@pytest.fixture(scope="module")
def hope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Hope's console."""
    with desk(tmp_path_factory.mktemp("console")) as made:
        yield made


def sheet(browser: Browser, content: bytes, name: str = "calls.csv") -> str:
    """Hand over a sheet and return where its columns are shown."""
    answer = browser.send("/imports", {"source": "calls"}, files={"sheet": (name, content)})
    assert 303 == answer.status_code, answer.text
    return answer.headers["location"]


def finish(hope: Desk, browser: Browser, path: str, do: str) -> str:
    """Try or import a sheet, wait for it, and return the page about it."""
    begun = browser.send(path, {"do": do})
    where = begun.headers["location"]
    account = hope.context.member.staff.find("the-caseworker").id
    job = hope.console.jobs.find(account, where.rpartition("/")[2].partition("?")[0])
    assert job.done.wait(60)
    return browser.get(where).text


def test_every_answer_carries_the_headers(hope: Desk) -> None:
    """Pages, files, refusals and errors alike forbid scripts from elsewhere, and storing."""
    browser = hope.at(StaffRole.CASEWORKER)
    answers = [browser.get(p) for p in ("/today", "/static/console.js", "/nothing", "/health")]
    answers.append(hope.browser(Host="evil.example").get("/"))

    assert [200, 200, 404, 403, 421] == [one.status_code for one in answers]
    for answer in answers:
        assert HEADERS.items() <= {name: answer.headers[name] for name in HEADERS}.items()


def test_another_name_that_points_here_gets_nothing(hope: Desk) -> None:
    """DNS rebinding: a foreign host name is refused before anything is looked at."""
    for host in ("evil.example:7412", "127.0.0.1:80", "localhost.evil.example:7412", ""):
        assert 421 == hope.browser(Host=host).get("/sign-in").status_code
    for host in (HOST, HOST.upper()):
        assert 200 == hope.browser(Host=host).get("/sign-in").status_code


def test_a_form_without_the_seal_does_nothing(hope: Desk) -> None:
    """No seal, a wrong one, another person's and one of before signing in are refused."""
    browser, other = hope.at(StaffRole.CASEWORKER), hope.at(StaffRole.REVIEWER)
    stranger = seal_of(hope.browser().get("/sign-in"))
    seals = ["", "0" * 64, stranger, seal_of(other.get("/account"))]

    assert [403] * 4 == [browser.send("/sign-out", seal=seal).status_code for seal in seals]
    assert 200 == browser.get("/today").status_code


def test_a_form_of_another_site_does_nothing(hope: Desk) -> None:
    """What browsers say about where a form comes from is believed, even with the right seal."""
    browser = hope.at(StaffRole.CASEWORKER)
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert 403 == browser.send("/language", {"language": "en"}, headers=headers).status_code
    own = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
    assert 303 == browser.send("/language", {"language": "en"}, headers=own).status_code


def test_signing_in_always_begins_another_session(hope: Desk) -> None:
    """Session fixation: a token that was planted is not the one of the session, or ends."""
    planter = hope.browser()
    planter.sign_in("the-caseworker")
    name = hope.console.cookie("session")
    planted = planter.http.cookies[name]
    victim = hope.browser()
    victim.http.cookies.set(name, planted, domain="127.0.0.1")
    signed = victim.send(
        "/sign-in",
        {"name": "the-reviewer", "password": WORDS, "code": ""},
        seal=seal_of(victim.get("/sign-in")),
    )
    fresh = signed.headers["set-cookie"]

    assert 303 == signed.status_code
    assert planted not in fresh
    assert "/sign-in" == planter.get("/today").headers["location"]


def test_the_session_cookie_is_out_of_reach(hope: Desk) -> None:
    """No script reads it and no other site sends it; over TLS it is for this host alone."""
    said = hope.browser().sign_in("the-caseworker").headers["set-cookie"].lower()
    secure = Console(hope.context, ("node.example",), tls=True)

    assert "httponly" in said
    assert "samesite=strict" in said
    assert "__Host-casethread-hope-session" == secure.cookie("session")
    secure.jobs.close()


def test_guessing_a_password_is_braked(hope: Desk) -> None:
    """After some failures the right password is refused too, and the answer is the same."""
    staff = hope.context.member.staff
    staff.add("guessed", {StaffRole.CASEWORKER}, password="harbour pencil seventeen")
    browser = hope.browser()
    wrong = [browser.sign_in("guessed", f"guess number {n} of many") for n in range(5)]
    right = browser.sign_in("guessed", "harbour pencil seventeen")

    assert [401] * 6 == [one.status_code for one in (*wrong, right)]
    hope.federation.clock.advance(hours=2)
    assert 303 == browser.sign_in("guessed", "harbour pencil seventeen").status_code
    hope.browsers.clear()


def test_too_much_is_refused_before_it_is_read(hope: Desk) -> None:
    """Forms, fields, numbers of fields and sheets have a largest size."""
    browser = hope.at(StaffRole.CASEWORKER)
    many = {f"f{number}": "" for number in range(1000)}

    assert 413 == browser.send("/language", {"language": "x" * MAXIMUM}).status_code
    assert 413 == browser.send("/language", many).status_code
    said = {"Content-Length": str(sheets.LARGEST * 2)}
    files = {"sheet": ("a.csv", b"x")}
    assert 413 == browser.send("/imports", files=files, headers=said).status_code
    assert 200 == browser.get("/today").status_code


def test_a_body_that_grows_is_cut(hope: Desk) -> None:
    """A body whose length is not said counts as it comes."""
    browser = hope.at(StaffRole.CASEWORKER)
    # Each field is small enough, and so is their number.
    body = (b"f=" + b"x" * 9_000 + b"&" for _ in range(10))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = browser.http.post("/language", content=body, headers=kind, follow_redirects=False)
    assert 413 == answer.status_code


def test_no_imported_text_becomes_a_script(hope: Desk) -> None:
    """Script in every field of a case, a header and a source is shown as text."""
    browser = hope.at(StaffRole.CASEWORKER)
    case = Case(f"H-{SCRIPT}", region="MX")
    handle = {"platform": "telegram", "handle": "recruiter_ana"}
    case = case.add(Kind.HANDLE, handle, Subject.RECRUITER, field=f"field {SCRIPT}")
    case = case.add(Kind.COMPANY, {"name": SCRIPT, "country": "MX"}, Subject.BUSINESS, field="c")
    hope.federation["hope"].put_cases([case], source=f"source {SCRIPT}")
    hope.federation.sync()
    rows = [one for one in hope.federation["hope"].matches() if one.case == case.id]
    thread = hope.federation["hope"].threads()[0].id
    quoted = SCRIPT.replace('"', '""')
    header = f'id,"recruiter phone {quoted}"\n1,"{quoted}"\n'.encode()
    path = sheet(browser, header)
    match = f"/matches/{rows[0].id}"
    answers = [browser.get(one) for one in ("/matches", match, "/threads", f"/threads/{thread}")]
    answers += [browser.send(f"{match}/values"), browser.get(path), browser.get("/imports")]

    assert [200] * len(answers) == [one.status_code for one in answers]
    for answer in answers:
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
    assert "&lt;script&gt;alert" in answers[4].text
    browser.send(f"{path}/drop")


def test_nothing_asked_is_said_back_as_a_script(hope: Desk) -> None:
    """Reflected script: paths, parameters and names come back as text, or not at all."""
    browser = hope.at(StaffRole.CASEWORKER)
    asked = [
        browser.get("/matches", params={"status": SCRIPT, "done": SCRIPT, "page": SCRIPT}),
        browser.get(f"/matches/{SCRIPT}"),
        browser.get(f"/threads/{SCRIPT}"),
        browser.get(f"/{SCRIPT}"),
        browser.get("/screening", params={"page": SCRIPT}),
        browser.get(f"/imports/sheets/{SCRIPT}"),
        browser.get(f"/work/{SCRIPT}", params={"sheet": SCRIPT}),
        hope.browser().sign_in(SCRIPT, "whatever it may be"),
        hope.browser(**{"Accept-Language": SCRIPT}).get("/sign-in"),
    ]

    for answer in asked:
        assert answer.status_code < 500
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text


def test_no_cell_of_the_rows_in_error_is_a_formula(hope: Desk) -> None:
    """What a spreadsheet program would run has an apostrophe before it in the download."""
    browser = hope.at(StaffRole.CASEWORKER)
    content = b'id,recruiter phone\n"=HYPERLINK(""http://evil.example"")",1e+15\n'
    path = sheet(browser, content)
    page = finish(hope, browser, path, "try")
    answer = browser.get(f"{path}/errors")

    assert "errors" in page
    assert "'=HYPERLINK" in answer.text
    assert "attachment" in answer.headers["content-disposition"]


def test_a_sheet_is_its_owners_alone(hope: Desk) -> None:
    """Another person finds neither the sheet nor what is being done with it."""
    path = sheet(hope.at(StaffRole.CASEWORKER), b"id,recruiter phone\n1,+525512345678\n")
    other = hope.at(StaffRole.TECHNICIAN)

    assert 400 == other.get(path).status_code
    assert 400 == other.get(f"{path}/errors").status_code
    begun = hope.at(StaffRole.CASEWORKER).send(path, {"do": "try"}).headers["location"]
    assert 400 == other.get(begun).status_code


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..%2f..%2fkeystore.json", "0" * 31 + "%00"]
)
def test_no_name_of_a_sheet_leads_elsewhere(hope: Desk, name: str) -> None:
    """Path traversal: names are 32 digits, or nothing is there."""
    browser = hope.at(StaffRole.CASEWORKER)

    assert browser.get(f"/imports/sheets/{name}").status_code in {400, 404}
    assert browser.get(f"/imports/sheets/{name}/errors").status_code in {400, 404}


def test_the_name_of_a_file_is_not_used(hope: Desk) -> None:
    """A file called like a path is stored under a name of the node's own."""
    browser = hope.at(StaffRole.CASEWORKER)
    path = sheet(browser, b"id,recruiter phone\n1,x\n", name="../../../../casethread.toml")
    kept = sorted(one.name for one in hope.context.home.run.iterdir())

    assert not [one for one in kept if "toml" in one and "casethread" in one]
    assert not (hope.context.home.path / "casethread.toml").exists()
    browser.send(f"{path}/drop")


def test_a_fault_of_the_program_quotes_nothing(hope: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks, neither the page nor the log repeats its words."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError("+52 55 1234 5678")

    monkeypatch.setattr("federation_node.actions.matches.page", broken)
    answer = hope.at(StaffRole.CASEWORKER).get("/matches")
    journal = hope.journal

    assert 500 == answer.status_code
    assert "1234" not in answer.text
    assert "console_failed" in [event for event, _ in journal.entries]


def test_another_address_takes_a_certificate() -> None:
    """Without one the console stays on this machine."""
    with pytest.raises(ValueError, match="certificate"):
        Settings(listen="0.0.0.0:7412")
    with pytest.raises(ValueError, match="belong together"):
        Settings(certificate=Path(__file__))
    with pytest.raises(ValueError, match="names"):
        Settings(listen="0.0.0.0:7412", certificate=Path(__file__), key=Path(__file__))
    assert "127.0.0.1:7412" == Settings().listen
