# SPDX-License-Identifier: Apache-2.0
"""Evidence bundles: what is in them, what they prove, and every way to falsify one."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from federation.audit import OPERATOR, Actor, Event, Record, StaffRole
from federation.audit.bundle import Bundle, Enclosure
from federation.audit.checked import Checked
from federation.audit.page import html_page, text_page
from federation.audit.verify import verify_bundle
from federation.crypto import dsse
from federation.documents import digest
from federation.errors import InputError, MalformedError, PolicyError, VerifyError
from federation.letters import Letter
from federation.member.deeds import deed
from federation.member.evidence import Selection
from federation.member.naming import named_letter, named_match
from federation.storage import Tx
from federation.testing import Federation
from tests.member.support import agreement_of, federation, phone, phones

CONTENT = "she-called-on-tuesday"


class Ask(Letter):
    """A letter without content."""

    TYPE: ClassVar[str] = "ct/test/ask"
    PRIVATE: ClassVar[bool] = False

    purpose: str = "network"


class Answer(Letter):
    """A letter with content."""

    TYPE: ClassVar[str] = "ct/test/answer"

    text: str = ""


@dataclass
class Story:
    """A match, a request and an answer between hope and amparo, published and witnessed."""

    fed: Federation
    match: bytes
    ask: Ask
    answer: Answer

    def export(
        self, name: str = "hope", *, reveal: bool = False, by: Actor = OPERATOR, **wanted: Any
    ) -> bytes:
        """Export what a member's record says."""
        selection = Selection(**(wanted or {"match": self.match}))
        return self.fed[name].record.export(selection, reveal=reveal, by=by).bundle


def understand(fed: Federation) -> None:
    """Let members take the letters of these tests, and record them."""
    for member in fed:
        for kind, event in (
            (Ask, Event.DISCLOSURE_RECEIVED),
            (Answer, Event.DISCLOSURE_ARRIVED),
        ):

            def take(done: Any, letter: Letter, event: Event = event) -> None:
                done.record(
                    event,
                    member=letter.sender,
                    agreement=letter.agreement,
                    documents=(digest(letter.to_bytes()),),
                    named=(named_letter(letter.id),),
                )

            member._letters.on(kind, take)


def tell(fed: Federation) -> Story:
    """Let the story happen."""
    understand(fed)
    fed["hope"].put_cases(phones(range(3)))
    fed["amparo"].put_cases(phones([1]))
    fed.sync()
    fed.sync()
    (match,) = fed["hope"].matches()
    agreement = agreement_of(fed)
    with deed(fed["hope"]._core, OPERATOR) as done:
        ask = Ask(agreement=agreement, **done.letter_fields("amparo"))
        done.record(
            Event.DISCLOSURE_ASKED,
            member="amparo",
            agreement=agreement,
            documents=(digest(ask.to_bytes()),),
            named=(named_match(bytes.fromhex(match.id)), named_letter(ask.id)),
        )
        done.send(ask)
    fed.drive()
    with deed(fed["amparo"]._core, OPERATOR) as done:
        answer = Answer(text=CONTENT, agreement=agreement, **done.letter_fields("hope"))
        done.record(
            Event.DISCLOSURE_ANSWERED,
            member="hope",
            agreement=agreement,
            documents=(digest(answer.to_bytes()),),
            named=(named_letter(answer.id), named_letter(ask.id)),
        )
        done.send(answer)
    fed.drive()
    fed.clock.advance(hours=6)
    fed.drive()
    return Story(fed, bytes.fromhex(match.id), ask, answer)


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """One story for all tests that only look."""
    with federation("hope", "amparo") as fed:
        yield tell(fed)


@pytest.fixture
def fresh() -> Iterator[Story]:
    """A story for tests that change something."""
    with federation("hope", "amparo") as fed:
        yield tell(fed)


def events(checked: Checked) -> list[Event]:
    """Return what the entries of a bundle say."""
    return [one.record.event for one in checked.entries]


