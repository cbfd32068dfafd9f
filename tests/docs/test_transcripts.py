# SPDX-License-Identifier: Apache-2.0
"""SECURITY.md's table, protocol by protocol, against what really crosses the wire.

Four members: hope and amparo have an agreement, licht is a custodian, casa is neither.
Every message that one sends to another is recorded, as bytes, and read back.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from federation.crypto import dsse
from federation.indicators import Case, IndicatorClass, Kind, Lane, Subject
from federation.messages import (
    ConfirmMatches,
    Evaluate,
    OpenSession,
    PutTags,
    Request,
    SyncAgreement,
    SyncCeremony,
    SyncCharter,
)
from federation.storage import Store
from federation.testing import Call, Federation
from federation.wire.methods import decode, decode_reply

ROOT = Path(__file__).parents[2]
SECURITY = ROOT / "SECURITY.md"
CUSTODIANS = ("hope", "amparo", "licht")
_LARGEST = 4 * 1024 * 1024
TITLE = "Test agreement"
SHARED, OWN, SURVIVORS = "+525512345678", "+525587654321", "+12025550143"
CASES = {
    "hope": [("H-1701", SHARED), ("H-1702", SHARED), ("H-1703", OWN)],
    "amparo": [("A-9001", SHARED)],
}
CANARIES = [
    *(digits for phone in (SHARED, OWN, SURVIVORS) for digits in (phone, phone[3:])),
    *(case for listed in CASES.values() for case, _ in listed),
    "recruiter phone",
]
"""What must never be seen: values, case ids, names of fields."""

DOCUMENTS = {
    SyncCharter: {"ct/v1/charter", "ct/v1/bulk-grant"},
    SyncCeremony: {
        "ct/v1/ceremony",
        "ct/v1/keys",
        *(f"ct/v1/ceremony-{round_}" for round_ in ("commit", "reveal", "shares", "trial")),
    },
    SyncAgreement: {"ct/v1/agreement", "ct/v1/pair-offer"},
}
"""Every document that travels; a delivery is one only inside a seal."""


@dataclass(frozen=True)
class Message:
    """One call, read back."""

    call: Call
    request: Request[Any]
    reply: Any

    @property
    def seen(self) -> bytes:
        """Everything in it: the bytes on the wire, and what its documents say."""
        payloads = [envelope.payload for envelope in _envelopes(self)]
        return b"".join([self.call.request, self.call.reply, *payloads])

    @property
    def route(self) -> tuple[str, str]:
        """Who asked whom."""
        return self.call.sender, self.call.recipient


@dataclass(frozen=True)
class Recorded:
    """Everything that happened."""

    fed: Federation
    messages: list[Message]
    agreements: list[bytes]
    databases: Path

    def of(self, kind: type[Request[Any]]) -> list[Message]:
        """Return the messages of one kind; there are some."""
        found = [one for one in self.messages if isinstance(one.request, kind)]
        assert found
        return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Record a federation from its founding to two exchanges of the same tokens."""
    path = tmp_path_factory.mktemp("databases")
    members = (*CUSTODIANS, "casa")
    with Federation(
        *members,
        custodians=CUSTODIANS,
        store=lambda name, at_rest: Store.create(f"sqlite:///{path / name}.db", at_rest),
    ) as fed:
        agreements = [fed.agree("hope", "amparo", kinds={Kind.PHONE})]
        fed.sync()
        for name, listed in CASES.items():
            fed[name].put_cases([_case(*each) for each in listed])
            fed.sync()
        # The same tokens again, in other sessions, under another key.
        agreements.append(fed.agree("hope", "amparo", kinds={Kind.PHONE}))
        fed.sync()
        fed.sync()
        assert {match.case for match in fed["hope"].matches()} == {"H-1701", "H-1702"}
        yield Recorded(fed, [_read(call) for call in fed.calls], agreements, path)


def _case(name: str, phone: str) -> Case:
    case = Case(name, region="MX").add(
        Kind.PHONE, phone, Subject.RECRUITER, field="recruiter phone"
    )
    return case.add(Kind.PHONE, SURVIVORS, Subject.SURVIVOR, field="caller phone")


def _read(call: Call) -> Message:
    request = decode(call.path, call.request)
    return Message(call, request, decode_reply(request, call.reply))


def _envelopes(message: Message) -> list[dsse.Envelope]:
    """Return every document in a message, whichever way it travelled."""
    parts: list[bytes] = []
    for side in (message.request, message.reply):
        for name in ("terms", "offers", "revocations", "proposals", "grants", "envelopes"):
            value = getattr(side, name, ())
            parts += [value] if isinstance(value, bytes) else value
        parts += getattr(side, "messages", ())
    parts += [statement] if (statement := getattr(message.reply, "statement", b"")) else []
    return [dsse.decode(part, _LARGEST) for part in parts]


