# SPDX-License-Identifier: Apache-2.0
"""A node's database: SQLite by default, PostgreSQL by URL.

``store``        `Store`: create, open, read and write transactions
``transaction``  `Tx`: the repositories of one transaction, one file each
``records``      what they hand out
``atrest``       `AtRest`: the ciphers under the root key
``engine``       connections; ``fairlock`` the queue of writers
``registry``     base of the tables; ``tables_*`` the tables by topic
``migrate``      schema versions; ``migrations/`` the steps between them

The database is the only shared state of a node's processes. Whoever steals it without the
keystore learns kinds, subjects, counts, times, member ids and key ids, and no content.
"""

from federation.storage.agreements import StoredAgreement, StoredPairSecret
from federation.storage.atrest import AtRest
from federation.storage.audit import Entry, Named
from federation.storage.audit_tree import LogSpan, SqlLogStore
from federation.storage.ceremonies import StoredCeremony
from federation.storage.charters import StoredCharter, StoredConflict
from federation.storage.checkpoints import StoredCheckpoint
from federation.storage.consents import StoredConsent
from federation.storage.disclosures import Direction, DisclosureStatus, StoredDisclosure
from federation.storage.grants import StoredGrant
from federation.storage.imports import (
    UNDO_DAYS,
    ImportCounts,
    ImportStatus,
    StoredImport,
    UndoStep,
)
from federation.storage.letters import IncomingLetter, LetterStatus, OutgoingLetter
from federation.storage.quota import StoredCharge
from federation.storage.records import (
    CaseCounts,
    CasePut,
    Decision,
    NotTokenised,
    ObservationStatus,
    PendingObservation,
    PutOutcome,
    Rescreened,
    Screenable,
    StatusChange,
    StoredCase,
    StoredObservation,
)
from federation.storage.referrals import ReferralSide, ReferralStatus, StoredReferral
from federation.storage.retractions import Owed
from federation.storage.shares import StoredShare
from federation.storage.staff import Refusals
from federation.storage.store import Store
from federation.storage.tokens import TokenUse
from federation.storage.transaction import Tx
from federation.storage.verdicts import GROUNDS, Ground, Judged, StoredVerdict, Verdict
from federation.storage.witnessed import Evidence, Witnessed

__all__ = [
    "GROUNDS",
    "UNDO_DAYS",
    "AtRest",
    "CaseCounts",
    "CasePut",
    "Decision",
    "Direction",
    "DisclosureStatus",
    "Entry",
    "Evidence",
    "Ground",
    "ImportCounts",
    "ImportStatus",
    "IncomingLetter",
    "Judged",
    "LetterStatus",
    "LogSpan",
    "Named",
    "NotTokenised",
    "ObservationStatus",
    "OutgoingLetter",
    "Owed",
    "PendingObservation",
    "PutOutcome",
    "ReferralSide",
    "ReferralStatus",
    "Refusals",
    "Rescreened",
    "Screenable",
    "SqlLogStore",
    "StatusChange",
    "Store",
    "StoredAgreement",
    "StoredCase",
    "StoredCeremony",
    "StoredCharge",
    "StoredCharter",
    "StoredCheckpoint",
    "StoredConflict",
    "StoredConsent",
    "StoredDisclosure",
    "StoredGrant",
    "StoredImport",
    "StoredObservation",
    "StoredPairSecret",
    "StoredReferral",
    "StoredShare",
    "StoredVerdict",
    "TokenUse",
    "Tx",
    "UndoStep",
    "Verdict",
    "Witnessed",
]
