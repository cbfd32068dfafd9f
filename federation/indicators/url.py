# SPDX-License-Identifier: Apache-2.0
"""URL: host, path and query without what differs between links to one page (RFC 3986)."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote_to_bytes

import idna

from federation.errors import NormalisationError
from federation.indicators.adverts import find_advert, known_advert
from federation.indicators.handle import normalise_handle
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import MAX_RAW_BYTES, clean, fields

_FIELDS: Final = frozenset({"url"})

_NORMAL_ADVERT: Final = re.compile(r"ad:(?P<site>[a-z0-9.-]+):(?P<number>[0-9A-Za-z]+)")
# What is written so that nobody clicks on it by mistake.
_DEFANGED_SCHEME: Final = re.compile(
    r"h(?:xx|tt|\*\*)p(?P<secure>s?)(?:://|\[:\]//|:\\\\)", re.IGNORECASE
)
_DEFANGED_DOT: Final = re.compile(r"\[\.\]|\(\.\)|\[dot\]|\(dot\)", re.IGNORECASE)
_WITH_SCHEME: Final = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_WITHOUT_SCHEME: Final = re.compile(r"[^\s@:/?#]+\.[^\s@:/?#]+(?::[0-9]+)?(?:[/?#]\S*)?")
_PARTS: Final = re.compile(
    r"(?:https?://)?(?P<host>[^/?#:@]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>/[^?#]*)?"
    r"(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE,
)
_AROUND: Final = ".,;:!?\"'`*()<>[]{}|«»“”„\u2018\u2019"
# The same page for a telephone, or none.
_HOST_PREFIX: Final = re.compile(r"\A(?:(?:www|m|mobile)\.)+(?=[^.]+\.)")
_LAST_LABEL: Final = re.compile(r"(?:[a-z]{2,63}|xn--[a-z0-9-]+)")
_DEFAULT_PORTS: Final = frozenset({80, 443})
_HIDDEN: Final = re.compile(r"\.\.\.|\*")

# Which link was followed, by whom and from where; never which page.
_TRACKING: Final = re.compile(
    r"utm_.*|mtm_.*|pk_.*|mc_[ce]id|_?hs(?:enc|mi|ctatracking)|[fgt]bclid|gclid|gclsrc|dclid"
    r"|g?wbraid|gbraid|ms?clkid|yclid|ttclid|twclid|li_fat_id|igsh(?:id)?|ig_rid|__cft__.*|__tn__"
    r"|__xts__.*|_rdr|mibextid|fb_action_.*|fb_ref|fb_source|fref|hc_ref|ref_src|ref_url|rdid"
    r"|share_url|_ga|_gl|_branch_match_id|vero_id|wickedid|oly_(?:anon|enc)_id|spm|scm|srsltid"
    r"|_openstat|trk|trkinfo|trackingid|lipi|si|feature|s_cid|cmpid|ncid|sfnsn|wprov"
)
# Characters that may stand at the end of a sentence are always encoded, so that a normal form
# does not lose its own last character when it is read again.
_IN_PATH: Final = "@=&+$"
_IN_QUERY: Final = "@/$"


def normalise_url(raw: str | Mapping[str, str], region: str | None) -> str:  # noqa: ARG001
    """Return the page, or the advert, that a link leads to.

    Args:
        raw: A link with or without scheme, perhaps in a sentence or made unclickable
            (`hxxps://`, `[.]`); or a mapping with the field `url`.
        region: Not used: links are the same everywhere.

    Returns:
        `ad:SITE:NUMBER` for an advert on a listed site, else `host/path?query`.

    Raises:
        NormalisationError: There is no link, more than one, only a part of one, or it leads
            to a profile or a phone, which have kinds of their own.
    """
    if isinstance(raw, Mapping):
        field = "url"
        given = fields(Kind.URL, raw, _FIELDS)
        if field not in given:
            raise NormalisationError(Kind.URL, field, Reason.MISSING_FIELD)
        text = given[field]
    else:
        field = "value"
        text = clean(Kind.URL, field, raw)
    advert = _NORMAL_ADVERT.fullmatch(text)
    if advert:
        known = known_advert(advert["site"], advert["number"])
        if known is None:
            raise NormalisationError(Kind.URL, field, Reason.NOT_A_LINK)
        return f"ad:{known[0]}:{known[1]}"
    parts = _PARTS.fullmatch(_only_link(field, text))
    if parts is None:
        raise NormalisationError(Kind.URL, field, Reason.NOT_A_LINK)
    host = _host(field, parts["host"])
    segments = _segments(field, parts["path"] or "")
    query = _query(field, parts["query"] or "")
    path = "/" + "/".join(s.decode(errors="replace") for s in segments)
    advert_id = find_advert(host, path, _readable(query))
    if advert_id is not None:
        return f"ad:{advert_id[0]}:{advert_id[1]}"
    result = _composed(field, host + _port(field, parts["port"]), segments, query)
    _refuse_profile(field, result)
    return result


def _only_link(field: str, text: str) -> str:
    """Return the one link of a text, as `http` if it has a scheme."""
    text = _DEFANGED_SCHEME.sub(r"http\g<secure>://", _DEFANGED_DOT.sub(".", text))
    found = [link[0].rstrip(_AROUND) for link in _WITH_SCHEME.finditer(text)]
    if len(found) > 1:
        raise NormalisationError(Kind.URL, field, Reason.SEVERAL_VALUES)
    if text.rstrip(_AROUND.replace(".", "")).endswith("..."):
        raise NormalisationError(Kind.URL, field, Reason.PARTIAL)
    if found:
        return found[0]
    bare = text.strip(_AROUND + " ")
    if not _WITHOUT_SCHEME.fullmatch(bare):
        raise NormalisationError(Kind.URL, field, Reason.NOT_A_LINK)
    return bare


def _host(field: str, text: str) -> str:
    if _HIDDEN.search(text):
        raise NormalisationError(Kind.URL, field, Reason.PARTIAL)
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        pass
    try:
        host = idna.encode(text, uts46=True, std3_rules=True).decode().lower().rstrip(".")
    except UnicodeError:
        # The library's message quotes the host.
        raise NormalisationError(Kind.URL, field, Reason.NOT_A_LINK) from None
    host = _HOST_PREFIX.sub("", host, count=1)
    if "." not in host or not _LAST_LABEL.fullmatch(host.rpartition(".")[2]):
        raise NormalisationError(Kind.URL, field, Reason.NOT_A_LINK)
    return host


def _port(field: str, text: str | None) -> str:
    if text is None:
        return ""
    port = int(text)
    if not 0 < port < 1 << 16:
        raise NormalisationError(Kind.URL, field, Reason.NOT_A_LINK)
    return "" if port in _DEFAULT_PORTS else f":{port}"


def _segments(field: str, path: str) -> list[bytes]:
    """Return the parts of a path, decoded, without empty ones and dots (RFC 3986, 5.2.4)."""
    kept: list[bytes] = []
    for part in path.split("/"):
        segment = _decoded(field, part)
        if segment == b"..":
            del kept[-1:]
        elif segment not in {b"", b"."}:
            kept.append(segment)
    return kept


def _query(field: str, query: str) -> list[tuple[bytes, bytes]]:
    """Return the parameters that say which page it is, decoded and in order."""
    kept = []
    for pair in query.split("&"):
        name, _, value = pair.replace("+", " ").partition("=")
        decoded = (_decoded(field, name), _decoded(field, value))
        tracks = _TRACKING.fullmatch(decoded[0].decode(errors="replace").lower())
        if decoded != (b"", b"") and not tracks:
            kept.append(decoded)
    return sorted(kept)


def _readable(query: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, value in query}


def _decoded(field: str, part: str) -> bytes:
    """Decode percent signs; text that was hidden behind them gets the spelling of other text."""
    octets = unquote_to_bytes(part)
    try:
        return clean(Kind.URL, field, octets.decode()).encode()
    except UnicodeDecodeError:
        return octets  # a site that does not write UTF-8
    except NormalisationError as error:
        if error.reason != Reason.EMPTY:
            raise
        return b""


def _refuse_profile(field: str, link: str) -> None:
    """Refuse what HANDLE and PHONE read, so that one account has one kind."""
    try:
        normalise_handle("https://" + link, None)
    except NormalisationError as error:
        if error.reason == Reason.IS_A_PHONE:
            raise NormalisationError(Kind.URL, field, Reason.IS_A_PHONE_LINK) from None
    else:
        raise NormalisationError(Kind.URL, field, Reason.IS_A_PROFILE)


def _composed(
    field: str, authority: str, segments: list[bytes], query: list[tuple[bytes, bytes]]
) -> str:
    result = "/".join([authority, *(quote(segment, safe=_IN_PATH) for segment in segments)])
    if query:
        pairs = (
            quote(name, safe=_IN_QUERY) + ("=" + quote(value, safe=_IN_QUERY) if value else "")
            for name, value in query
        )
        result += ("?" if segments else "/?") + "&".join(pairs)
    if result.endswith("."):
        result = result[:-1] + "%2E"
    if len(result) > MAX_RAW_BYTES:
        raise NormalisationError(Kind.URL, field, Reason.TOO_LONG)
    return result
