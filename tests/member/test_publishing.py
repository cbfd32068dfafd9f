# SPDX-License-Identifier: Apache-2.0
"""Checkpoints on a fixed clock, and what members see of each other's logs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from federation.audit import (
    BLOCK,
    OPERATOR,
    Actor,
    Checkpoint,
    Event,
    Log,
    Note,
    NoteSignature,
    Origin,
    StaffRole,
    Word,
    open_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from federation.audit.note import sign_note
from federation.charter import Role
from federation.documents import digest
from federation.errors import (
    AuthenticationError,
    MalformedError,
    PolicyError,
    VerifyError,
)
from federation.member.deeds import deed
from federation.member.publishing import Publisher
from federation.messages import CheckpointWitnessed, WitnessCheckpoint
from federation.storage import Evidence, StoredCheckpoint
from federation.testing import Federation
from tests.member.support import _copied_store, copied, requests

OTHERS = ("amparo", "licht", "watch")


@pytest.fixture(scope="module")
def founded() -> Iterator[Federation]:
    """Five members; police are one of them."""
    roles = {"police": Role.LAW_ENFORCEMENT, "watch": Role.OVERSIGHT}
    with Federation("hope", "amparo", "licht", "police", "watch", roles=roles, keys=False) as made:
        yield made


@pytest.fixture
def fed(founded: Federation) -> Iterator[Federation]:
    """A copy of them for each test."""
    with copied(founded, seed=0) as made:
        yield made


def latest(fed: Federation, name: str = "hope") -> StoredCheckpoint | None:
    """Return a member's newest checkpoint."""
    with fed.seats[name].store.read() as tx:
        return tx.checkpoints.latest()


def published(fed: Federation, name: str = "hope") -> StoredCheckpoint:
    """Return a member's newest checkpoint, which is there."""
    found = latest(fed, name)
    assert found is not None
    return found


def witnesses(fed: Federation, name: str = "hope") -> set[str]:
    """Return who cosigned a member's newest checkpoint."""
    found = published(fed, name)
    with fed.seats[name].store.read() as tx:
        return set(tx.checkpoints.cosignatures(found.generation, found.size))


def act(fed: Federation, times: int = 1, name: str = "hope") -> None:
    """Let somebody do something that is recorded."""
    for _ in range(times):
        with deed(fed[name]._core, OPERATOR) as done:
            done.record(Event.CASE_READ)


def next_slot(fed: Federation) -> None:
    """Let the time of the next checkpoint come."""
    fed.clock.advance(hours=6)
    fed.drive()


def evidence(fed: Federation, witness: str = "amparo") -> list[Evidence]:
    """Return what a member has against others' logs."""
    with fed.seats[witness].store.read() as tx:
        return tx.witnessed.evidence()


def show(fed: Federation, witness: str, note: Note, **other: Any) -> CheckpointWitnessed:
    """Show a witness a checkpoint of hope's, as a dishonest hope would."""
    fields = {"old_size": 0, "proof": (), "first_record": b"", "first_proof": ()} | other
    return fed[witness].handle("hope", WitnessCheckpoint(note.encode(), **fields))


def forged(fed: Federation, size: int, root: bytes = bytes(32), generation: int = 1) -> Note:
    """Return a checkpoint that hope signed, though its log is another."""
    seat = fed.seats["hope"]
    federation_id = seat.member.require_charter().federation_id
    origin = Origin(federation_id, "hope", generation)
    return sign_checkpoint(Checkpoint(origin, size, root), seat.identity)


def test_nothing_is_published_before_its_time(fed: Federation) -> None:
    """A log that has just begun waits for the clock."""
    fed.drive()

    assert latest(fed) is None
    assert requests(fed, WitnessCheckpoint) == []


def test_every_member_but_police_cosigns(fed: Federation) -> None:
    """Police are nobody's witness, but others are witnesses of theirs."""
    next_slot(fed)

    assert {"amparo", "licht", "watch"} == witnesses(fed, "hope")
    assert {"hope", "amparo", "licht", "watch"} == witnesses(fed, "police")
    assert "police" not in {call.recipient for call, _ in requests(fed, WitnessCheckpoint)}


