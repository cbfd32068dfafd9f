# SPDX-License-Identifier: Apache-2.0
"""Checking an evidence bundle, offline: with the file, and a charter that one trusts.

The steps are those of the spec page ``audit-log``. The first that fails ends the check with a
sentence that says what is wrong and where.
"""

from collections.abc import Sequence

from federation.agreements.plain_words import plural
from federation.audit.bundle import About, Bundle
from federation.audit.checked import Checked, Keys
from federation.audit.verify_documents import check_agreements, check_enclosures
from federation.audit.verify_log import check_log, check_succession, name_log
from federation.charter import Charter, verify_chain
from federation.errors import CasethreadError, VerifyError

__all__ = ["verify_bundle"]


def verify_bundle(raw: bytes, *, trusted: bytes | None = None, witnesses: int = 0) -> Checked:
    """Check a bundle.

    Args:
        raw: The file.
        trusted: SHA-256 of the payload of a charter version that the reader trusts. Without
            it the reader must compare the hash in the result with somebody who knows it.
        witnesses: How many members must have cosigned each checkpoint.

    Returns:
        What the bundle proves.

    Raises:
        VerifyError: Something does not hold. Says what and where.
        MalformedError: It is no bundle.
    """
    # (1) The file is a bundle in its one spelling.
    bundle = Bundle.from_bytes(raw)
    # (2) The charters follow each other from the founding on, and one of them is trusted.
    chain = _charters(bundle, trusted)
    checked = Checked(bundle, *chain[-1])
    charters = [charter for charter, _ in chain]
    keys = _keys(charters)
    if bundle.member not in keys:
        raise VerifyError(f"step 2: {bundle.member} was never a member of this federation")
    checked.passed(1, "the file is an evidence bundle in its one spelling")
    checked.passed(2, _say_charters(checked, len(chain), known=trusted is not None))
    # (3) Checkpoints are signed by the keeper, (4) cosigned by witnesses; (5) entries are in
    # their tree, (6) readable, in their places.
    for evidence in bundle.logs:
        check_log(checked, keys, evidence, witnesses)
    _say_logs(checked)
    # (7) A log after a loss names the one before.
    checked.passed(7, check_succession(checked))
    # (8) References mean what the bundle says: checked with their entries.
    opened = sum(len(one.opened) for one in checked.entries)
    checked.passed(
        8, f"{plural(opened, 'reference', 'references')} opened: each means what the bundle says"
    )
    # (9) Agreements, (10) letters and other documents are those that entries name, and signed.
    checked.passed(9, check_agreements(checked, charters))
    checked.passed(10, check_enclosures(checked, keys))
    return checked


def _charters(bundle: Bundle, trusted: bytes | None) -> list[tuple[Charter, bytes]]:
    try:
        chain = verify_chain([one.encode() for one in bundle.charters])
    except CasethreadError as error:
        raise VerifyError(f"step 2: the charters of the federation do not hold: {error}") from None
    if len(chain) != len(bundle.charters):
        raise VerifyError("step 2: a version of the charter is there twice")
    if trusted is not None and trusted not in {hashed for _, hashed in chain}:
        raise VerifyError(
            "step 2: the charter that you trust is not among those of the bundle: it is of "
            "another federation, or older than your charter"
        )
    return chain


def _keys(charters: Sequence[Charter]) -> Keys:
    keys: Keys = {}
    for charter in reversed(charters):
        for member in charter.members:
            known = keys.setdefault(member.id, [])
            if member.signing_key not in known:
                known.append(member.signing_key)
    return keys


def _say_charters(checked: Checked, count: int, *, known: bool) -> str:
    trust = (
        "it includes the one that you trust"
        if known
        else "compare this hash with somebody of the federation whom you trust"
    )
    versions = plural(count, "version", "versions")
    return (
        f"{versions} of the charter of {checked.charter.name}, one after the other from the "
        f"founding; the newest is {checked.charter_digest.hex()}: {trust}"
    )


def _say_logs(checked: Checked) -> None:
    keeper = checked.bundle.member
    for log in checked.logs:
        checked.passed(3, f"{keeper} has signed {name_log(log.checkpoint)}")
        seen = ", ".join(
            f"{who} on {when:%Y-%m-%d %H:%M} UTC" for who, when in log.witnesses.items()
        )
        checked.passed(
            4,
            f"cosigned by {seen}"
            if seen
            else f"no other member has cosigned it: that nothing was changed is {keeper}'s word",
        )
    whole = "without gaps" if checked.bundle.about is About.PERIOD else "chosen by the exporter"
    checked.passed(
        5, f"{plural(len(checked.entries), 'entry', 'entries')} proved to be in the log, {whole}"
    )
    checked.passed(6, "each of them is a record, and stands in its place")
