# SPDX-License-Identifier: Apache-2.0
"""What an indicator can be, whom it can be about, and where it may be compared."""

from enum import StrEnum

NORMALISATION_VERSION = 1
"""Version of every normal form in this package; a part of each token's input, so that nodes
with different rules fail to match rather than match wrongly."""


class Lane(StrEnum):
    """Two lanes that never meet: each has its own keys."""

    NETWORK = "network"
    """Those who recruit, transport, exploit or help, and their businesses and places."""
    SURVIVOR = "survivor"
    """Survivors; compared only where an agreement and the survivor's own consent say so."""


class IndicatorClass(StrEnum):
    """How an indicator is metered, and so which key it is evaluated under."""

    IDENTIFIER = "identifier"
    """One normal form, one token."""
    PERSON = "person"
    """Many keys, and so many tokens, for one person."""


class Kind(StrEnum):
    """The type of an indicator, which decides its normal form."""

    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"
    """An account on a social network or messenger."""
    VEHICLE = "vehicle"
    """A number plate or a vehicle identification number."""
    COMPANY = "company"
    """A business: its register or licence number, else its name and country."""
    URL = "url"
    """A page or an advert on the web."""
    BANK_ACCOUNT = "bank-account"
    """An account at a bank: IBAN, CLABE, or bank and number."""
    WALLET = "wallet"
    """An address on a blockchain."""
    DOCUMENT = "document"
    """A passport, identity card or other paper with a number."""
    PLACE = "place"
    """A spot on the map, or a postal address."""
    DEVICE = "device"
    """A handset (IMEI) or a subscriber's card (IMSI)."""

    @property
    def indicator_class(self) -> IndicatorClass:
        """The class that this kind is metered and keyed under."""
        return IndicatorClass.IDENTIFIER


class Subject(StrEnum):
    """Whom an indicator is about. Witnesses and bystanders have no value here on purpose."""

    RECRUITER = "recruiter"
    TRAFFICKER = "trafficker"
    FACILITATOR = "facilitator"
    BUSINESS = "business"
    PLACE = "place"
    SURVIVOR = "survivor"

    @property
    def lane(self) -> Lane:
        """The only lane in which indicators about this subject may be compared."""
        return Lane.SURVIVOR if self is Subject.SURVIVOR else Lane.NETWORK
