# SPDX-License-Identifier: Apache-2.0
"""From a value as somebody wrote it to its one normal form."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from federation.errors import InputError
from federation.indicators.bank_account import normalise_bank_account
from federation.indicators.company import normalise_company
from federation.indicators.country import country
from federation.indicators.device import normalise_device
from federation.indicators.document import normalise_document
from federation.indicators.email import normalise_email
from federation.indicators.handle import normalise_handle
from federation.indicators.kinds import NORMALISATION_VERSION, Kind
from federation.indicators.phone import normalise_phone
from federation.indicators.place import normalise_place
from federation.indicators.url import normalise_url
from federation.indicators.vehicle import normalise_vehicle
from federation.indicators.wallet import normalise_wallet

Raw = str | Mapping[str, str]
"""A value as it was written down: text, or the fields that the kind knows."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One typed fact in its normal form. Equal facts are equal indicators."""

    kind: Kind
    """What it is."""
    value: str = dataclasses.field(repr=False)
    """The normal form; as sensitive as the raw value."""
    version: int = NORMALISATION_VERSION
    """The version of the rules that made it."""


_NORMALISERS: Final[Mapping[Kind, Callable[[Raw, str | None], str]]] = {
    Kind.PHONE: normalise_phone,
    Kind.EMAIL: normalise_email,
    Kind.HANDLE: normalise_handle,
    Kind.VEHICLE: normalise_vehicle,
    Kind.COMPANY: normalise_company,
    Kind.URL: normalise_url,
    Kind.BANK_ACCOUNT: normalise_bank_account,
    Kind.WALLET: normalise_wallet,
    Kind.DOCUMENT: normalise_document,
    Kind.PLACE: normalise_place,
    Kind.DEVICE: normalise_device,
}


def normalise(kind: Kind, raw: Raw, *, region: str | None = None) -> Indicator:
    """Bring a value into its normal form (`proto/spec/normalisation.md`).

    Total: every text gives an indicator or a `NormalisationError`, nothing else. Idempotent:
    the normal form is its own normal form, with the same region or none.

    Args:
        kind: What the value is.
        raw: The value as it was written down, or its fields where the kind has several.
        region: Where it was seen (ISO 3166), which national spellings need.

    Returns:
        The indicator.

    Raises:
        NormalisationError: There is no safe normal form; carries kind, field and reason,
            never the value.
        InputError: `kind` is not a `Kind`.
    """
    if not isinstance(kind, Kind):
        raise InputError("the kind of an indicator is a Kind")
    seen_in = None if region is None else country(kind, "region", region)
    return Indicator(kind, _NORMALISERS[kind](raw, seen_in))
