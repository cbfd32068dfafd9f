# SPDX-License-Identifier: Apache-2.0
"""What the pages call the things that a node deals in. Each is a message of the catalogues."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from federation.agreements import ConsentState, Detail, EuropolCode, Handling, Purpose
from federation.disclosure import SafetyFlag
from federation.member import DisclosureStatus, Ground, Verdict
from federation.storage import ObservationStatus

__all__ = ["DONE", "name_of", "trouble"]


def N_(message: str) -> str:  # noqa: N802 - gettext's name for a message that is said later
    """Mark a message for the catalogues.

    Args:
        message: in English.
    """
    return message


_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # kinds
        "phone": N_("phone number"),
        "email": N_("e-mail address"),
        "handle": N_("account on a network or messenger"),
        "vehicle": N_("vehicle"),
        "company": N_("company"),
        "url": N_("web address"),
        "bank-account": N_("bank account"),
        "wallet": N_("crypto wallet"),
        "document": N_("identity document"),
        "place": N_("place"),
        "device": N_("device"),
        "person": N_("person"),
        # subjects
        "recruiter": N_("recruiter"),
        "trafficker": N_("trafficker"),
        "facilitator": N_("facilitator"),
        "business": N_("business"),
        "survivor": N_("survivor"),
        # organisations
        "ngo": N_("non-governmental organisation"),
        "hotline": N_("hotline"),
        "agency": N_("public agency"),
        "law-enforcement": N_("law enforcement"),
        "oversight": N_("oversight body"),
        # roles
        "caseworker": N_("caseworker"),
        "reviewer": N_("reviewer"),
        "data-protection": N_("data protection"),
        "technician": N_("technician"),
        "auditor": N_("auditor"),
        # matches
        "pending": N_("waits for the other side"),
        "proven": N_("proved by both sides"),
        "held": N_("held until you decide"),
        "released": N_("released"),
        "withdrawn": N_("taken back by the other side"),
        # agreements
        "proposed": N_("proposed"),
        "in-force": N_("in force"),
        "in_force": N_("in force"),
        "expired": N_("over"),
        "revoked": N_("ended"),
        "replaced": N_("replaced"),
        # health
        "good": N_("good"),
        "look": N_("have a look"),
        "bad": N_("does not work"),
        # reasons of screening
        "placeholder": N_("what people type when the value is not known"),
        "fictional": N_("a number from films and examples"),
        "helpline": N_("a published number of somebody who helps"),
        "too-little-information": N_("too little to tell people apart"),
        "common-value": N_("so common that it ties nothing together"),
        "local-list": N_("on your organisation's own list"),
        "known-as-survivor": N_("a survivor in one of your cases has the same"),
        "refused-by-person": N_("refused by a person"),
        # runs of an import
        "running": N_("not finished"),
        "finished": N_("finished"),
        "done": N_("finished"),
        "undone": N_("taken back"),
    }
)

_BY_TYPE: Final[Mapping[type, Mapping[str, str]]] = MappingProxyType(
    {
        Verdict: {
            "confirmed": N_("right"),
            "rejected": N_("not a match"),
            "unsure": N_("not sure"),
        },
        Ground: {
            "own-file": N_("our own files say so"),
            "partner": N_("the other organisation says so"),
            "person": N_("the person concerned says so"),
            "shared": N_("many people use it: an office, a hostel, a public telephone"),
            "changed-hands": N_("it belonged to somebody else at that time"),
            "namesake": N_("only called alike, or only nearby"),
            "recorded-wrongly": N_("it was written down wrongly here"),
            "planted": N_("somebody put it there to mislead"),
            "too-little": N_("there is too little to go by"),
        },
        Detail: {
            "contact": N_("whom to call"),
            "note": N_("what happened, a few lines"),
            "safety": N_("how the person can be reached without danger"),
        },
        Purpose: {
            "support": N_("helping and protecting the persons who were trafficked"),
            "network": N_("finding out who meets the same recruiter, business or place"),
            "prevention": N_("warning those who may be recruited next"),
            "referral": N_("handing a person over to a service, on that person's wish"),
            "investigation": N_("a criminal investigation of trafficking"),
        },
        DisclosureStatus: {
            "open": N_("waits for a decision"),
            "approved-once": N_("waits for a second approval"),
            "approved": N_("all of it was given"),
            "narrowed": N_("some of it was given"),
            "denied": N_("nothing was given"),
            "expired": N_("nobody decided in time"),
            "withheld": N_("withheld: what allowed it has ended"),
            "deleted": N_("deleted: it was kept for as long as agreed"),
        },
        SafetyFlag: {
            "danger": N_("Somebody is in danger now"),
            "minor": N_("A minor is concerned"),
            "no-contact": N_("Do not get in touch with the person concerned"),
        },
        Handling: {
            "tlp:red": N_("only the people who were given it may see it"),
            "tlp:amber+strict": N_("it stays in the organisation that was given it"),
            "tlp:amber": N_("it stays in the organisation that was given it and with its clients"),
            "tlp:green": N_("it may be passed on to other members of the federation"),
            "tlp:clear": N_("it may be passed on to everybody"),
        },
        EuropolCode: {
            "h0": N_("it may be used only to prevent and fight crime"),
            "h1": N_("it may not be used in court unless the giver permits it"),
            "h2": N_("it may not be passed on unless the giver permits it"),
            "h3": N_("further restrictions stand in the signed paper"),
        },
        ObservationStatus: {
            "screened": N_("kept out by screening"),
            "waiting-decision": N_("held back until somebody decides"),
            "waiting-consent": N_("waits for the survivor's consent"),
            "refused": N_("cannot be read as what the column says"),
        },
        ConsentState: {
            "not-yet": N_("does not hold yet"),
            "valid": N_("holds"),
            "expired": N_("over"),
            "withdrawn": N_("withdrawn"),
        },
    }
)
"""Words that mean something else elsewhere."""

DONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "released": N_("Released. The next comparison tells the other organisation."),
        "confirmed": N_("Noted: it is right."),
        "rejected": N_("Noted: it is not a match. It stays so when it is found again."),
        "unsure": N_("Noted: not sure. Somebody else may know more."),
        "taken-back": N_("The decision is taken back."),
        "asked": N_("Asked. The next comparison brings the request over."),
        "approved": N_("Approved. The next comparison delivers it."),
        "approved-once": N_(
            "Approved by you. Another person must approve the same before it leaves."
        ),
        "denied": N_("Denied. The asker is told that nothing is given, and not why."),
        "recorded": N_("The consent is recorded. The next comparison uses what it allows."),
        "withdrawn": N_("The consent is withdrawn. Nothing about the person is compared any more."),
        "signed": N_("Signed."),
        "ended": N_("The agreement is ended."),
        "allowed": N_("Allowed. The next comparison uses the value."),
        "refused": N_("Refused. The value stays out."),
        "apart": N_("The two cases are kept apart."),
        "together": N_("The two cases may be together again."),
        "password": N_("Your password is changed."),
        "language": N_("The language is changed."),
        "undone": N_("The import is taken back."),
        "signed-out": N_("You are signed out."),
    }
)
"""What a page says after something was done; the address names it, and can say nothing else."""


_TROUBLE: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: N_("Something in the form or the address cannot be used."),
        401: N_("The password or the code is wrong, or you are no longer signed in."),
        403: N_("Your role does not allow this, or the form was too old."),
        404: N_("There is no such page."),
        409: N_("The node could not do it."),
        413: N_("What was sent is too large."),
    }
)


def trouble(status: int) -> str:
    """Return the message for an answer that is none.

    Args:
        status: of HTTP.
    """
    return _TROUBLE.get(status, N_("Something unexpected happened, and nothing more was done."))


def name_of(word: object) -> str:
    """Return the message for a word of the program.

    Args:
        word: a kind, subject, role, status or reason.
    """
    text = str(getattr(word, "value", word))
    return _BY_TYPE.get(type(word), _NAMES).get(text, text)
