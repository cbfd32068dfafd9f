# SPDX-License-Identifier: Apache-2.0
"""The built-in screening of each kind: placeholders, published values, entropy floors."""

import itertools
import re
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from federation.indicators.address import parse_address
from federation.indicators.company import split_company
from federation.indicators.kinds import Kind
from federation.indicators.normalise import Indicator
from federation.indicators.screening_lists import BuiltIn, built_in
from federation.indicators.verdicts import Screening, ScreeningReason, Verdict

_PASS: Final = Screening(Verdict.PASS)

# Entropy floors. A shorter value fits too many; the figures stand in the specification.
_MIN_PLATE: Final = 4
_MIN_REGISTER: Final = 4
_MIN_NAME: Final = 4
_MIN_NAME_FLAGGED: Final = 3
_MIN_HANDLE: Final = 3
_MIN_REPEATED: Final = 6
_MIN_ACCOUNT: Final = 5
_MIN_DOCUMENT: Final = 5
_MIN_STREET: Final = 4


def check_built_in(indicator: Indicator) -> Screening:
    """Say what the built-in lists and floors make of an indicator.

    Args:
        indicator: What `normalise` made.

    Returns:
        Verdict and reason.
    """
    return _CHECKS[indicator.kind](indicator.value, built_in())


def _refuse(reason: ScreeningReason) -> Screening:
    return Screening(Verdict.REFUSE, reason)


def _flag(reason: ScreeningReason) -> Screening:
    return Screening(Verdict.FLAG, reason)


def _is_filler(digits: str) -> bool:
    """Whether digits repeat one or two of them, or count up or down, from end to end."""
    if len(digits) < _MIN_REPEATED:
        return False
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(digits)}
    return digits[2:] == digits[:-2] or steps in ({1}, {9})


def _phone(value: str, lists: BuiltIn) -> Screening:
    if value in lists.helplines:
        return _refuse(ScreeningReason.HELPLINE)
    if any(pattern.fullmatch(value) for pattern in lists.fictional):
        return _refuse(ScreeningReason.FICTIONAL)
    national = _national(value)
    # The last seven are the subscriber's where an area code hides the pattern.
    if _is_filler(national) or len(set(national[-7:])) == 1:
        return _refuse(ScreeningReason.PLACEHOLDER)
    return _PASS


def _national(value: str) -> str:
    """The digits behind the country code, of which none begins another one."""
    digits = value[1:]
    length = next(n for n in (1, 2, 3) if int(digits[:n]) in COUNTRY_CODE_TO_REGION_CODE)
    return digits[length:]


def _email(value: str, lists: BuiltIn) -> Screening:
    local, _, domain = value.rpartition("@")
    if domain in lists.domains or any(domain.endswith("." + known) for known in lists.domains):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if local in lists.locals or (len(local) > 1 and len(set(local)) == 1):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if len(local) == 1:
        return _flag(ScreeningReason.TOO_LITTLE)
    return _PASS


def _handle(value: str, lists: BuiltIn) -> Screening:
    platform, _, handle = value.partition(":")
    if handle in lists.handles or handle == platform or len(set(handle)) == 1:
        return _refuse(ScreeningReason.PLACEHOLDER)
    if value in lists.common_handles:
        return _flag(ScreeningReason.COMMON)
    if len(handle) < _MIN_HANDLE:
        return _flag(ScreeningReason.TOO_LITTLE)
    return _PASS


def _vehicle(value: str, lists: BuiltIn) -> Screening:
    form, _, characters = value.partition(":")
    repeated = len(set(characters)) == 1
    if characters in lists.plates or repeated or _is_number_filler(characters, lists):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if form == "VIN":
        return _PASS
    if len(characters) < _MIN_PLATE:
        return _refuse(ScreeningReason.TOO_LITTLE)
    if not any(c.isdigit() for c in characters):
        return _flag(ScreeningReason.TOO_LITTLE)
    return _PASS


def _company(value: str, lists: BuiltIn) -> Screening:
    number, name = split_company(value)
    if number is not None:
        digits = number.rpartition(":")[2]
        if len(set(digits)) == 1 or _is_number_filler(digits, lists):
            return _refuse(ScreeningReason.PLACEHOLDER)
        if len(digits) < _MIN_REGISTER:
            return _refuse(ScreeningReason.TOO_LITTLE)
        return _PASS
    rest = (name or value).split(":", 2)[2]
    if rest in lists.placeholders or len(set(rest)) == 1:
        return _refuse(ScreeningReason.PLACEHOLDER)
    if rest in lists.common_companies:
        return _flag(ScreeningReason.COMMON)
    if lists.generic.issuperset(rest.split()):
        return _refuse(ScreeningReason.TOO_LITTLE)
    letters = rest.replace(" ", "")
    if len(letters) < _MIN_NAME_FLAGGED:
        return _refuse(ScreeningReason.TOO_LITTLE)
    if len(letters) < _MIN_NAME:
        return _flag(ScreeningReason.TOO_LITTLE)
    return _PASS