def _shares(fed: Federation) -> set[bytes]:
    """Return the secrets of all shares."""
    found = set()
    for seat in fed.seats.values():
        charter = seat.member.require_charter()
        with seat.store.read() as tx:
            for key in charter.keys:
                own = key.custodian(seat.identity.member_id)
                if own is not None:
                    stored = tx.shares.get(key.key_id, own.public_share)
                    assert stored is not None
                    found.add(stored.secret)
    return found


def _tokens(fed: Federation) -> dict[str, set[bytes]]:
    """Return the raw tokens that each member holds."""
    (key,) = fed["hope"].require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
    held = {}
    for name, seat in fed.seats.items():
        with seat.store.read() as tx:
            rows = tx.tokens.eligible(key.key_id, list(Kind), list(Subject))
            held[name] = {token for _, token in rows}
    return held


def test_every_row_of_the_table_is_tested() -> None:
    """A protocol that comes into the table brings a test with it."""
    text = SECURITY.read_text(encoding="utf-8")
    (table,) = re.findall(r"## What each party learns, per protocol\n\n(.*?)\n\n", text, re.DOTALL)
    rows = [line.split("|")[1].strip() for line in table.splitlines()[2:]]

    tests = {
        "Founding, charter": test_charters_name_organisations_and_keys,
        "Key ceremony": test_ceremonies_stay_among_custodians,
        "Evaluation": test_a_custodian_sees_padded_random_elements,
        "Agreement": test_agreements_stay_among_their_parties,
        "Exchange": test_an_exchange_is_tags_and_proofs,
        "Exchange, survivor lane": "tests/member/test_survivor_lane.py",
        "Disclosure": "tests/member/test_disclosing.py",
        "Retraction": "tests/member/test_retracting.py",
        "Referral": "tests/member/test_referring.py",
        "Record: checkpoints": "tests/member/test_publishing.py",
        "Record: evidence bundle": "tests/member/test_evidence.py",
        "All": "tests/attacks/test_wire_sizes.py",
        "Own people (accounts)": "tests/node/test_roles.py",
        "Own programs (`local.token`)": "tests/local",
        "Node at rest": test_what_a_database_shows,
    }

    assert tests.keys() == {row for row in rows if row}
    assert [] == [
        one for one in tests.values() if isinstance(one, str) and not (ROOT / one).exists()
    ]


def test_no_message_holds_a_value_a_case_or_a_token(recorded: Recorded) -> None:
    """Not in any protocol, not in either direction."""
    wire = b"".join(message.seen for message in recorded.messages)
    tokens = set().union(*_tokens(recorded.fed).values())
    halves = {half for token in tokens for half in (token[:16], token[16:])}

    assert [] == [canary for canary in CANARIES if canary.encode() in wire]
    assert len(tokens) == 2
    assert [] == [half for half in halves if half in wire or half.hex().encode() in wire]


def test_charters_name_organisations_and_keys(recorded: Recorded) -> None:
    """Only charters and bulk grants travel, and a charter has only the fields that are told."""
    messages = recorded.of(SyncCharter)
    types = {envelope.payload_type for one in messages for envelope in _envelopes(one)}
    charter = recorded.fed["casa"].require_charter().model_dump(mode="json")
    fields = set(charter["members"][0])

    assert types <= DOCUMENTS[SyncCharter]
    assert {
        "federation_id", "name", "version", "previous", "issued", "expires", "grace_days",
        "members", "keys", "statements", "rules",
    } == set(charter)  # fmt: skip
    assert {
        "id", "name", "legal_entity", "role", "endpoint", "signing_key", "agreement_key",
        "sealing_key", "certificates", "steward", "custodian", "since_version", "admitted",
        "suspended",
    } == fields  # fmt: skip


def test_ceremonies_stay_among_custodians(recorded: Recorded) -> None:
    """Who is no custodian hears nothing of the rounds; a share travels only sealed."""
    messages = recorded.of(SyncCeremony)
    types = {envelope.payload_type for one in messages for envelope in _envelopes(one)}
    wire = b"".join(one.seen for one in messages)
    shares = _shares(recorded.fed)

    assert {name for one in messages for name in one.route} == set(CUSTODIANS)
    assert types == DOCUMENTS[SyncCeremony]
    assert len(shares) >= len(CUSTODIANS)
    assert [] == [one for one in shares if one in wire or one.hex().encode() in wire]