def test_a_checkpoint_and_its_witnesses_are_good(fed: Federation) -> None:
    """Anybody who has the charter can check both."""
    act(fed, 3)
    next_slot(fed)
    charter = fed["licht"].require_charter()
    found = published(fed)
    with fed.seats["hope"].store.read() as tx:
        note = found.cosigned(list(tx.checkpoints.cosignatures(1, found.size).values()))
    checkpoint = open_checkpoint(note, charter.member("hope").signing_key)

    assert (charter.federation_id, "hope", 1) == (
        checkpoint.origin.federation_id,
        checkpoint.origin.member,
        checkpoint.origin.generation,
    )
    for name in OTHERS:
        when = verify_cosignature(checkpoint, note, name, charter.member(name).signing_key)

        assert fed.clock() == when


def test_sizes_and_times_tell_nothing(fed: Federation) -> None:
    """A busy member and an idle one publish at the same times, and at the same sizes."""
    sizes: dict[str, list[int]] = {"hope": [], "amparo": []}
    slots: dict[str, list[Any]] = {"hope": [], "amparo": []}
    for busy in (0, 5, 50, 1):
        act(fed, busy)
        next_slot(fed)
        for name, seen in sizes.items():
            seen.append(published(fed, name).size)
            slots[name].append(published(fed, name).slot)

    assert sizes["hope"] == sizes["amparo"] == [64, 128, 192, 256]
    assert slots["hope"] == slots["amparo"]
    assert {0, 6, 12, 18} == {slot.hour for slot in slots["hope"]}


def test_more_than_a_block_shows(fed: Federation) -> None:
    """What the padding does not hide: that more than 64 things happened since the last time."""
    next_slot(fed)
    act(fed, 70)
    next_slot(fed)

    assert 64 + 2 * BLOCK == published(fed).size
    assert 64 + BLOCK == published(fed, "amparo").size


def test_a_missed_time_is_made_up_once(fed: Federation) -> None:
    """A node that was off publishes one checkpoint when it is back, not four."""
    fed.clock.advance(days=1)
    fed.drive()
    found = published(fed)
    fed.drive()

    assert 64 == found.size
    assert found == published(fed)


def test_two_processes_publish_once(fed: Federation) -> None:
    """The serving node and a command may both see that it is time."""
    fed.clock.advance(hours=6)
    other = fed._member(fed.seats["hope"].identity, fed.seats["hope"].store)
    other._publisher.drive()
    fed["hope"]._publisher.drive()
    with fed.seats["hope"].store.read() as tx:
        assert 1 == len(tx.checkpoints.list(1))


def test_a_witness_that_is_down_is_shown_later(fed: Federation) -> None:
    """It cosigns the newest checkpoint when it is back, and missed nothing."""
    fed.faults.down = {"licht"}
    next_slot(fed)
    next_slot(fed)

    assert "licht" not in witnesses(fed)

    fed.faults.down = set()
    fed.clock.advance(hours=2)
    fed.drive()

    assert "licht" in witnesses(fed)
    assert evidence(fed, "licht") == []


def test_a_lost_reply_changes_nothing(fed: Federation) -> None:
    """The witness has gone on, the keeper does not know: the proof is asked for again."""
    fed.faults.lose_reply = 1.0
    next_slot(fed)

    assert witnesses(fed) == set()

    fed.faults.lose_reply = 0.0
    next_slot(fed)

    assert set(OTHERS) == witnesses(fed)
    assert evidence(fed, "amparo") == []


def test_a_witness_that_forgot_begins_again(fed: Federation) -> None:
    """A witness with an old database or none is shown the beginning."""
    next_slot(fed)
    with fed.seats["amparo"].store.write() as tx:
        tx.settings._session.connection().exec_driver_sql("DELETE FROM audit_witnessed")
    next_slot(fed)

    assert set(OTHERS) == witnesses(fed)


def test_a_fork_is_refused_and_kept(fed: Federation) -> None:
    """Two logs of one size: the witness has both signatures of the keeper."""
    next_slot(fed)
    good = published(fed).note
    bad = forged(fed, 64)
    reply = show(fed, "amparo", bad, old_size=64)

    assert reply.cosignature is None
    assert good.encode() == reply.held
    (found,) = evidence(fed)
    assert ("hope", Word.FORKED) == (found.member, found.finding)
    assert (good.encode(), bad.encode()) == (found.held, found.shown)
    with fed.seats["amparo"].store.read() as tx:
        (entry,) = tx.audit.entries(events=[Event.LOG_REFUSED])

    assert ("hope", "forked") == (entry.record.member, entry.record.reason)
    show(fed, "amparo", bad, old_size=64)

    assert 1 == len(evidence(fed))
    next_slot(fed)

    assert "amparo" in witnesses(fed)
    assert 1 == len(evidence(fed))