def _url(value: str, lists: BuiltIn) -> Screening:
    if value.startswith("ad:"):
        number = value.rpartition(":")[2]
        return _refuse(ScreeningReason.PLACEHOLDER) if len(set(number)) == 1 else _PASS
    authority, _, page = value.partition("/")
    host = authority.partition(":")[0]
    if any(host == known or host.endswith("." + known) for known in lists.domains):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if any(pattern.fullmatch(host) for pattern in lists.private_hosts):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if not page and host in lists.common_hosts:
        return _refuse(ScreeningReason.COMMON)
    return _PASS


def _bank_account(value: str, lists: BuiltIn) -> Screening:
    if value in lists.specimen_accounts:
        return _refuse(ScreeningReason.FICTIONAL)
    form, _, rest = value.partition(":")
    # Bank codes stand in front; what the holder has is behind them.
    account = {"iban": rest[4:], "clabe": rest[6:17]}.get(form, rest.rpartition(":")[2])
    if len(set(account)) == 1 or _is_number_filler(account, lists):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if len(account) < _MIN_ACCOUNT:
        return _refuse(ScreeningReason.TOO_LITTLE)
    return _PASS


def _wallet(value: str, lists: BuiltIn) -> Screening:
    address = value.partition(":")[2]
    if value in lists.burnt_wallets or len(set(address.removeprefix("0x"))) <= 2:
        return _refuse(ScreeningReason.PLACEHOLDER)
    if value in lists.common_wallets:
        return _flag(ScreeningReason.COMMON)
    return _PASS


def _document(value: str, lists: BuiltIn) -> Screening:
    issuer, _type, number = value.split(":")
    if issuer == "UTO" or value in lists.specimen_documents:
        return _refuse(ScreeningReason.FICTIONAL)
    bare = number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if len(set(number)) == 1 or len(set(bare)) == 1 or _is_number_filler(number, lists):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if len(number) < _MIN_DOCUMENT:
        return _refuse(ScreeningReason.TOO_LITTLE)
    return _PASS


def _place(value: str, lists: BuiltIn) -> Screening:
    address = parse_address(value)
    if address is None:
        return _refuse(ScreeningReason.PLACEHOLDER) if value in lists.centroids else _PASS
    words = address.street.split()
    if address.street in lists.placeholders or address.city in lists.placeholders:
        return _refuse(ScreeningReason.PLACEHOLDER)
    letters = sum(c.isalpha() for word in words for c in word)
    if not any(c.isdigit() for c in address.street) or letters + len(words) < _MIN_STREET:
        # A street has hundreds of houses.
        return _refuse(ScreeningReason.TOO_LITTLE)
    return _PASS


def _device(value: str, lists: BuiltIn) -> Screening:
    form, _, digits = value.partition(":")
    if form == "imsi":
        if digits.startswith("001"):  # the test network of ITU-T E.212
            return _refuse(ScreeningReason.FICTIONAL)
        subscriber = digits[5:]
    else:
        if digits[:2] == "00" or digits in lists.test_handsets:  # test codes of 3GPP TS 23.003
            return _refuse(ScreeningReason.FICTIONAL)
        subscriber = digits[8:14]
    if len(set(subscriber)) == 1 or _is_filler(digits) or _is_filler(subscriber):
        return _refuse(ScreeningReason.PLACEHOLDER)
    return _PASS


def _is_number_filler(characters: str, lists: BuiltIn) -> bool:
    digits = re.sub(r"[^0-9]", "", characters)
    return digits == characters and (digits in lists.fillers or _is_filler(digits))


_CHECKS: Final = {
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.HANDLE: _handle,
    Kind.VEHICLE: _vehicle,
    Kind.COMPANY: _company,
    Kind.URL: _url,
    Kind.BANK_ACCOUNT: _bank_account,
    Kind.WALLET: _wallet,
    Kind.DOCUMENT: _document,
    Kind.PLACE: _place,
    Kind.DEVICE: _device,
}
