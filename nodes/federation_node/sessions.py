# SPDX-License-Identifier: Apache-2.0
"""Who is signed in on the command line: one token file for each account, in the home.

The token alone opens nothing: whoever uses it must also open the node with its passphrase.
"""

import re
from pathlib import Path
from typing import Final

from federation_node.files import read_limited, write_private
from federation_node.home import Home

__all__ = ["drop", "keep", "kept"]

_NAME: Final = re.compile(r"staff-([0-9a-f]{16})\.session")
_PRIVATE: Final = 0o700
_LIMIT: Final = 256


def keep(home: Home, account: bytes, token: str) -> None:
    """Write a token into the home, mode 0600.

    Args:
        home: the node's directory.
        account: whose; an older one of the same account is replaced.
        token: of the session.
    """
    home.run.mkdir(mode=_PRIVATE, exist_ok=True)
    write_private(_file(home, account), token.encode() + b"\n")


def kept(home: Home) -> dict[bytes, str]:
    """Return the tokens in the home, by account.

    Args:
        home: the node's directory; `Home.check` has refused one that others can read.
    """
    if not home.run.is_dir():
        return {}
    return {
        bytes.fromhex(found[1]): read_limited(path, _LIMIT).decode("ascii", "replace").strip()
        for path in sorted(home.run.iterdir())
        if (found := _NAME.fullmatch(path.name)) is not None
    }


def drop(home: Home, account: bytes) -> None:
    """Remove the token of an account, if there is one.

    Args:
        home: the node's directory.
        account: whose.
    """
    _file(home, account).unlink(missing_ok=True)


def _file(home: Home, account: bytes) -> Path:
    return home.run / f"staff-{account.hex()}.session"
