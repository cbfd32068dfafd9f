# SPDX-License-Identifier: Apache-2.0
"""Cases and matches between the library's dataclasses and the contract of the own node's service.

The node and its client both use these functions. What comes from outside is checked against
every limit that the contract states.
"""

import unicodedata
from collections import Counter
from datetime import UTC
from typing import Any, Final, TypeVar

from google.protobuf.message import Message

from federation.errors import InputError, MalformedError
from federation.indicators import Case, Observation
from federation.indicators.case import MAX_ID
from federation.local.names import KINDS, LANES, MATCHES, OBSERVED, SUBJECTS
from federation.member import ImportResult, Match, MatchStatus
from federation.storage import NotTokenised
from federation.v1 import local_service_pb2 as pb
from federation.wire.method import parse as parse_limited

__all__ = [
    "MAX_CASES",
    "MAX_OBSERVATIONS",
    "MESSAGE_LIMIT",
    "case_from_proto",
    "case_to_proto",
    "check_id",
    "import_from_proto",
    "import_to_proto",
    "match_from_proto",
    "match_status_from_proto",
    "match_status_to_proto",
    "match_to_proto",
    "not_tokenised_from_proto",
    "not_tokenised_to_proto",
    "parse",
]

M = TypeVar("M", bound=Message)

MESSAGE_LIMIT: Final = 4 * 1024 * 1024
"""Largest request or reply, bytes."""
MAX_CASES: Final = 1_000
"""Most cases in one request."""
MAX_OBSERVATIONS: Final = 2_000
"""Most observations in one case."""


def parse(kind: type[M], body: bytes) -> M:
    """Parse a message that was received.

    Raises:
        MalformedError: It is another message, or longer than allowed.
    """
    return parse_limited(kind, body, MESSAGE_LIMIT)


def check_id(name: str, text: str, shortest: int = 1) -> str:
    """Return the name of a source, a case or an import.

    Raises:
        InputError: It is too short or too long, or holds a control character or half a one.
    """
    unusable = any(unicodedata.category(char) in {"Cc", "Cs"} for char in text)
    if unusable or not shortest <= len(text) <= MAX_ID:
        raise InputError(
            f"{name} is text of {shortest} to {MAX_ID} characters without control characters"
        )
    return text


def case_to_proto(case: Case) -> pb.Case:
    """Translate a case.

    Raises:
        InputError: It holds what cannot be sent.
    """
    if len(case.observations) > MAX_OBSERVATIONS:
        raise InputError(f"a case has more than {MAX_OBSERVATIONS} observations")
    try:
        return pb.Case(
            id=case.id,
            region=case.region or "",
            observations=[_observation_to_proto(seen) for seen in case.observations],
            minor=case.minor,
        )
    except ValueError:
        # Half a surrogate pair; the original error would quote the value.
        raise InputError("a value holds half a character, which cannot be sent") from None


def case_from_proto(message: pb.Case, index: int, region: str | None) -> Case:
    """Translate a case that was received.

    Args:
        message: The case.
        index: Its place in the request, from 0, for errors.
        region: Where it happened if it does not say.

    Raises:
        InputError: It breaks a limit; says which case and observation, never a value.
    """
    where = f"cases[{index}]"
    if len(message.observations) > MAX_OBSERVATIONS:
        raise InputError(f"{where} has more than {MAX_OBSERVATIONS} observations")
    try:
        return Case(
            message.id,
            region=message.region or region,
            observations=tuple(
                _observation_from_proto(seen, f"{where}.observations[{place}]: ")
                for place, seen in enumerate(message.observations)
            ),
            minor=message.minor,
        )
    except MalformedError:
        raise
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _observation_to_proto(seen: Observation) -> pb.Observation:
    message = pb.Observation(
        kind=KINDS.number(seen.kind),
        subject=SUBJECTS.number(seen.subject),
        region=seen.region or "",
        field=seen.field,
    )
    if isinstance(seen.raw, str):
        message.text = seen.raw
    else:
        message.parts.CopyFrom(pb.RawFields(fields=seen.raw))
    return message


def _observation_from_proto(message: pb.Observation, where: str) -> Observation:
    if message.WhichOneof("raw") is None:
        raise MalformedError(f"{where}there is no value")
    parts = message.HasField("parts")
    return Observation(
        kind=KINDS.member(message.kind, where),
        raw=dict(message.parts.fields) if parts else message.text,
        subject=SUBJECTS.member(message.subject, where),
        region=message.region or None,
        field=message.field,
    )


def import_to_proto(result: ImportResult) -> pb.PutCasesResponse:
    """Translate the result of an import."""
    return pb.PutCasesResponse(
        new=result.new,
        changed=result.changed,
        unchanged=result.unchanged,
        observations_added=result.observations_added,
        observations_removed=result.observations_removed,
        left_out=[
            pb.LeftOutCount(status=OBSERVED.number(status), reason=reason, count=count)
            for (status, reason), count in sorted(result.left_out.items())
        ],
    )


def import_from_proto(message: pb.PutCasesResponse) -> ImportResult:
    """Translate the result of an import back; raises MalformedError."""
    return ImportResult(
        new=message.new,
        changed=message.changed,
        unchanged=message.unchanged,
        observations_added=message.observations_added,
        observations_removed=message.observations_removed,
        left_out=Counter(
            {(OBSERVED.member(one.status), one.reason): one.count for one in message.left_out}
        ),
    )


def match_status_to_proto(status: MatchStatus | None) -> Any:
    """Translate a filter; None asks for every status."""
    return pb.MATCH_STATUS_UNSPECIFIED if status is None else MATCHES.number(status)


def match_status_from_proto(number: int) -> MatchStatus | None:
    """Translate a filter back; raises MalformedError."""
    if number == pb.MATCH_STATUS_UNSPECIFIED:
        return None
    return MatchStatus(MATCHES.member(number))


def match_to_proto(match: Match) -> pb.Match:
    """Translate a match."""
    message = pb.Match(
        id=match.id,
        case_id=match.case,
        source=match.source,
        field=match.field,
        kind=KINDS.number(match.kind),
        subject=SUBJECTS.number(match.subject),
        lane=LANES.number(match.lane),
        member=match.member,
        status=MATCHES.number(match.status),
        reason=match.reason,
        agreement_digest=match.agreement,
        weak=match.weak,
    )
    message.find_time.FromDatetime(match.found)
    return message


def match_from_proto(message: pb.Match) -> Match:
    """Translate a match back; raises MalformedError."""
    return Match(
        id=message.id,
        case=message.case_id,
        source=message.source,
        field=message.field,
        kind=KINDS.member(message.kind),
        subject=SUBJECTS.member(message.subject),
        lane=LANES.member(message.lane),
        member=message.member,
        status=MATCHES.member(message.status),
        reason=message.reason,
        found=message.find_time.ToDatetime(UTC),
        agreement=message.agreement_digest,
        weak=message.weak,
    )


def not_tokenised_to_proto(entry: NotTokenised) -> pb.NotTokenised:
    """Translate an observation that takes no part in matching."""
    return pb.NotTokenised(
        case_id=entry.case_id,
        field=entry.field,
        kind=KINDS.number(entry.kind),
        status=OBSERVED.number(entry.status),
        reason=entry.reason,
    )


def not_tokenised_from_proto(message: pb.NotTokenised) -> NotTokenised:
    """Translate it back; raises MalformedError."""
    return NotTokenised(
        case_id=message.case_id,
        field=message.field,
        kind=KINDS.member(message.kind),
        status=OBSERVED.member(message.status),
        reason=message.reason,
    )
