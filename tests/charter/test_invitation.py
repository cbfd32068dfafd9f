# SPDX-License-Identifier: Apache-2.0
"""Joining by file, and the eight words that two people compare."""

from typing import Any

import pytest

from federation.charter import (
    Invitation,
    JoinRequest,
    invite,
    open_invitation,
    open_request,
    request_to_join,
    words_for,
)
from federation.charter.words import WORDS, eight_words
from federation.crypto import dsse
from federation.documents import sign
from federation.errors import MalformedError, MembershipError, VerifyError
from tests.charter.support import DAY, FEDERATION, NOW, applicant, identity, member


def invitation(**changes: Any) -> bytes:
    """Return an invitation by hope."""
    fields: dict[str, Any] = {
        "federation_id": FEDERATION,
        "federation": "Carnival",
        "charter": (2, bytes(32)),
        "nonce": bytes(16),
        "at": NOW,
    }
    return invite(identity("hope"), member("hope"), **(fields | changes))


def request(envelope: bytes, name: str = "neu", **changes: Any) -> bytes:
    """Return a request to join in answer to an invitation."""
    fields: dict[str, Any] = {
        "steward": False,
        "custodian": True,
        "nonce": bytes(16),
        "at": NOW + DAY,
    }
    return request_to_join(identity(name), applicant(name), envelope, **(fields | changes))


def test_joining() -> None:
    """An invitation is answered, and the request opens where it was written."""
    written = invitation()

    opened = open_invitation(written, at=NOW + DAY)
    answered = open_request(request(written), written, at=NOW + DAY)

    assert opened.inviter == applicant("hope")
    assert (opened.charter_version, opened.charter_digest) == (2, bytes(32))
    assert answered.applicant == applicant("neu")
    entry = answered.admitted(version=3, at=NOW + DAY, steward=False, custodian=True)
    assert (entry.id, entry.since_version, entry.custodian) == ("neu", 3, True)


def test_invitation_before_the_first_charter() -> None:
    """While the founders gather, an invitation names no charter."""
    opened = open_invitation(invitation(charter=None), at=NOW)

    assert (opened.charter_version, opened.charter_digest) == (0, None)
    with pytest.raises(MalformedError):
        opened.replace(charter_version=1)


def test_duties_are_offered_not_imposed() -> None:
    """Nobody becomes steward or custodian who did not offer to."""
    written = invitation()
    answered = open_request(request(written), written, at=NOW + DAY)

    with pytest.raises(MembershipError, match="did not offer"):
        answered.admitted(version=3, at=NOW, steward=True, custodian=True)


@pytest.mark.parametrize("days", [-1, 14, 15])
def test_invitations_end(days: int) -> None:
    """An invitation is good for two weeks from when it was written."""
    with pytest.raises(MembershipError, match="over, or from the future"):
        open_invitation(invitation(), at=NOW + days * DAY)


def test_files_are_signed_by_the_keys_they_name() -> None:
    """Whoever changes a key in a file would have to sign it with that key."""
    honest = Invitation.from_envelope(invitation())
    swapped = honest.replace(
        inviter=honest.inviter.replace(signing_key=identity("mallory").signing.verify_key)
    )
    forged = dsse.encode(sign(swapped, "hope", identity("hope").signing))
    answer = JoinRequest.from_envelope(request(invitation()))
    forged_answer = dsse.encode(sign(answer, "neu", identity("mallory").signing))

    with pytest.raises(VerifyError):
        open_invitation(forged, at=NOW)
    with pytest.raises(VerifyError):
        open_request(forged_answer, invitation(), at=NOW + DAY)


def test_request_answers_one_invitation() -> None:
    """A request for another invitation, or for another time, is refused."""
    written, other = invitation(), invitation(nonce=bytes([1]) * 16)

    with pytest.raises(MembershipError, match="another invitation"):
        open_request(request(other), written, at=NOW + DAY)
    with pytest.raises(MembershipError, match="not from now"):
        open_request(request(written, at=NOW + 3 * DAY), written, at=NOW + DAY)


def test_one_name_for_one_member() -> None:
    """The inviter's own name is taken."""
    with pytest.raises(MembershipError, match="another member by this name"):
        request(invitation(), "hope")


def test_word_list() -> None:
    """There are 256 distinct plain words, sorted, none a slip of the pen from another."""
    assert len(WORDS) == len(set(WORDS)) == 256
    assert list(WORDS) == sorted(WORDS)
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 8 for word in WORDS)
    by_shape: dict[str, str] = {}
    for word in WORDS:
        for position in range(len(word)):
            shape = f"{word[:position]}_{word[position + 1 :]}"
            assert by_shape.setdefault(shape, word) == word


def test_words_are_the_same_on_both_screens() -> None:
    """Both sides compute the words from the two files alone."""
    written = invitation()
    answer = request(written)

    words = words_for(written, answer)

    assert len(words) == 8
    assert words == words_for(written, answer)
    assert set(words) <= set(WORDS)


def test_words_change_with_either_file() -> None:
    """Another invitation, another request, or the two swapped give other words."""
    written = invitation()
    answer = request(written)
    payloads = (
        Invitation.decode_envelope(written).payload,
        JoinRequest.decode_envelope(answer).payload,
    )

    lists = [
        words_for(written, answer),
        words_for(written, request(written, nonce=bytes([1]) * 16)),
        words_for(invitation(nonce=bytes([1]) * 16), answer),
        eight_words(*reversed(payloads)),
        eight_words(b"".join(payloads)),
        eight_words(payloads[0]),
    ]

    assert len({tuple(words) for words in lists}) == len(lists)
