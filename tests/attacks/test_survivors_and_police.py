# SPDX-License-Identifier: Apache-2.0
"""A police member with a modified program, after a survivor's pseudonym."""

import secrets
from typing import Any

import pytest

from federation.agreements import Purpose
from federation.errors import CasethreadError, MembershipError, PolicyError
from federation.indicators import NORMALISATION_VERSION, IndicatorClass, Lane, Subject
from federation.member import evaluating, tokenising
from federation.messages import Evaluate, OpenSession
from federation.testing import Federation, MemoryPeer
from tests.member.support import limited, phones
from tests.member.test_consents import consent


def modified(fed: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every check out of the police's own program, and give it a consent of its own making."""
    monkeypatch.setattr(tokenising, "may_ask", lambda *_: True)
    fed["police"].put_cases(phones([1], prefix="P", subject=Subject.SURVIVOR))
    fed["police"].consents.record("P-1", consent(fed.clock()), source="api")


def tokens(fed: Federation) -> int:
    """Return how many tokens the police have."""
    with fed.seats["police"].store.read() as tx:
        return sum(tx.tokens.counts().values())


def test_custodians_refuse_law_enforcement_on_the_survivor_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever its program is made to ask for."""
    with limited() as fed:
        modified(fed, monkeypatch)
        with pytest.raises(CasethreadError):
            fed["police"].tokenise()

        assert 0 == tokens(fed)


def test_it_would_succeed_if_custodians_did_not_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack is real: only the custodians stand in its way."""
    with limited() as fed:
        modified(fed, monkeypatch)
        monkeypatch.setattr(evaluating, "may_ask", lambda *_: True)
        fed["police"].tokenise()

        assert 1 == tokens(fed)


@pytest.mark.parametrize("cls", list(IndicatorClass))
@pytest.mark.parametrize("prove", [True, False])
def test_every_custodian_refuses_every_survivor_key(cls: Any, prove: bool) -> None:
    """Each by itself, for every key of the lane, and nothing is charged or evaluated."""
    with limited() as fed:
        charter = fed["police"].require_charter()
        for key in charter.live_keys(Lane.SURVIVOR, cls):
            quorum = tuple(one.index for one in key.custodians)[: key.threshold]
            for custodian in key.custodians:
                asked = Evaluate(
                    request_id=secrets.token_bytes(16),
                    key_id=key.key_id,
                    generation=key.generation,
                    quorum=quorum,
                    elements=bytes(64 * 32),
                    prove=prove,
                    check_of=None,
                )
                with pytest.raises(PolicyError, match="no pseudonyms in this lane"):
                    MemoryPeer(fed, "police", custodian.member).call(asked)


def test_no_session_opens_on_the_survivor_lane() -> None:
    """There can be no agreement to open one under, and it is refused whatever is named."""
    with limited() as fed:
        with pytest.raises((PolicyError, MembershipError)):
            fed.agree("hope", "police", subjects={Subject.SURVIVOR}, purposes=(Purpose.SUPPORT,))
        others = fed.agree(
            "hope", "amparo", subjects={Subject.SURVIVOR}, purposes=(Purpose.SUPPORT,)
        )
        key = fed["police"].require_charter().live_keys(Lane.SURVIVOR, IndicatorClass.IDENTIFIER)[0]
        asked = OpenSession(
            agreement=others,
            key_version=1,
            lane=Lane.SURVIVOR,
            cls=IndicatorClass.IDENTIFIER,
            key_id=key.key_id,
            epoch=key.epoch,
            normalisation_version=NORMALISATION_VERSION,
            nonce=secrets.token_bytes(32),
        )
        with pytest.raises(PolicyError):
            MemoryPeer(fed, "police", "hope").call(asked)