def unfolded(raw: bytes) -> bytes:
    """Return a bundle with everything that is base64 in it beside it in clear."""
    longer = re.findall(rb"[A-Za-z0-9+/]{16,}={0,2}", raw)
    return raw + b"".join(base64.b64decode(one[: len(one) // 4 * 4]) for one in longer)


def test_a_match_is_proved_with_all_that_belongs_to_it(story: Story) -> None:
    """Where it came from, what was asked about it, and under which agreement."""
    checked = verify_bundle(story.export(), witnesses=2)
    found = events(checked)

    assert Event.MATCHES_FOUND in found
    assert [Event.DISCLOSURE_ASKED, Event.LETTER_DELIVERED] == found[-2:]
    assert [Event.AGREEMENT_PROPOSED, Event.AGREEMENT_SIGNED, Event.AGREEMENT_IN_FORCE] == found[:3]
    assert [agreement_of(story.fed)] == list(checked.agreements)
    (log,) = checked.logs
    assert {"amparo", "licht"} == set(log.witnesses)
    (asked,) = checked.enclosed.values()
    assert (Ask.TYPE, ("hope",)) == (asked.type, asked.signers)
    assert asked.receipt is not None
    assert "amparo" == asked.receipt.recipient


def test_a_letter_is_proved_on_both_sides(story: Story) -> None:
    """Its sender has the receipt; its recipient can show what it signed."""
    for name in ("hope", "amparo"):
        checked = verify_bundle(story.export(name, letter=story.ask.id))
        found = checked.enclosed[digest(story.ask.to_bytes())]

        assert found.receipt is not None
        assert ("hope", "amparo") == (found.receipt.sender, found.receipt.recipient)


def test_what_a_letter_says_is_shown_only_on_purpose(story: Story) -> None:
    """A letter with content is there by hash and receipt; its words only if somebody says so."""
    closed = story.export("amparo", letter=story.answer.id)
    opened = story.export("amparo", letter=story.answer.id, reveal=True)

    assert CONTENT.encode() not in unfolded(closed)
    assert CONTENT.encode() in unfolded(opened)
    hidden = verify_bundle(closed).enclosed[digest(story.answer.to_bytes())]
    shown = verify_bundle(opened).enclosed[digest(story.answer.to_bytes())]
    assert (None, CONTENT) == (hidden.content, (shown.content or {}).get("text"))
    assert hidden.receipt == shown.receipt


def test_references_are_opened_only_on_purpose(story: Story) -> None:
    """Without it nobody learns which match an entry names; with it, it is proved."""
    closed, opened = verify_bundle(story.export()), verify_bundle(story.export(reveal=True))

    assert all(one.opened == {} for one in closed.entries)
    assert story.match in {value for one in opened.entries for value in one.opened.values()}
    assert story.match.hex().encode() not in story.export()


def test_a_period_has_no_gaps(story: Story) -> None:
    """Every entry from a time on, padding included, up to the checkpoint."""
    since = story.fed.clock() - timedelta(hours=1)
    checked = verify_bundle(story.export(since=since))
    indices = [one.index for one in checked.entries]
    (log,) = checked.logs

    assert list(range(indices[0], log.checkpoint.size)) == indices
    assert Event.PADDING is events(checked)[-1]
    whole = verify_bundle(story.export(since=since - timedelta(days=30)))
    assert list(range(log.checkpoint.size)) == [one.index for one in whole.entries]


def test_an_export_is_recorded_before_it_is_handed_out(fresh: Story) -> None:
    """Who took what from the record stands in the record, with the hash of the file."""
    fresh.fed.person("hope", "ines", StaffRole.TECHNICIAN)
    auditor = fresh.fed.person("hope", "otto", StaffRole.AUDITOR)
    raw = fresh.export(by=auditor)
    with fresh.fed.seats["hope"].store.read() as tx:
        (entry,) = tx.audit.entries(events=[Event.RECORD_EXPORTED])
        about = tx.audit.about(named_match(fresh.match))
    record = entry.record

    assert (auditor.id, (digest(raw),)) == (record.actor, record.documents)
    assert entry.index in about
    assert record.reason is None


def test_who_may_not_export_exports_nothing(fresh: Story) -> None:
    """A caseworker works on cases; the record goes out through data protection."""
    caseworker = fresh.fed.person("hope", "ines", StaffRole.CASEWORKER)
    with pytest.raises(PolicyError, match="auditor"):
        fresh.fed["hope"].record.export(Selection(match=fresh.match), by=caseworker)
    with fresh.fed.seats["hope"].store.read() as tx:
        assert tx.audit.entries(events=[Event.RECORD_EXPORTED]) == []


def test_what_no_checkpoint_covers_waits(fresh: Story) -> None:
    """Nothing is signed outside the fixed clock: the next checkpoint brings it."""
    fed = fresh.fed
    with deed(fed["hope"]._core, OPERATOR) as done:
        done.record(Event.MATCH_DECIDED, named=(named_match(fresh.match),))
        done.record(Event.MATCH_READ, named=(named_match(bytes(16)),))
    exported = fed["hope"].record.export(Selection(match=fresh.match))

    assert 1 == exported.left_out
    with pytest.raises(InputError, match="no checkpoint"):
        fed["hope"].record.export(Selection(match=bytes(16)))
    with pytest.raises(InputError, match="nothing about"):
        fed["hope"].record.export(Selection(match=bytes(range(16))))
    fed.clock.advance(hours=6)
    fed.drive()

    assert Event.MATCH_DECIDED in events(verify_bundle(fresh.export()))


def test_after_erasure_a_match_is_found_no_more(fresh: Story) -> None:
    """The entries stay; nothing leads to them."""
    fresh.fed["hope"].forget("C-1")
    with pytest.raises(InputError, match="nothing about"):
        fresh.export()


def test_other_documents_are_enclosed_by_who_knows_them(fresh: Story) -> None:
    """A consent or a decision that an entry names comes with the bundle."""
    fed = fresh.fed
    consent = dsse.sign(
        "ct/test/consent", b'{"version":3}', "hope", fed.seats["hope"].identity.signing
    )
    hashed = digest(consent.payload)

    def find(_: Tx, wanted: bytes) -> Enclosure | None:
        if wanted != hashed:
            return None
        return Enclosure(
            digest=hashed, type="ct/test/consent", envelope=dsse.encode(consent).decode()
        )

    fed["hope"].record.encloses(find)
    with deed(fed["hope"]._core, OPERATOR) as done:
        done.record(
            Event.DISCLOSURE_DECIDED, named=(named_match(fresh.match),), documents=(hashed,)
        )
    fed.clock.advance(hours=6)
    fed.drive()
    checked = verify_bundle(fresh.export())

    assert {"version": 3} == checked.enclosed[hashed].content


def test_the_page_answers_the_questions_of_an_officer(story: Story) -> None:
    """Who asked what of whom, under which agreement, when, and how to check it."""
    checked = verify_bundle(story.export())
    for page in (text_page(checked), html_page(checked)):
        for words in (
            "the operator of Hope asked for a disclosure",
            "with Amparo",
            "Test agreement",
            "legal basis: test",
            Ask.TYPE,
            "who signed for it on",
            "cosigned by amparo",
            "casethread audit verify",
            checked.charter_digest.hex(),
        ):
            assert words in page
    assert "<script" not in html_page(checked)
    assert "http" not in html_page(checked).replace("http-equiv", "")


def test_the_page_shows_names_of_fields_and_not_what_stands_in_them(story: Story) -> None:
    """Also where the file itself shows more."""
    checked = verify_bundle(story.export("amparo", letter=story.answer.id, reveal=True))
    page = text_page(checked)

    assert "text" in page
    assert CONTENT not in page


def test_what_others_wrote_cannot_run(story: Story) -> None:
    """A title with markup in it is text on the page."""
    raw = json.loads(story.export())
    checked = verify_bundle(story.export())
    charter = checked.charter.replace(name="<script>alert(1)</script>")
    checked.charter = charter

    assert "<script>" not in html_page(checked)
    assert "&lt;script&gt;" in html_page(checked)
    assert "charters" in raw


# Falsification


def rewritten(raw: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Change a bundle as its holder could, and write it in its one spelling again."""
    value = json.loads(raw)
    change(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def in_stretch(change: Callable[[list[str]], object]) -> Callable[[dict[str, Any]], None]:
    """Change the entries of the last stretch that has several."""

    def apply(value: dict[str, Any]) -> None:
        stretch = next(
            one for one in reversed(value["logs"][0]["stretches"]) if len(one["records"]) > 2
        )
        change(stretch["records"])

    return apply


def flip(records: list[str]) -> None:
    """Make another member of one letter."""
    records[1] = (
        records[1].replace('"actor":"node"', '"actor":"nodf"').replace("operator", "operatos")
    )


def swap(records: list[str]) -> None:
    """Exchange two entries."""
    records[0], records[1] = records[1], records[0]


def put_in(records: list[str]) -> None:
    """Put an entry in, and push the last one out."""
    records.insert(1, records[0])
    records.pop()


def first_alone(value: dict[str, Any]) -> None:
    """Leave out the second half of the entries of a period."""
    stretches = value["logs"][0]["stretches"]
    stretches.pop()


def resign(story: Story) -> Callable[[dict[str, Any]], None]:
    """Write history anew, and sign it with the keeper's own key."""

    def apply(value: dict[str, Any]) -> None:
        from federation.audit import Checkpoint, Origin, sign_checkpoint
        from federation.crypto.merkle import CompactRange, leaf_hash

        log = value["logs"][0]
        records = [one for stretch in log["stretches"] for one in stretch["records"]]
        records[5] = (
            Record.from_bytes(records[5].encode()).replace(nonce=bytes(32)).to_bytes().decode()
        )
        tree = CompactRange()
        for one in records:
            tree.append(leaf_hash(one.encode()))
        identity = story.fed.seats["hope"].identity
        origin = Origin(story.fed["hope"].require_charter().federation_id, "hope", 1)
        own = sign_checkpoint(Checkpoint(origin, tree.size, tree.root()), identity)
        cosigned = log["checkpoint"].rpartition("\n\n")[2].split("\n", 1)[1]
        log["checkpoint"] = own.encode().decode() + cosigned
        at = 0
        for stretch in log["stretches"]:
            stretch["records"] = records[at : at + len(stretch["records"])]
            at += len(stretch["records"])

    return apply


FALSIFIED: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "one flipped byte": (in_stretch(flip), r"step 5: an entry from \d+ to \d+ is not what log 1"),
    "one deleted entry": (in_stretch(lambda records: records.pop(1)), "step 5: an entry from"),
    "two reordered entries": (in_stretch(swap), "step 5: an entry from"),
    "one truncated entry": (
        in_stretch(lambda records: records.__setitem__(1, records[1][:40])),
        "step 5: an entry from",
    ),
    "one entry put in": (
        in_stretch(put_in),
        "step 5: an entry from",
    ),
    "entries left out of a period": (first_alone, r"step 5: entry \d+ .* is missing"),
    "another checkpoint": (
        lambda value: value["logs"][0].update(
            checkpoint=value["logs"][0]["checkpoint"].replace("\n64\n", "\n65\n")
        ),
        "step 3: the checkpoint of log 1 of hope with 65 entries is not signed by hope",
    ),
    "another keeper": (lambda value: value.update(member="amparo"), "step 3: .* another member's"),
    "a member that never was": (lambda value: value.update(member="nobody"), "step 2: nobody"),
    "a charter left out": (lambda value: value["charters"].pop(0), "step 2: the charters"),
    "a charter twice": (
        lambda value: value["charters"].append(value["charters"][-1]),
        "step 2: a version .* twice",
    ),
    "no agreement that is named": (
        lambda value: value["logs"][0].update(stretches=[]),
        "step 9: no entry names agreement",
    ),
}


@pytest.mark.parametrize("what", FALSIFIED)
def test_a_falsified_bundle_is_found(what: str, story: Story) -> None:
    """Each with a sentence that says what and where."""
    change, said = FALSIFIED[what]
    whole = not what.startswith("no agreement")
    raw = story.export(since=story.fed.clock() - timedelta(days=30)) if whole else story.export()
    with pytest.raises(VerifyError, match=said):
        verify_bundle(rewritten(raw, change))


def test_a_history_that_is_signed_anew_has_no_witness(story: Story) -> None:
    """The keeper can sign anything; nobody else has signed it."""
    raw = story.export(since=story.fed.clock() - timedelta(days=30))
    with pytest.raises(VerifyError, match="step 4: the cosignature of amparo under log 1 of hope"):
        verify_bundle(rewritten(raw, resign(story)))


def test_a_bundle_without_witnesses_says_so(story: Story) -> None:
    """It holds, as far as one trusts its keeper; who asks for witnesses gets none."""

    def alone(value: dict[str, Any]) -> None:
        text, _, lines = value["logs"][0]["checkpoint"].rpartition("\n\n")
        value["logs"][0]["checkpoint"] = f"{text}\n\n" + lines.split("\n", 1)[0] + "\n"

    raw = rewritten(story.export(), alone)
    checked = verify_bundle(raw)

    assert any("hope's word" in step.says for step in checked.steps)
    with pytest.raises(VerifyError, match="step 4: 0 members"):
        verify_bundle(raw, witnesses=1)


def test_a_bundle_of_another_federation_is_refused(story: Story) -> None:
    """Who trusts a charter trusts no other."""
    current = story.fed["licht"].in_force
    assert current is not None

    assert current.digest == verify_bundle(story.export(), trusted=current.digest).charter_digest
    with pytest.raises(VerifyError, match="step 2: the charter that you trust"):
        verify_bundle(story.export(), trusted=bytes(32))


LETTERS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another letter": (
        lambda one: one.update(
            envelope=json.dumps(
                json.loads(one["envelope"]) | {"payload": "e30="},
                separators=(",", ":"),
                sort_keys=True,
            )
        ),
        "step 10: document .* is another one",
    ),
    "another signer": (
        lambda one: one.update(
            envelope=one["envelope"].replace('"keyid":"hope"', '"keyid":"licht"')
        ),
        "step 10: document .* is not signed by licht",
    ),
    "another type": (lambda one: one.update(type="ct/test/other"), "step 10: .* another one"),
    "a letter nobody names": (lambda one: one.update(digest="00" * 32), "step 10: no entry names"),
    "a receipt of somebody else": (
        lambda one: one.update(
            receipt=one["receipt"].replace('"keyid":"amparo"', '"keyid":"licht"')
        ),
        "step 10: the receipt .* is not signed by amparo",
    ),
    "no envelope at all": (lambda one: one.update(envelope="{}"), "step 10: .* cannot be read"),
}


@pytest.mark.parametrize("what", LETTERS)
def test_a_falsified_letter_is_found(what: str, story: Story) -> None:
    """Letters and receipts are held against the entry, and against their signers."""
    change, said = LETTERS[what]
    raw = rewritten(story.export(), lambda value: change(value["enclosures"][0]))
    with pytest.raises(VerifyError, match=said):
        verify_bundle(raw)


def test_a_falsified_opening_is_found(story: Story) -> None:
    """What a reference means is held against the commitment."""

    def lie(value: dict[str, Any]) -> None:
        value["logs"][0]["openings"][0]["value"] = "00" * 16

    def stray(value: dict[str, Any]) -> None:
        value["logs"][0]["openings"][0]["position"] = 900

    for change, said in ((lie, "means something else"), (stray, "reference 900 of entry")):
        with pytest.raises(VerifyError, match=f"step 8: .*{said}"):
            verify_bundle(rewritten(story.export(reveal=True), change))


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b'{"member":1}'])
def test_anything_else_is_no_bundle(raw: bytes) -> None:
    """Neither is a bundle in another spelling."""
    with pytest.raises(MalformedError):
        verify_bundle(raw)