def test_a_rewritten_history_is_refused_and_kept(fed: Federation) -> None:
    """A longer log that does not begin with what was seen finds no proof."""
    next_slot(fed)
    reply = show(fed, "amparo", forged(fed, 128), old_size=64, proof=(bytes(32),))

    assert reply.cosignature is None
    assert [Word.UNPROVEN] == [one.finding for one in evidence(fed)]


def test_an_old_message_is_forgiven(fed: Federation) -> None:
    """A smaller checkpoint alarms until the log goes on: then it was only late."""
    next_slot(fed)
    old = published(fed).note
    next_slot(fed)
    reply = show(fed, "amparo", old)

    assert published(fed).note.encode() == reply.held
    assert [Word.SHRUNK] == [one.finding for one in evidence(fed)]
    next_slot(fed)

    assert evidence(fed) == []


def test_evidence_does_not_fill_the_disk(fed: Federation) -> None:
    """Whoever shows a thousand forks has shown enough after some."""
    next_slot(fed)
    for number in range(40):
        show(fed, "amparo", forged(fed, 64, number.to_bytes(32)), old_size=64)

    assert 32 == len(evidence(fed))
    with fed.seats["amparo"].store.read() as tx:
        assert 32 == len(tx.audit.entries(events=[Event.LOG_REFUSED]))


def test_nobody_asks_for_another(fed: Federation) -> None:
    """A checkpoint is shown by who keeps the log, signed with the key of the charter."""
    next_slot(fed)
    theirs = published(fed, "licht").note
    own = published(fed).note
    seat = fed.seats["hope"]
    other = sign_checkpoint(Checkpoint(Origin(bytes(16), "hope", 1), 64, bytes(32)), seat.identity)
    with pytest.raises(VerifyError):
        show(fed, "amparo", theirs)
    with pytest.raises(AuthenticationError):
        show(fed, "amparo", other)
    with pytest.raises(MalformedError):
        show(fed, "amparo", Note(own.text + "x\n", own.signatures))
    with pytest.raises(PolicyError, match="law enforcement"):
        fed["police"].handle("hope", WitnessCheckpoint(own.encode(), 0, ()))


def test_a_lying_witness_changes_nothing(fed: Federation) -> None:
    """Neither a forged cosignature nor an invented checkpoint is believed."""
    stranger = forged(fed, 10**6).text
    lies = [
        CheckpointWitnessed(str(published(fed, "licht").note.signatures[0]).encode())
        if latest(fed, "licht")
        else CheckpointWitnessed(b"\xff"),
        CheckpointWitnessed(None, Note(stranger, signed_by(fed, "amparo", stranger)).encode()),
        CheckpointWitnessed(None, None),
    ]
    for lie in lies:
        fed.faults.tamper = lambda _to, request, reply, lie=lie: (
            lie if isinstance(request, WitnessCheckpoint) else reply
        )
        next_slot(fed)

        assert witnesses(fed) == set()
        assert evidence(fed, "hope") == []
    fed.faults.tamper = None
    next_slot(fed)

    assert set(OTHERS) == witnesses(fed)


def signed_by(fed: Federation, name: str, text: str) -> tuple[NoteSignature, ...]:
    """Sign a text with a member's key under the name of another's log, as a liar would."""
    return (sign_note(text, text.split("\n", 1)[0], fed.seats[name].identity.signing),)


def restored(fed: Federation, moment: Any) -> None:
    """Put an older copy of hope's database into its place."""
    seat = fed.seats["hope"]
    seat.store = moment
    fed.restart("hope")


def test_a_restored_database_stops_and_says_so(fed: Federation) -> None:
    """A node that is behind its own signatures publishes nothing until a person decides."""
    next_slot(fed)
    backup = _copied_store(fed.seats["hope"].store)
    act(fed, 10)
    next_slot(fed)
    restored(fed, backup)
    act(fed, 3)
    next_slot(fed)
    before = published(fed)

    assert 64 == before.size
    assert [Word.SHRUNK] == [one.finding for one in evidence(fed)]
    assert {("hope", Word.SHRUNK)} == {(one.member, one.finding) for one in evidence(fed, "hope")}
    next_slot(fed)

    assert before == published(fed)


