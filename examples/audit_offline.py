# SPDX-License-Identifier: Apache-2.0
"""The record of a member, its witnesses, and evidence that anybody can check.

    python examples/audit_offline.py

Checking a bundle takes the file and nothing else: no node, no key and no network. The command
``casethread audit verify FILE`` calls the same function.
"""

import re

from federation import Case, Kind, Subject
from federation.audit.page import text_page
from federation.audit.verify import verify_bundle
from federation.errors import VerifyError
from federation.member.evidence import Selection
from federation.testing import Federation

CALL = "+52 55 1234 5678"


def falsify(bundle: bytes, before: bytes, after: bytes) -> None:
    """Change a bundle, and say what the check makes of it."""
    falsified = re.sub(before, after, bundle, count=1)
    try:
        verify_bundle(falsified, witnesses=2)
    except VerifyError as refused:
        print(f"  {refused}")


def main() -> None:
    """Match, export, check, falsify."""
    with Federation("hope", "amparo", "licht") as fed:
        for name in ("hope", "amparo"):
            case = Case(f"{name}-1").add(Kind.PHONE, CALL, Subject.RECRUITER)
            fed[name].put_cases([case])
        fed.agree("hope", "amparo")
        fed.sync()
        fed.sync()
        (match,) = fed["hope"].matches()

        print("Six hours later the record is published, and the others sign that it only grew.")
        fed.clock.advance(hours=6)
        fed.drive()
        entries = fed["hope"].record.check()
        print(f"  {entries} entries, filled up so that their number says little")

        print("Hope takes out what its record says about the match.")
        wanted = Selection(match=bytes.fromhex(match.id))
        bundle = fed["hope"].record.export(wanted).bundle

    print("Whoever has the file checks it, wherever they are.")
    checked = verify_bundle(bundle, witnesses=2)
    for step in checked.steps:
        print(f"  ({step.number}) {step.says}")

    print("Changes are found.")
    falsify(bundle, rb"(matches..):1", rb"\1:2")  # one match is two
    falsify(bundle, rb'"first":\d+', b'"first":3')  # entries stand elsewhere
    falsify(bundle, rb"hope/1\\n64", rb"hope/1\\n63")  # the log is shorter
    falsify(bundle, "\u2014 \\S+/licht \\S+?=\\\\n".encode(), b"")  # a witness is gone

    print("People read it as a page.\n")
    print(text_page(checked))


if __name__ == "__main__":
    main()