def test_a_custodian_sees_padded_random_elements(recorded: Recorded) -> None:
    """Two requests for one value have nothing in common but their shape."""
    messages = recorded.of(Evaluate)
    asked = [one.request.elements for one in messages if isinstance(one.request, Evaluate)]
    elements = [each[at : at + 32] for each in asked for at in range(0, len(each), 32)]
    shapes = {
        (
            len(one.call.request),
            one.request.prove,
            one.request.check_of,
            one.request.generation,
            len(one.request.quorum),
        )
        for one in messages
        if isinstance(one.request, Evaluate)
    }

    # Hope asked for two values in three cases, amparo for one that hope had asked for.
    assert {("hope", 8), ("amparo", 8)} == {
        (one.call.sender, len(one.request.elements) // 32)
        for one in messages
        if isinstance(one.request, Evaluate)
    }
    assert {one.call.recipient for one in messages} <= set(CUSTODIANS)
    assert len(shapes) == 1
    assert len(set(elements)) == len(elements)


def test_a_custodian_answers_with_elements_proof_and_its_word(recorded: Recorded) -> None:
    """The statement says what was asked and answered as hashes."""
    for one in recorded.of(Evaluate):
        assert isinstance(one.request, Evaluate)
        (statement,) = _envelopes(one)

        assert len(one.reply.elements) == len(one.request.elements)
        assert len(one.reply.proof) == 64
        assert statement.payload_type == "ct/v1/evaluation"
        assert set(re.findall(rb'"(\w+)":', statement.payload)) == {
            b"custodian", b"index", b"requester", b"request_id", b"request", b"answer",
            b"key_id", b"generation", b"quorum",
        }  # fmt: skip


def test_agreements_stay_among_their_parties(recorded: Recorded) -> None:
    """Neither licht nor casa is sent anything of it, its title and hash included."""
    messages = recorded.of(SyncAgreement)
    types = {envelope.payload_type for one in messages for envelope in _envelopes(one)}
    theirs = b"".join(one.seen for one in messages)
    others = b"".join(one.seen for one in recorded.messages if set(one.route) - {"hope", "amparo"})

    assert {name for one in messages for name in one.route} == {"hope", "amparo"}
    assert types == DOCUMENTS[SyncAgreement]
    assert TITLE.encode() in theirs
    assert TITLE.encode() not in others
    assert [] == [
        one for one in recorded.agreements if one in others or one.hex().encode() in others
    ]


def test_an_exchange_is_tags_and_proofs(recorded: Recorded) -> None:
    """Only between the parties, in padded sizes; only the opener learns positions."""
    opened = recorded.of(OpenSession)
    sent, confirmed = recorded.of(PutTags), recorded.of(ConfirmMatches)
    hits = {
        one.route: len(one.reply.proofs) for one in sent if one.request.session == _last(sent, one)
    }

    for one in (*opened, *sent, *confirmed):
        assert set(one.route) == {"hope", "amparo"}
    assert {len(one.request.tags) for one in sent if isinstance(one.request, PutTags)} == {64 * 16}
    assert len({len(one.call.reply) for one in sent}) == 1
    assert len({len(one.call.request) for one in confirmed}) == 1
    assert len({len(one.call.request) for one in opened}) == 1
    assert max(hits.values()) == 1


def _last(sent: list[Message], one: Message) -> bytes:
    """Return the last session on the route of a message."""
    found: bytes = [other.request.session for other in sent if other.route == one.route][-1]
    return found


def test_no_tag_comes_twice(recorded: Recorded) -> None:
    """The same token in another direction, session or agreement is another tag."""
    sent = recorded.of(PutTags)
    tags = [
        one.request.tags[at : at + 16]
        for one in sent
        if isinstance(one.request, PutTags)
        for at in range(0, len(one.request.tags), 16)
    ]
    matching = [one for one in sent if one.reply.proofs]

    # One of the tokens was sent under both agreements.
    assert len(matching) >= 2
    assert len(set(tags)) == len(tags)


def test_what_a_database_shows(recorded: Recorded) -> None:
    """No value, case id, field or token; but terms, members, kinds, and which entries are equal."""
    path = recorded.databases / "hope.db"
    files = b"".join(one.read_bytes() for one in path.parent.glob("hope.db*"))
    tokens = set().union(*_tokens(recorded.fed).values())
    with closing(sqlite3.connect(path)) as database:
        marks = database.execute(
            "SELECT mark, count(*) FROM observations WHERE subject = 'recruiter' GROUP BY mark"
        ).fetchall()
        kinds = database.execute("SELECT DISTINCT kind, subject FROM observations").fetchall()
        partners = database.execute("SELECT DISTINCT partner FROM matches").fetchall()

    assert [] == [canary for canary in CANARIES if canary.encode() in files]
    assert [] == [token for token in tokens if token in files or token[:16] in files]
    assert [] == [share for share in _shares(recorded.fed) if share in files]
    # What SECURITY.md admits:
    assert sorted(count for _, count in marks) == [1, 2]
    assert set(kinds) == {("phone", "recruiter"), ("phone", "survivor")}
    assert partners == [("amparo",)]