def test_a_bundle_has_one_spelling(story: Story) -> None:
    """Spaces, or a field that says nothing, are another file."""
    raw = story.export()
    for other in (raw + b" ", raw.replace(b'"member":', b'"member": ')):
        with pytest.raises(MalformedError):
            verify_bundle(other)
    assert raw == Bundle.from_bytes(raw).to_bytes()


def test_a_bundle_over_a_loss_shows_both_logs(fresh: Story) -> None:
    """Entries from before and after, and that the new log names the old one."""
    fed = fresh.fed
    fed["hope"].record.begin_anew()
    with deed(fed["hope"]._core, OPERATOR) as done:
        done.record(Event.MATCH_DECIDED, named=(named_match(fresh.match),))
    fed.clock.advance(hours=6)
    fed.drive()
    raw = fresh.export()
    checked = verify_bundle(raw)

    assert [1, 2] == [log.checkpoint.origin.generation for log in checked.logs]
    assert any("the log before, which is shown" in step.says for step in checked.steps)

    def hide(value: dict[str, Any]) -> None:
        value["logs"][1]["stretches"] = [
            one for one in value["logs"][1]["stretches"] if one["first"]
        ] or [value["logs"][1]["stretches"][0] | {"first": 1}]

    with pytest.raises(VerifyError, match=r"step [57]"):
        verify_bundle(rewritten(raw, hide))


def test_nothing_of_the_cases_is_in_a_bundle(story: Story) -> None:
    """Whatever is exported, also inside what is signed."""
    begin = story.fed.clock() - timedelta(days=30)
    for reveal in (False, True):
        raw = unfolded(story.export(reveal=reveal) + story.export(since=begin))

        assert b"Test agreement" in raw
        assert not any(phone(number).encode() in raw for number in range(3))
        assert b"C-1" not in raw
