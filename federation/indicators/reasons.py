# SPDX-License-Identifier: Apache-2.0
"""Why a value has no normal form: short phrases that can be shown and counted.

The phrases are a part of the specification (`proto/spec/normalisation.md`): they stand in
`NormalisationError.reason`, in the errors of an import and in the test vectors.
"""

from enum import StrEnum


class Reason(StrEnum):
    """The closed list of reasons for which `normalise` refuses."""

    NOT_TEXT = "is not text"
    EMPTY = "is empty"
    TOO_LONG = "is too long"
    UNUSABLE_CHARACTER = "has a character that cannot be used"
    UNKNOWN_FIELD = "has a field that is not known"
    MISSING_FIELD = "is missing"
    CONFLICTING_FIELDS = "contradicts another field"
    UNKNOWN_COUNTRY = "is not a country code (ISO 3166)"
    COUNTRY_NEEDED = "needs a country"
    AMBIGUOUS = "can be read in more than one way"
    SEVERAL_VALUES = "has more than one value"
    NO_NUMBER = "has no number in it"
    LETTERS_IN_NUMBER = "has letters inside the number"
    NOT_A_NUMBER_IN_USE = "is not a number of any numbering plan"
    NOT_AN_ADDRESS = "is not an e-mail address"
    UNKNOWN_PLATFORM = "is not a known platform"
    NO_PLATFORM = "needs a platform"
    IS_A_PHONE = "is a phone number, not a handle"
    NOT_A_HANDLE = "is not a handle of this platform"
    NOT_A_PROFILE_LINK = "is not a link to a profile"
    PARTIAL = "is only a part of a value"
    NOT_A_PLATE = "is not a number plate"
    NOT_A_VIN = "is not a vehicle identification number"
    CHECK_DIGIT = "has a wrong check digit"
    NO_NAME = "has no name in it"
    NOT_A_REGISTER_NUMBER = "is not a register or licence number"
    NOT_A_LINK = "is not a web address"
    IS_A_PROFILE = "is a profile: give it as a handle"
    IS_A_PHONE_LINK = "is a link to a phone: give it as a phone"
    NOT_AN_ACCOUNT = "is not a bank account"
    NO_BANK = "needs a bank"
    UNKNOWN_CHAIN = "is not a known chain"
    NO_CHAIN = "needs a chain"
    NOT_A_WALLET = "is not an address of this chain"
    CHECKSUM = "has a wrong checksum"
    UNKNOWN_ISSUER = "is not an issuer's code (ISO 3166, ICAO 9303)"
    UNKNOWN_DOCUMENT = "is not a known type of document"
    NOT_A_DOCUMENT = "is not a document's number with issuer and type"
    NOT_AN_MRZ = "is not a machine-readable zone"
    NOT_A_PLACE = "is not a place"
    TOO_COARSE = "is too coarse to be a place"
    ADDRESS_NEEDED = "needs street, city or postcode, and country"
    NOT_A_DEVICE = "is not the number of a device or card"
