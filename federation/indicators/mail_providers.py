# SPDX-License-Identifier: Apache-2.0
"""What mail providers ignore in an address: dots, tags, and which of their domains it is.

Each rule is the provider's own and documented by it. A provider that is not listed has no
rule: a guess would make one mailbox of two.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class _Provider:
    domains: tuple[str, ...]
    """Domains under which the same mailbox is reached; the first stands for all."""
    ignored: str = ""
    """Characters of the local part that do not count."""
    same: tuple[str, str] | None = None
    """A character that counts as another one."""


def _apart(domains: str) -> tuple[_Provider, ...]:
    """Domains with tags, each with mailboxes of its own."""
    return tuple(_Provider((domain,)) for domain in domains.split())


_PROVIDERS: Final = (
    _Provider(("gmail.com", "googlemail.com"), ignored="."),
    _Provider(("proton.me", "protonmail.com", "pm.me", "protonmail.ch"), ignored=".-_"),
    _Provider(("icloud.com", "me.com", "mac.com")),
    _Provider(
        ("yandex.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "ya.ru", "narod.ru"),
        same=(".", "-"),
    ),
    *_apart("outlook.com hotmail.com live.com msn.com outlook.es hotmail.es outlook.de hotmail.de"),
    *_apart("outlook.fr hotmail.fr hotmail.co.uk live.co.uk live.com.mx outlook.com.br hotmail.it"),
    *_apart("fastmail.com fastmail.fm mailbox.org posteo.de posteo.net zohomail.com hey.com"),
)
_BY_DOMAIN: Final = {domain: provider for provider in _PROVIDERS for domain in provider.domains}


def mailbox(address: str) -> str | None:
    """Return the one spelling of the mailbox that an address leads to.

    Args:
        address: A normal form, `local@domain`.

    Returns:
        The address without tag and without what the provider ignores, at its first domain;
        None if the provider is not listed or nothing is left.
    """
    local, _, domain = address.rpartition("@")
    provider = _BY_DOMAIN.get(domain)
    if provider is None:
        return None
    name = local.partition("+")[0]
    for character in provider.ignored:
        name = name.replace(character, "")
    if provider.same:
        name = name.replace(*provider.same)
    return f"{name}@{provider.domains[0]}" if name else None
