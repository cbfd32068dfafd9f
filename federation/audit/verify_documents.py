# SPDX-License-Identifier: Apache-2.0
"""The steps of checking a bundle that are about what members signed: agreements, letters."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from federation.agreements import AgreementState
from federation.agreements.plain_words import plural
from federation.audit.bundle import Enclosure, SignedAgreement
from federation.audit.checked import Checked, Enclosed, Keys, first_that_holds
from federation.audit.record import Event
from federation.charter import Charter
from federation.crypto import dsse
from federation.documents import digest, open_envelope
from federation.errors import AgreementError, CryptoError, MalformedError, VerifyError
from federation.letters import SIZES, Receipt

__all__ = ["check_agreements", "check_enclosures"]


def check_agreements(checked: Checked, charters: Sequence[Charter]) -> str:
    """Check the agreements of a bundle: step 9.

    Args:
        checked: What holds so far; the terms are added.
        charters: All versions, oldest first: whose keys signed at the time.

    Returns:
        What was found, in words.

    Raises:
        VerifyError: One is not named by an entry, or not signed as an entry says.
    """
    named = {one.record.agreement for one in checked.entries} - {None}
    in_force = {
        one.record.agreement
        for one in checked.entries
        if one.record.event is Event.AGREEMENT_IN_FORCE
    }
    for agreement in checked.bundle.agreements:
        state = _state(agreement, charters)
        if state.hash not in named:
            raise VerifyError(f"step 9: no entry names agreement {_short(state.hash)}")
        if state.hash in in_force and state.missing:
            raise VerifyError(
                f"step 9: an entry says that agreement {_short(state.hash)} is in force, and "
                f"{', '.join(sorted(state.missing))} has not signed it"
            )
        checked.agreements[state.hash] = (state.terms, state.signers)
    missing = len(named - checked.agreements.keys())
    found = plural(len(checked.agreements), "agreement", "agreements")
    return f"{found} named by entries and signed by their parties" + (
        f"; {missing} not enclosed" if missing else ""
    )


def check_enclosures(checked: Checked, keys: Keys) -> str:
    """Check the other signed documents of a bundle: step 10.

    Args:
        checked: What holds so far; the documents are added.
        keys: Of the members.

    Returns:
        What was found, in words.

    Raises:
        VerifyError: One is not named by an entry, altered, or not signed by a member.
    """
    named = {hashed for one in checked.entries for hashed in one.record.documents}
    for one in checked.bundle.enclosures:
        if one.digest not in named:
            raise VerifyError(f"step 10: no entry names document {_short(one.digest)}")
        checked.enclosed[one.digest] = _enclosed(one, keys)
    shown = sum(one.content is not None for one in checked.enclosed.values())
    found = plural(len(checked.enclosed), "document", "documents")
    received = sum(one.receipt is not None for one in checked.enclosed.values())
    return (
        f"{found} named by entries: {shown} shown and signed, {received} with a receipt of who "
        "got it"
    )


def _state(agreement: SignedAgreement, charters: Sequence[Charter]) -> AgreementState:
    """Verify an agreement under the newest version of the charter under which it holds."""
    best: AgreementState | None = None
    revocations = [one.encode() for one in agreement.revocations]
    for charter in reversed(charters):
        try:
            state = AgreementState.load(
                agreement.terms.encode(), (), revocations, keys=charter.signing_keys
            )
        except (CryptoError, AgreementError):
            continue
        except MalformedError as error:
            raise VerifyError(f"step 9: an agreement cannot be read: {error}") from None
        if best is None or len(state.missing) < len(best.missing):
            best = state
        if not best.missing:
            break
    if best is None:
        raise VerifyError("step 9: an agreement is not signed by any of its parties")
    return best


def _enclosed(one: Enclosure, keys: Keys) -> Enclosed:
    where = f"document {_short(one.digest)}"
    receipt = (
        None if one.receipt is None else _receipt(one.receipt.encode(), one.digest, keys, where)
    )
    if one.envelope is None:
        return Enclosed(one.type, (), None, receipt)
    try:
        envelope = dsse.decode(one.envelope.encode(), 2 * SIZES[-1])
        content = _content(envelope.payload)
    except MalformedError as error:
        raise VerifyError(f"step 10: {where} cannot be read: {error}") from None
    if digest(envelope.payload) != one.digest or envelope.payload_type != one.type:
        raise VerifyError(f"step 10: {where} is another one than the entry names")
    for signature in envelope.signatures:
        check = partial(_verify_one, envelope, signature.keyid)
        failure = f"step 10: {where} is not signed by {signature.keyid}, as it says"
        first_that_holds(keys.get(signature.keyid, ()), check, failure)
    signers = tuple(signature.keyid for signature in envelope.signatures)
    if receipt is not None and (receipt.sender,) != signers:
        raise VerifyError(f"step 10: the receipt for {where} names another sender")
    return Enclosed(one.type, signers, content, receipt)


def _verify_one(envelope: dsse.Envelope, keyid: str, key: bytes) -> None:
    dsse.verify(envelope, {keyid: key}, 1, envelope.payload_type)


def _receipt(raw: bytes, wanted: bytes, keys: Keys, where: str) -> Receipt:
    try:
        claimed = Receipt.from_envelope(raw)
    except MalformedError as error:
        raise VerifyError(f"step 10: the receipt for {where} cannot be read: {error}") from None
    if claimed.digest != wanted:
        raise VerifyError(f"step 10: the receipt for {where} is for another letter")

    def check(key: bytes) -> Receipt:
        return open_envelope(Receipt, raw, {claimed.recipient: key}, 1)

    failure = f"step 10: the receipt for {where} is not signed by {claimed.recipient}"
    return first_that_holds(keys.get(claimed.recipient, ()), check, failure)


def _content(payload: bytes) -> dict[str, Any]:
    try:
        content = json.loads(payload.decode())
    except (ValueError, RecursionError):
        raise MalformedError("not JSON") from None
    if not isinstance(content, dict):
        raise MalformedError("not a document")
    return content


def _short(hashed: bytes) -> str:
    return hashed.hex()[:12]
