# SPDX-License-Identifier: Apache-2.0
"""What sharing may be for. The list is closed."""

from enum import StrEnum

__all__ = ["Purpose"]


class Purpose(StrEnum):
    """What a comparison or a disclosure may be for. Immigration control is not here on purpose."""

    SUPPORT = "support"
    """Helping and protecting the persons who were trafficked."""
    NETWORK = "network"
    """Finding out that several organisations meet the same recruiter, business or place."""
    PREVENTION = "prevention"
    """Warning those who may be recruited next."""
    REFERRAL = "referral"
    """Handing a person over to a service, on that person's wish."""
    INVESTIGATION = "investigation"
    """A criminal investigation of trafficking, not of those who were trafficked."""

    @property
    def compared(self) -> bool:
        """Whether comparing can serve it. Nobody is compared for a referral, or for the police."""
        return self in {Purpose.SUPPORT, Purpose.NETWORK, Purpose.PREVENTION}
