# SPDX-License-Identifier: Apache-2.0
"""BANK_ACCOUNT: IBAN (ISO 13616), CLABE in Mexico, else country, bank and account number."""

import re
from collections.abc import Mapping
from typing import Final

from stdnum import iban
from stdnum.exceptions import InvalidChecksum, ValidationError

from federation.errors import NormalisationError
from federation.indicators.country import country, single_country
from federation.indicators.fold import fold
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"iban", "clabe", "country", "bank", "account"})

_NORMAL_FORM: Final = re.compile(r"(?P<country>[A-Z]{2}):(?P<bank>[^:]+):(?P<account>[^:]+)")
_LABEL: Final = re.compile(
    r"(?P<form>iban|clabe(?: interbancaria)?)(?: ?(?:no|nr|n[úu]mero|number)\.?)?\s?[:#]?\s?"
    r"(?P<rest>.+)",
    re.IGNORECASE,
)
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_CLABE_LENGTH: Final = 18
_CLABE_WEIGHTS: Final = (3, 7, 1) * 6
_BIC: Final = re.compile(r"(?P<bank>[A-Z]{4}[A-Z]{2}[A-Z0-9]{2})(?:[A-Z0-9]{3})?")
_ROUTING_LENGTH: Final = 9
_ROUTING_WEIGHTS: Final = (3, 7, 1) * 3
_SEPARATORS: Final = re.compile(r"[\s./-]+")
_HIDDEN: Final = re.compile(r"[?*…_]|\.\.\.|[Xx]{3}")
_LONGEST_ACCOUNT: Final = 34


def normalise_bank_account(raw: str | Mapping[str, str], region: str | None) -> str:
    """Return the account in the strongest form that the value allows.

    Args:
        raw: An IBAN or, seen in Mexico, a CLABE, perhaps with that word in front; or a mapping
            with `iban`, or `clabe`, or `bank` and `account` with `country`. The bank is its
            code (routing number, sort code, BIC) or its name.
        region: Two-letter code of the country of a bank that comes without one.

    Returns:
        `iban:IBAN`, else `clabe:DIGITS`, else `COUNTRY:BANK:ACCOUNT`.

    Raises:
        NormalisationError: There is no account, only a part of one, or a wrong check digit.
    """
    if isinstance(raw, Mapping):
        given = fields(Kind.BANK_ACCOUNT, raw, _FIELDS)
        if "iban" in given:
            return _iban("iban", _characters("iban", given["iban"]))
        if "clabe" in given:
            return _clabe("clabe", _characters("clabe", given["clabe"]))
        for field in ("account", "bank"):
            if field not in given:
                raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.MISSING_FIELD)
        where = single_country(Kind.BANK_ACCOUNT, given.get("country"), region)
        bank = _bank("bank", given["bank"], where)
        return f"{where}:{bank}:{_account('account', given['account'])}"
    text = clean(Kind.BANK_ACCOUNT, "value", raw)
    normal = _NORMAL_FORM.fullmatch(text)
    if normal:
        where = country(Kind.BANK_ACCOUNT, "country", normal["country"])
        bank = _bank("value", normal["bank"], where)
        return f"{where}:{bank}:{_account('value', normal['account'])}"
    labelled = _LABEL.fullmatch(text)
    characters = _characters("value", labelled["rest"] if labelled else text)
    form = labelled["form"][:4].casefold() if labelled else None
    if form == "iban" or _IBAN.fullmatch(characters):
        return _iban("value", characters)
    if form == "clab" or (
        region == "MX" and len(characters) == _CLABE_LENGTH and characters.isdigit()
    ):
        return _clabe("value", characters)
    # An account number alone is another account at every bank.
    reason = Reason.NO_BANK if characters.isdigit() else Reason.NOT_AN_ACCOUNT
    raise NormalisationError(Kind.BANK_ACCOUNT, "value", reason)


def _characters(field: str, text: str) -> str:
    """Return letters and digits in upper case; refuse what hides some of them."""
    if _HIDDEN.search(text):
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.PARTIAL)
    bare = _SEPARATORS.sub("", text).upper()
    if not (bare.isascii() and bare.isalnum()):
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.NOT_AN_ACCOUNT)
    return bare


def _iban(field: str, characters: str) -> str:
    if not _IBAN.fullmatch(characters):
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.NOT_AN_ACCOUNT)
    try:
        # Without the rules of single countries, of which the library knows a few: two nodes
        # with different releases of it must not differ in what they accept.
        iban.validate(characters, check_country=False)
    except InvalidChecksum:
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.CHECK_DIGIT) from None
    except ValidationError:
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.NOT_AN_ACCOUNT) from None
    return f"iban:{characters}"


def _clabe(field: str, characters: str) -> str:
    """Check a CLABE: bank (3), place (3), account (11), check digit."""
    if len(characters) != _CLABE_LENGTH or not characters.isdigit():
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.NOT_AN_ACCOUNT)
    digits = [int(c) for c in characters]
    products = (d * w % 10 for d, w in zip(digits[:-1], _CLABE_WEIGHTS, strict=False))
    if -sum(products) % 10 != digits[-1]:
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.CHECK_DIGIT)
    return f"clabe:{characters}"


def _bank(field: str, text: str, where: str) -> str:
    """Return a bank's code or name as letters and digits in upper case."""
    bank = "".join(fold(text)).upper()
    if len(bank) < 2:
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.NO_BANK)
    bic = _BIC.fullmatch(bank)
    if bic and bank[4:6] == where:
        return bic["bank"]  # the rest is a branch
    if where == "US" and len(bank) == _ROUTING_LENGTH and bank.isdigit():
        products = (int(d) * w for d, w in zip(bank, _ROUTING_WEIGHTS, strict=True))
        if sum(products) % 10:
            raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.CHECK_DIGIT)
    return bank


def _account(field: str, text: str) -> str:
    """Return an account number; sheets eat zeros in front, so nobody's count."""
    account = _characters(field, text)
    if len(account) > _LONGEST_ACCOUNT or not any(c.isdigit() for c in account):
        raise NormalisationError(Kind.BANK_ACCOUNT, field, Reason.NOT_AN_ACCOUNT)
    return (account.lstrip("0") or "0") if account.isdigit() else account
