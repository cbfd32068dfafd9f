# SPDX-License-Identifier: Apache-2.0
"""The platforms that a HANDLE can be on: their names, hosts, and rules for a handle.

A platform that is not listed has no normal form: without its rules two spellings of one
account would silently fail to match, and two accounts might be taken for one.
"""

import re
from dataclasses import dataclass
from typing import Final

# The profile's handle is the first part of the path unless a pattern says otherwise.
_FIRST_PART: Final = r"/@?(?P<handle>[^/@]+)"


@dataclass(frozen=True, slots=True)
class Platform:
    """One social network or messenger."""

    name: str
    """Its name in normal forms."""
    handle: str
    """Regular expression of a handle, without `@`, after the case rule."""
    aliases: tuple[str, ...] = ()
    """Other names, as people write them."""
    hosts: tuple[str, ...] = ()
    """Hosts of profile links; subdomains count as well."""
    paths: tuple[str, ...] = (_FIRST_PART,)
    """Regular expressions of profile paths with a group `handle`."""
    reserved: frozenset[str] = frozenset()
    """First parts of a path that are not a handle, in lower case."""
    drop: str = ""
    """Characters that the platform ignores in a handle."""
    keep_case: str | None = None
    """Regular expression of ids whose case counts; every other handle is in lower case."""
    parameter: str | None = None
    """Query parameter that names the account instead of the path."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INSTAGRAM_RESERVED: Final = _words(
    "p reel reels explore stories tv accounts direct about legal developer share s"
)
_FACEBOOK_RESERVED: Final = _words(
    "groups pages people events watch marketplace sharer share photo photos story login help"
    " reel reels hashtag gaming public search messages permalink posts videos media"
)
_X_RESERVED: Final = _words(
    "i intent home search share hashtag explore settings messages notifications login tos"
)

_PLATFORMS: Final = (
    Platform(
        "instagram",
        r"(?!.*\.\.)[a-z0-9_](?:[a-z0-9_.]{0,28}[a-z0-9_])?",
        aliases=("ig", "insta"),
        hosts=("instagram.com", "instagr.am"),
        paths=(r"/stories/(?P<handle>[^/]+)(?:/.*)?", r"/_u/(?P<handle>[^/]+)", _FIRST_PART),
        reserved=_INSTAGRAM_RESERVED,
    ),
    Platform(
        "threads",
        r"(?!.*\.\.)[a-z0-9_](?:[a-z0-9_.]{0,28}[a-z0-9_])?",
        hosts=("threads.net", "threads.com"),
        paths=(r"/@(?P<handle>[^/]+)(?:/.*)?",),
    ),
    Platform(
        "facebook",
        r"[a-z0-9]{5,50}",
        aliases=("fb", "face"),
        hosts=("facebook.com", "fb.com", "fb.me", "m.me"),
        paths=(
            r"/(?:people|pages)/[^/]+/(?P<handle>[0-9]+)",
            r"/(?!.*\.php$)(?P<handle>[^/]+)(?:/(?:about|photos|posts|videos|friends)(?:/.*)?)?",
        ),
        reserved=_FACEBOOK_RESERVED,
        drop=".",
        parameter="id",
    ),
    Platform(
        "tiktok",
        r"[a-z0-9_.]{1,23}[a-z0-9_]",
        aliases=("tt", "tik tok"),
        hosts=("tiktok.com",),
        paths=(r"/@(?P<handle>[^/]+)(?:/.*)?",),
    ),
    Platform(
        "x",
        r"[a-z0-9_]{1,15}",
        aliases=("twitter", "x twitter"),
        hosts=("x.com", "twitter.com"),
        paths=(r"/@?(?P<handle>[^/@]+)(?:/status/[0-9]+(?:/.*)?|/(?:with_replies|media|likes))?",),
        reserved=_X_RESERVED,
    ),
    Platform(
        "telegram",
        r"[a-z][a-z0-9_]{3,31}",
        aliases=("tg", "tgram"),
        hosts=("t.me", "telegram.me", "telegram.dog"),
        paths=(r"/s/(?P<handle>[^/]+)(?:/[0-9]+)?", r"/(?P<handle>[^/+]+)(?:/[0-9]+)?"),
        reserved=frozenset({"joinchat", "addstickers", "share", "proxy", "c", "s", "iv"}),
    ),
    Platform(
        "snapchat",
        r"[a-z][a-z0-9_.-]{1,13}[a-z0-9]",
        aliases=("snap", "sc"),
        hosts=("snapchat.com",),
        paths=(r"/add/(?P<handle>[^/]+)", r"/@(?P<handle>[^/]+)"),
    ),
    Platform(
        "youtube",
        r"UC[A-Za-z0-9_-]{22}|[\w.·-]{3,30}",
        aliases=("yt", "you tube"),
        hosts=("youtube.com",),
        paths=(r"/channel/(?P<handle>UC[^/]+)(?:/.*)?", r"/@(?P<handle>[^/]+)(?:/.*)?"),
        keep_case=r"UC[A-Za-z0-9_-]{22}",
    ),
    Platform(
        "linkedin",
        r"[\w%-]{3,100}",
        aliases=("li",),
        hosts=("linkedin.com",),
        paths=(r"/in/(?P<handle>[^/]+)(?:/.*)?",),
    ),
    Platform(
        "vk",
        r"[a-z0-9_.]{2,32}",
        aliases=("vkontakte", "vk com"),
        hosts=("vk.com", "vk.ru", "vkontakte.ru"),
        reserved=frozenset({"feed", "im", "away", "wall", "search", "login"}),
    ),
    Platform(
        "reddit",
        r"[a-z0-9_-]{3,20}",
        hosts=("reddit.com",),
        paths=(r"/(?:user|u)/(?P<handle>[^/]+)(?:/.*)?",),
    ),
    Platform(
        "twitch",
        r"[a-z0-9_]{3,25}",
        hosts=("twitch.tv",),
        reserved=frozenset({"directory", "downloads", "videos", "settings", "search"}),
    ),
    Platform(
        "onlyfans",
        r"[a-z0-9_.-]{3,32}",
        aliases=("only fans",),
        hosts=("onlyfans.com",),
        reserved=frozenset({"my", "help", "terms", "privacy"}),
    ),
    Platform(
        "weibo",
        r"[a-z0-9_-]{4,20}",
        aliases=("sina weibo",),
        hosts=("weibo.com", "weibo.cn"),
        paths=(r"/u/(?P<handle>[0-9]+)", _FIRST_PART),
        reserved=frozenset({"u", "tv", "p", "login"}),
    ),
    Platform("discord", r"(?!.*\.\.)[a-z0-9_.]{2,32}"),
    Platform("kakaotalk", r"[a-z0-9_.-]{4,20}", aliases=("kakao", "kakao talk")),
    Platform("line", r"[a-z0-9_.-]{3,20}", aliases=("line id",)),
    Platform("signal", r"[a-z_][a-z0-9_]{2,31}\.[0-9]{2,10}"),
    Platform("skype", r"live:[a-z0-9_.,-]{1,63}|[a-z][a-z0-9_.,-]{5,31}"),
    Platform("wechat", r"[a-z_][a-z0-9_-]{5,19}", aliases=("weixin", "wx")),
)

PHONE_PLATFORMS: Final = frozenset({"whatsapp", "wa", "wapp", "wsp", "viber", "imo", "zalo"})
"""Messengers whose account is a phone number."""
PHONE_HOSTS: Final = ("wa.me", "whatsapp.com", "viber.com")
"""Hosts of links to such accounts."""

_BY_NAME: Final = {name: p for p in _PLATFORMS for name in (p.name, *p.aliases)}
_BY_HOST: Final = {host: p for p in _PLATFORMS for host in p.hosts}


def find_platform(words: tuple[str, ...]) -> Platform | None:
    """Return the platform of a name or alias.

    Args:
        words: The folded words of a name.

    Returns:
        The platform, or None if it is not listed.
    """
    return _BY_NAME.get(" ".join(words))


def find_host(host: str) -> Platform | None:
    """Return the platform whose profile links are on a host.

    Args:
        host: A host in lower case.

    Returns:
        The platform, or None if it is not listed.
    """
    labels = host.split(".")
    for start in range(len(labels) - 1):
        platform = _BY_HOST.get(".".join(labels[start:]))
        if platform is not None:
            return platform
    return None


def handle_in_path(platform: Platform, path: str) -> str | None:
    """Return the handle that a path names.

    Args:
        platform: The platform that the link is on.
        path: The path of the link, decoded, without a slash at the end.

    Returns:
        The handle as written, or None if this is not the path of a profile.
    """
    for pattern in platform.paths:
        found = re.fullmatch(pattern, path)
        if found and found["handle"].lower() not in platform.reserved:
            return found["handle"]
    return None