def test_a_restarted_node_asks_before_it_signs(fed: Federation) -> None:
    """As long as nobody answers it signs nothing; then it goes on where it was."""
    next_slot(fed)
    fed.restart("hope")
    fed.faults.down = {*OTHERS, "police"}
    next_slot(fed)

    assert 64 == published(fed).size

    fed.faults.down = set()
    fed.clock.advance(minutes=10)
    fed.drive()

    assert 128 == published(fed).size
    assert set(OTHERS) == witnesses(fed)
    assert evidence(fed) == []


def test_a_new_generation_goes_on_after_a_loss(fed: Federation) -> None:
    """It names the last checkpoint that anybody saw; witnesses cosign, and say what is gone."""
    next_slot(fed)
    backup = _copied_store(fed.seats["hope"].store)
    next_slot(fed)
    lost = published(fed)
    restored(fed, backup)

    assert 2 == fed["hope"].record.begin_anew()
    next_slot(fed)
    found = published(fed)

    assert (2, 64) == (found.generation, found.size)
    assert set(OTHERS) == witnesses(fed)
    with fed.seats["hope"].store.read() as tx:
        first, second = tx.audit.logs()
        begun = tx.audit.entries(second.begin)[0].record

    assert (digest(lost.note.text.encode()),) == begun.documents
    assert 64 == first.size
    assert [("hope", Word.BEGUN)] == [(one.member, one.finding) for one in evidence(fed)]
    assert evidence(fed, "hope") == []
    assert 128 == fed["hope"].record.check()
    with fed.seats["amparo"].store.read() as tx:
        (entry,) = tx.audit.entries(events=[Event.LOG_RENEWED])

    assert "hope" == entry.record.member


def test_the_old_generation_is_over_for_good(fed: Federation) -> None:
    """After the new one was seen, nobody cosigns the old one, whatever it shows."""
    next_slot(fed)
    old = published(fed)
    with fed.seats["hope"].store.read() as tx:
        (span,) = tx.audit.logs()
        log = Log(tx.audit.store_of(span))
        first, proof = tx.audit.store_of(span).leaves(0, 1)[0], log.proof(0, 1, 64)
    fed["hope"].record.begin_anew()
    next_slot(fed)
    reply = show(fed, "amparo", old.note, first_record=first, first_proof=tuple(proof))

    assert reply.cosignature is None
    assert published(fed).note.encode() == reply.held


def test_a_second_restore_of_one_backup_takes_another_number(fed: Federation) -> None:
    """The number comes from what witnesses saw, not from the backup."""
    next_slot(fed)
    backup = fed.seats["hope"].store
    for generation in (2, 3):
        restored(fed, _copied_store(backup))

        assert generation == fed["hope"].record.begin_anew()
        next_slot(fed)

        assert generation == published(fed).generation
        assert set(OTHERS) == witnesses(fed)


def test_a_new_generation_takes_a_person(fed: Federation) -> None:
    """Neither the node by itself nor an auditor decides that entries are gone."""
    fed.person("hope", "ines", StaffRole.TECHNICIAN)
    for who in (Actor("node"), fed.person("hope", "otto", StaffRole.AUDITOR)):
        with pytest.raises(PolicyError, match="technician"):
            fed["hope"].record.begin_anew(who)


def test_a_member_with_a_new_key_keeps_a_new_log(fed: Federation) -> None:
    """A machine that was lost for good is replaced by one with other keys, and no old log."""
    next_slot(fed)
    with fed.seats["amparo"].store.write() as tx:
        seen = tx.witnessed.get("hope")
        assert seen is not None
        text = forged(fed, 640, generation=7).text
        tx.witnessed.put("hope", bytes(32), Note(text, signed_by(fed, "licht", text)), fed.clock())
    next_slot(fed)

    assert "amparo" in witnesses(fed)
    assert [Word.BEGUN] == [one.finding for one in evidence(fed)]


@pytest.mark.parametrize("hours", [0, 5, 7, 48])
def test_a_day_is_a_whole_number_of_checkpoints(fed: Federation, hours: int) -> None:
    """Otherwise the clock would wander, and times would tell who began when."""
    with pytest.raises(ValueError, match="multiple"):
        Publisher(fed["hope"]._core, timedelta(hours=hours))
