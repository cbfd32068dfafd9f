# SPDX-License-Identifier: Apache-2.0
"""The words of an agreement as a lawyer and a caseworker say them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from federation.agreements.purposes import Purpose
from federation.agreements.terms import Detail
from federation.charter import Role
from federation.indicators import Kind, Subject

__all__ = ["days", "enumerate_words", "in_words", "plural"]

_WORDS: Final[dict[type[StrEnum], dict[str, str]]] = {
    Role: {
        Role.NGO: "non-governmental organisation",
        Role.AGENCY: "public body",
        Role.LAW_ENFORCEMENT: "law enforcement",
    },
    Purpose: {
        Purpose.SUPPORT: "to help and protect the persons who were trafficked",
        Purpose.NETWORK: "to find out that several meet the same recruiter, business or place",
        Purpose.PREVENTION: "to warn those who may be recruited next",
        Purpose.REFERRAL: "to hand a person over to a service, on that person's wish",
        Purpose.INVESTIGATION: "for a criminal investigation of trafficking, "
        "and not of those who were trafficked",
    },
    Kind: {
        Kind.PHONE: "phone numbers",
        Kind.EMAIL: "e-mail addresses",
        Kind.HANDLE: "accounts on social networks and messengers",
        Kind.VEHICLE: "vehicles",
        Kind.COMPANY: "businesses",
        Kind.URL: "pages and adverts on the web",
        Kind.BANK_ACCOUNT: "bank accounts",
        Kind.WALLET: "wallets on blockchains",
        Kind.DOCUMENT: "passports and other papers with a number",
        Kind.PLACE: "places",
        Kind.DEVICE: "handsets and SIM cards",
    },
    Subject: {
        Subject.RECRUITER: "recruiters",
        Subject.TRAFFICKER: "traffickers",
        Subject.FACILITATOR: "those who help them",
        Subject.BUSINESS: "businesses",
        Subject.PLACE: "places",
        Subject.SURVIVOR: "survivors",
    },
    Detail: {
        Detail.CONTACT: "whom to call at the organisation that tells",
        Detail.NOTE: "circumstances in a person's own words",
        Detail.SAFETY: "how a survivor can be reached without danger",
    },
}
"""By enum first: two enums may spell a word alike."""


def in_words(word: StrEnum) -> str:
    """Return a word of a closed list as people say it."""
    return _WORDS[type(word)].get(word, word.value.replace("-", " "))


def enumerate_words(words: Iterable[str]) -> str:
    """Join words for a sentence: ``a``, ``a and b``, ``a, b and c``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def plural(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


def days(number: int) -> str:
    """Return a number of days."""
    return plural(number, "day", "days")
