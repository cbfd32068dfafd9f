# SPDX-License-Identifier: Apache-2.0
"""One transaction and the repositories that work in it."""

from sqlmodel import Session

from federation.storage.agreements import AgreementsRepository
from federation.storage.atrest import AtRest
from federation.storage.audit import AuditRepository
from federation.storage.cases import CasesRepository
from federation.storage.ceremonies import CeremoniesRepository
from federation.storage.changes import ChangesRepository
from federation.storage.charters import ChartersRepository
from federation.storage.checkpoints import CheckpointsRepository
from federation.storage.consents import ConsentsRepository
from federation.storage.decisions import DecisionsRepository
from federation.storage.disclosures import DisclosuresRepository
from federation.storage.exchange import ExchangeRepository
from federation.storage.grants import GrantsRepository
from federation.storage.heads import HeadCache
from federation.storage.imports import ImportsRepository
from federation.storage.leases import LeasesRepository
from federation.storage.letters import LettersRepository
from federation.storage.matches import MatchRepository
from federation.storage.nonces import NoncesRepository
from federation.storage.quota import QuotaRepository
from federation.storage.referrals import ReferralsRepository
from federation.storage.retractions import RetractionsRepository
from federation.storage.screening import ScreeningRepository
from federation.storage.settings import SettingsRepository
from federation.storage.shares import SharesRepository
from federation.storage.staff import StaffRepository
from federation.storage.staff_sessions import StaffSessionsRepository
from federation.storage.threads import ThreadsRepository
from federation.storage.tokens import TokensRepository
from federation.storage.verdicts import VerdictsRepository
from federation.storage.weaving import WeavingRepository
from federation.storage.witnessed import WitnessedRepository


class Tx:
    """A transaction: everything in it happens, or nothing does.

    Never keep one open while another node is asked something.
    """

    __slots__ = (
        "agreements",
        "audit",
        "cases",
        "ceremonies",
        "changes",
        "charters",
        "checkpoints",
        "consents",
        "decisions",
        "disclosures",
        "exchange",
        "grants",
        "imports",
        "leases",
        "letters",
        "matches",
        "nonces",
        "quota",
        "referrals",
        "retractions",
        "screening",
        "settings",
        "shares",
        "staff",
        "staff_sessions",
        "threads",
        "tokens",
        "verdicts",
        "weaving",
        "witnessed",
    )

    def __init__(self, session: Session, at_rest: AtRest, heads: HeadCache) -> None:
        self.settings = SettingsRepository(session, at_rest)
        self.charters = ChartersRepository(session)
        self.ceremonies = CeremoniesRepository(session, at_rest)
        self.shares = SharesRepository(session, at_rest)
        self.quota = QuotaRepository(session)
        self.grants = GrantsRepository(session)
        self.nonces = NoncesRepository(session)
        self.leases = LeasesRepository(session)
        self.cases = CasesRepository(session, at_rest)
        self.consents = ConsentsRepository(session, at_rest)
        self.decisions = DecisionsRepository(session, self.settings)
        self.screening = ScreeningRepository(session, at_rest, self.decisions)
        self.imports = ImportsRepository(session, at_rest)
        self.tokens = TokensRepository(session, at_rest, heads)
        self.agreements = AgreementsRepository(session, at_rest)
        self.exchange = ExchangeRepository(session, at_rest)
        self.matches = MatchRepository(session)
        self.retractions = RetractionsRepository(session, at_rest)
        self.verdicts = VerdictsRepository(session, at_rest)
        self.disclosures = DisclosuresRepository(session, at_rest)
        self.referrals = ReferralsRepository(session, at_rest)
        self.changes = ChangesRepository(session)
        self.letters = LettersRepository(session, at_rest)
        self.staff = StaffRepository(session, at_rest)
        self.staff_sessions = StaffSessionsRepository(session, at_rest)
        self.audit = AuditRepository(session, at_rest)
        self.checkpoints = CheckpointsRepository(session)
        self.witnessed = WitnessedRepository(session)
        self.threads = ThreadsRepository(session, at_rest)
        self.weaving = WeavingRepository(session, at_rest)
