# SPDX-License-Identifier: Apache-2.0
"""Sites whose adverts have a number of their own, which outlives the rest of the link.

One advert is reached by links with its title, its category or its city in front. A site that
is not listed keeps its link. Sites that number by country have one entry for each host, so
that two adverts are never taken for one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AdvertSite:
    """One site with numbered adverts."""

    name: str
    """Its name in normal forms; `{host}` where each of its hosts numbers by itself."""
    hosts: tuple[str, ...]
    """Hosts of its links; subdomains count as well."""
    paths: tuple[str, ...] = ()
    """Regular expressions of an advert's path, decoded, with a group `id`."""
    parameter: str | None = None
    """Query parameter that holds the number."""
    id: str = r"[0-9]{5,20}"
    """Regular expression of a number."""


_LOCANTO: Final = "com com.mx com.co com.br de co.uk es in ph co.za"

_SITES: Final = (
    AdvertSite(
        "craigslist",
        ("craigslist.org", "craigslist.ca", "craigslist.com.mx"),
        (r"/(?:[^/]+/)*(?P<id>[^/]+)\.html",),
    ),
    AdvertSite(
        "facebook-marketplace",
        ("facebook.com",),
        (r"/marketplace/(?:[^/]+/)?item/(?P<id>[^/]+)",),
    ),
    AdvertSite(
        "{host}",
        ("olx.pl", "olx.ro", "olx.ua", "olx.bg", "olx.pt", "olx.kz", "olx.uz"),
        (r"/(?:[^/]+/)*[^/]+-ID(?P<id>[^/.-]+)(?:\.html)?",),
        id=r"[0-9A-Za-z]{4,12}",
    ),
    AdvertSite("{host}", ("olx.com.br",), (r"/(?:[^/]+/)*[^/]+-(?P<id>[0-9]+)",)),
    AdvertSite(
        "{host}",
        tuple(f"locanto.{domain}" for domain in _LOCANTO.split()),
        (r"/(?:[^/]+/)*ID_(?P<id>[0-9]+)(?:/[^/]*)?",),
    ),
    AdvertSite("gumtree.com", ("gumtree.com",), (r"/p/(?:[^/]+/)*(?P<id>[0-9]+)",)),
    AdvertSite("gumtree.com.au", ("gumtree.com.au",), (r"/s-ad/(?:[^/]+/)*(?P<id>[0-9]+)",)),
    AdvertSite(
        "kleinanzeigen",
        ("kleinanzeigen.de", "ebay-kleinanzeigen.de"),
        (r"/s-anzeige/(?:[^/]+/)?(?P<id>[0-9]+)(?:-[0-9]+){0,2}",),
    ),
    AdvertSite("avito", ("avito.ru",), (r"/(?:[^/]+/)*[^/]+_(?P<id>[0-9]+)",)),
    AdvertSite(
        "skipthegames", ("skipthegames.com",), (r"/posts/(?:[^/]+/)*(?:[^/]+-)?(?P<id>[0-9]+)",)
    ),
    AdvertSite("leolist", ("leolist.cc",), (r"/personals/(?:[^/]+/)*[^/]+-(?P<id>[0-9]+)",)),
    AdvertSite("linkedin-jobs", ("linkedin.com",), (r"/jobs/view/(?:[^/]+-)?(?P<id>[0-9]+)",)),
    AdvertSite("indeed", ("indeed.com",), parameter="jk", id=r"[0-9a-f]{16}"),
    AdvertSite(
        "computrabajo",
        ("computrabajo.com",),
        (r"/ofertas-de-trabajo/(?:[^/]+-)?(?P<id>[0-9A-Fa-f]{32})",),
        id=r"[0-9A-Fa-f]{32}",
    ),
)

_BY_HOST: Final = {host: site for site in _SITES for host in site.hosts}
_BY_NAME: Final = {site.name.format(host=host): site for site in _SITES for host in site.hosts}


def find_advert(host: str, path: str, query: Mapping[str, str]) -> tuple[str, str] | None:
    """Return site and number of the advert that a link leads to.

    Args:
        host: The host in lower case.
        path: The path, decoded.
        query: The query's parameters, decoded.

    Returns:
        Name of the site and number of the advert, or None if the site is not listed or this
        is not a link to an advert.
    """
    labels = host.split(".")
    known = (".".join(labels[start:]) for start in range(len(labels) - 1))
    listed = next((name for name in known if name in _BY_HOST), None)
    if listed is None:
        return None
    site = _BY_HOST[listed]
    candidates = [query.get(site.parameter)] if site.parameter else []
    candidates += [m["id"] for p in site.paths if (m := re.fullmatch(p, path))]
    for number in candidates:
        if number is not None and re.fullmatch(site.id, number):
            return site.name.format(host=listed), _spelled(site, number)
    return None


def known_advert(name: str, number: str) -> tuple[str, str] | None:
    """Return site and number if the parts of a normal form are of a listed site.

    Args:
        name: The name of a site, as normal forms spell it.
        number: The number of an advert.

    Returns:
        Both, or None.
    """
    site = _BY_NAME.get(name)
    if site is None or not re.fullmatch(site.id, number):
        return None
    return name, _spelled(site, number)


def _spelled(site: AdvertSite, number: str) -> str:
    """Return a number in one spelling: OLX tells cases apart, hexadecimal numbers do not."""
    return number.lower() if site.name == "computrabajo" else number
