# SPDX-License-Identifier: Apache-2.0
"""Signed letters from one member to another: everything that people ask and answer.

A letter is a document that its sender signs, fills up to one of a few sizes and seals to
its recipient. It does not matter by which way it travels, how often it comes, or when: the
recipient takes it once and signs a receipt.

- `letter`: what every letter says, and the receipt
- `envelope`: signing, padding, sealing and opening
- `retraction`: matches that the sender does not stand by any more
"""

from federation.letters.envelope import (
    SIZES,
    open_letter,
    open_receipt,
    seal_letter,
    sign_letter,
)
from federation.letters.letter import Letter, Receipt, make_receipt
from federation.letters.retraction import MOST_RETRACTED, RETRACTION_LIFETIME, Retraction

__all__ = [
    "MOST_RETRACTED",
    "RETRACTION_LIFETIME",
    "SIZES",
    "Letter",
    "Receipt",
    "Retraction",
    "make_receipt",
    "open_letter",
    "open_receipt",
    "seal_letter",
    "sign_letter",
]
