# SPDX-License-Identifier: Apache-2.0
"""An agreement from its draft to its end, between members in one process.

    python examples/agreement_lifecycle.py

Everything here works in the same way with the members of a real node: the command
``casethread agreement`` calls the same functions.
"""

from pathlib import Path

from federation import Case, Kind, Lane, Subject
from federation.agreements import AccessRequest, Action, Draft, Purpose, summarise
from federation.charter import Role
from federation.testing import Federation

DRAFT = Path(__file__).parent / "agreements" / "two_ngos.toml"
CALL = "+52 55 1234 5678"


def say(fed: Federation) -> None:
    """Tell where every agreement stands at hope, and what was found under it."""
    views = fed["hope"].agreements()
    for view in sorted(views, key=lambda one: (not one.status.ended, one.status)):
        print(f"  {view.hash.hex()[:8]} {view.terms.title}: {view.status.value}")
    found = [f"{one.kind.value} with {one.member}" for one in fed["hope"].matches()]
    print(f"  hope's matches: {', '.join(sorted(found)) or 'none'}")


def ask(fed: Federation, agreement: bytes, kind: Kind) -> None:
    """Say why a kind of indicator is compared now, or not."""
    asked = AccessRequest(
        Action.COMPARE, "hope", "amparo", Lane.NETWORK, kind, Subject.RECRUITER, Purpose.NETWORK
    )
    denying = [one for one in fed["hope"].explain(agreement, asked) if not one.allows]
    reasons = "; ".join(f"clause '{one.name}': {one.reason}" for one in denying)
    print(f"  may hope and amparo compare a recruiter's {kind.value}? {reasons or 'yes'}")


def main() -> None:
    """Draft, read, sign, compare, amend, end."""
    roles = {"hope": Role.NGO, "amparo": Role.NGO}
    with Federation("hope", "amparo", "licht", roles=roles) as fed:
        for name in ("hope", "amparo"):
            case = Case(f"{name}-1").add(Kind.PHONE, CALL, Subject.RECRUITER)
            fed[name].put_cases([case.add(Kind.VEHICLE, "US TX ABC1234", Subject.RECRUITER)])

        print("Hope proposes what the two have written down.")
        draft = Draft.parse(DRAFT.read_text(encoding="utf-8"))
        terms = draft.terms(fed["hope"].require_charter(), fed.clock())
        first = fed["hope"].propose_agreement(terms)
        fed.drive()

        print("Amparo reads it in plain words, and signs.\n")
        (proposed,) = fed["amparo"].agreements()
        charter = fed["amparo"].require_charter()
        signers = sorted(proposed.signers)
        print(summarise(proposed.hash, proposed.terms, charter, signers=signers).text())
        fed["amparo"].sign_agreement(first)
        fed.drive()
        fed.sync()
        say(fed)
        ask(fed, first, Kind.PHONE)
        ask(fed, first, Kind.VEHICLE)

        print("They agree on vehicles too. An amendment is another agreement.")
        changes = {"kinds": (*draft.kinds, Kind.VEHICLE)}
        amended = Draft.amending(first, terms).model_copy(update=changes)
        second = fed["hope"].propose_agreement(
            amended.terms(fed["hope"].require_charter(), fed.clock())
        )
        fed.drive()
        fed["amparo"].sign_agreement(second)
        fed.drive()
        fed.sync()
        say(fed)
        ask(fed, first, Kind.VEHICLE)
        ask(fed, second, Kind.VEHICLE)

        print("Amparo ends it. One party is enough, and hope hears of it.")
        fed["amparo"].revoke_agreement(second, "the project has ended")
        fed.drive()
        say(fed)
        ask(fed, second, Kind.PHONE)


if __name__ == "__main__":
    main()
