# SPDX-License-Identifier: Apache-2.0
"""HANDLE: `platform:handle`, with the platform's own rules for what a handle is."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, unquote

from federation.errors import NormalisationError
from federation.indicators.fold import fold
from federation.indicators.kinds import Kind
from federation.indicators.platforms import (
    PHONE_HOSTS,
    PHONE_PLATFORMS,
    Platform,
    find_host,
    find_platform,
    handle_in_path,
)
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"platform", "handle"})

_LINK: Final = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})"
    r"(?::[0-9]+)?(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE,
)
# The platform, then a colon, slash, dash or @, then the handle.
_NAMED_FIRST: Final = re.compile(r"(?P<platform>[^:@/]+?)\s*(?:[:/]\s?|\s-\s|(?=@))(?P<handle>.+)")
_NAMED_LAST: Final = re.compile(
    r"(?P<handle>@?[^\s@()]+)\s(?:\((?P<in_brackets>[^()]+)\)|(?:on|en|auf)\s(?P<named>[^:@]+))",
    re.IGNORECASE,
)
_SKYPE_URI: Final = re.compile(r"(?P<handle>[^?]+)\?(?:chat|call|add|userinfo).*")
_NUMERIC_ID: Final = re.compile(r"[0-9]{5,50}")


def normalise_handle(raw: str | Mapping[str, str], region: str | None) -> str:  # noqa: ARG001
    """Return the account as `platform:handle`.

    Args:
        raw: A link to a profile, "platform: @name", "@name (platform)", or a mapping with the
            fields `platform` and `handle` (a link to that platform is a handle as well).
        region: Not used: platforms know no regions.

    Returns:
        The platform's name, a colon, and the handle by the platform's rules.

    Raises:
        NormalisationError: The platform is missing, unknown or a phone messenger, or this is
            not a handle on it.
    """
    if isinstance(raw, Mapping):
        given = fields(Kind.HANDLE, raw, _FIELDS)
        if "handle" not in given:
            raise NormalisationError(Kind.HANDLE, "handle", Reason.MISSING_FIELD)
        text = given["handle"]
        named = _platform(given["platform"]) if "platform" in given else None
        linked = _from_link("handle", text)
        platform, handle = linked or (named, text)
        if platform is None:
            raise NormalisationError(Kind.HANDLE, "platform", Reason.NO_PLATFORM)
        if named not in {None, platform}:
            raise NormalisationError(Kind.HANDLE, "handle", Reason.CONFLICTING_FIELDS)
        return _normal_form("handle", platform, handle)
    text = clean(Kind.HANDLE, "value", raw)
    return _normal_form("value", *(_from_link("value", text) or _from_text(text)))


def _from_link(field: str, text: str) -> tuple[Platform, str] | None:
    """Return platform and handle of a profile link, or None if the text is no link."""
    link = _LINK.fullmatch(text)
    if link is None:
        return None
    host = link["host"].lower()
    if any(host == known or host.endswith("." + known) for known in PHONE_HOSTS):
        raise NormalisationError(Kind.HANDLE, field, Reason.IS_A_PHONE)
    platform = find_host(host)
    if platform is None:
        if link["scheme"] is None and link["path"] is None:
            return None  # a handle with a dot in it
        raise NormalisationError(Kind.HANDLE, field, Reason.UNKNOWN_PLATFORM)
    path = clean(Kind.HANDLE, field, "/" + unquote(link["path"] or "").strip("/ "))
    if platform.name == "telegram" and path.startswith("/+"):
        # +digits is a phone number; +letters is an invitation to a group.
        is_phone = path[2:].isdigit()
        reason = Reason.IS_A_PHONE if is_phone else Reason.NOT_A_PROFILE_LINK
        raise NormalisationError(Kind.HANDLE, field, reason)
    handle = None
    if platform.parameter and path in {"/profile.php", "/people.php"}:
        values = parse_qs(link["query"] or "").get(platform.parameter, [])
        handle = values[0] if len(values) == 1 and _NUMERIC_ID.fullmatch(values[0]) else None
    else:
        handle = handle_in_path(platform, path)
    if handle is None:
        raise NormalisationError(Kind.HANDLE, field, Reason.NOT_A_PROFILE_LINK)
    return platform, handle


def _from_text(text: str) -> tuple[Platform, str]:
    """Return platform and handle of a text that names both."""
    first = _NAMED_FIRST.fullmatch(text)
    if first:
        platform = _platform(first["platform"], "value")
        linked = _from_link("value", first["handle"])
        if linked is None:
            return platform, first["handle"]
        if linked[0] is not platform:
            raise NormalisationError(Kind.HANDLE, "value", Reason.CONFLICTING_FIELDS)
        return linked
    last = _NAMED_LAST.fullmatch(text)
    if last:
        return _platform(last["in_brackets"] or last["named"], "value"), last["handle"]
    words = text.split(" ")
    if len(words) == 2:  # "instagram name"
        return _platform(words[0], "value"), words[1]
    raise NormalisationError(Kind.HANDLE, "value", Reason.NO_PLATFORM)


def _platform(name: str, field: str = "platform") -> Platform:
    words = fold(name)
    if words and words[0] in PHONE_PLATFORMS:
        raise NormalisationError(Kind.HANDLE, field, Reason.IS_A_PHONE)
    platform = find_platform(words) or find_host(name.lower())
    if platform is None:
        raise NormalisationError(Kind.HANDLE, field, Reason.UNKNOWN_PLATFORM)
    return platform


def _is_host(text: str) -> bool:
    known = any(text.endswith("." + host) for host in PHONE_HOSTS)
    return known or ("." in text and find_host(text) is not None)


def _normal_form(field: str, platform: Platform, text: str) -> str:
    bare = text.strip()
    link = _SKYPE_URI.fullmatch(bare) if platform.name == "skype" else None
    bare = link["handle"] if link else bare.strip("/")
    marked = bare.startswith("@")
    handle = bare.removeprefix("@")
    if marked or not (platform.keep_case and re.fullmatch(platform.keep_case, handle)):
        for _ in range(3):
            handle = unicodedata.normalize("NFKC", handle.lower())
        for character in platform.drop:
            handle = handle.replace(character, "")
    # `maria.youtube.com` would be read as a link the next time.
    if not re.fullmatch(platform.handle, handle) or _is_host(handle):
        raise NormalisationError(Kind.HANDLE, field, Reason.NOT_A_HANDLE)
    return f"{platform.name}:{handle}"
