# SPDX-License-Identifier: Apache-2.0
"""The only way to libsodium: ristretto255 and its scalars, through ctypes.

PyNaCl's build leaves ristretto255 out, so the functions are bound here: once, with
their types, on addresses. The callers in `group` own the buffers and check every
length before they pass an address on; nothing else may import this module.

`ctypes.PyDLL` keeps the interpreter lock during a call. A call lasts 1 to 70
microseconds; giving the lock up and fighting for it back costs far more beside a busy
Python thread. Nothing of libsodium's ed25519 group is bound (CVE-2025-69277).
"""

import ctypes
import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from federation.errors import SodiumError

__all__ = [
    "add",
    "address",
    "from_hash",
    "is_valid_point",
    "random_element",
    "random_scalar",
    "scalar_add",
    "scalar_invert",
    "scalar_mul",
    "scalar_negate",
    "scalar_reduce",
    "scalar_sub",
    "scalarmult",
    "scalarmult_base",
    "sub",
]

_SYSTEM_NAMES = (
    "libsodium.so.26",
    "libsodium.so.23",
    "libsodium.26.dylib",
    "libsodium.23.dylib",
    "libsodium.dylib",
    "libsodium.dll",
)


def _system_library() -> ctypes.PyDLL | None:
    for name in _SYSTEM_NAMES:
        with suppress(OSError):
            library = ctypes.PyDLL(name)
            if hasattr(library, "crypto_scalarmult_ristretto255"):
                return library
    return None


def _bundled_library() -> ctypes.PyDLL:
    try:
        import rbcl  # noqa: F401 - unpacks its libsodium when imported

        path = Path(sys.modules["rbcl._sodium"].lib_path)
        library = ctypes.PyDLL(str(path))
    except (ImportError, OSError, KeyError, AttributeError) as error:
        raise SodiumError(
            "libsodium with ristretto255 was not found",
            next_step="install libsodium 1.0.18 or newer; or the package 'rbcl', which unpacks its "
            "own into the directory for temporary files: if programs may not run from there, "
            "name another with TMPDIR",
        ) from error
    # rbcl never deletes the file. An open library needs it no more, except on Windows,
    # which refuses to delete it.
    with suppress(OSError):
        path.unlink()
    return library


_library = _system_library() or _bundled_library()


def address(buffer: bytes) -> int:
    """Return where the octets lie; the caller keeps the object alive while it uses it."""
    return ctypes.cast(ctypes.c_char_p(buffer), ctypes.c_void_p).value or 0


def _bind(name: str, arguments: int, *, returns: bool = True) -> Callable[..., int]:
    try:
        function = getattr(_library, name)
    except AttributeError as error:
        raise SodiumError(f"libsodium lacks {name}: it is older than 1.0.18") from error
    function.argtypes = (ctypes.c_void_p,) * arguments
    function.restype = ctypes.c_int if returns else None
    bound: Callable[..., int] = function
    return bound


_init = _bind("sodium_init", 0)

is_valid_point = _bind("crypto_core_ristretto255_is_valid_point", 1)
add = _bind("crypto_core_ristretto255_add", 3)
sub = _bind("crypto_core_ristretto255_sub", 3)
from_hash = _bind("crypto_core_ristretto255_from_hash", 2)
random_element = _bind("crypto_core_ristretto255_random", 1, returns=False)
random_scalar = _bind("crypto_core_ristretto255_scalar_random", 1, returns=False)
scalar_invert = _bind("crypto_core_ristretto255_scalar_invert", 2)
scalar_negate = _bind("crypto_core_ristretto255_scalar_negate", 2, returns=False)
scalar_add = _bind("crypto_core_ristretto255_scalar_add", 3, returns=False)
scalar_sub = _bind("crypto_core_ristretto255_scalar_sub", 3, returns=False)
scalar_mul = _bind("crypto_core_ristretto255_scalar_mul", 3, returns=False)
scalar_reduce = _bind("crypto_core_ristretto255_scalar_reduce", 2, returns=False)
scalarmult = _bind("crypto_scalarmult_ristretto255", 3)
scalarmult_base = _bind("crypto_scalarmult_ristretto255_base", 2)

# RFC 9496, appendix A.1 (2*G) and A.3 (first hash-to-group vector).
_TWO = bytes([2]) + bytes(31)
_TWO_G = bytes.fromhex("6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919")
_LABEL = b"Ristretto is traditionally a short shot of espresso coffee"
_LABEL_ELEMENT = bytes.fromhex("3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46")


def _known_answers() -> None:
    doubled = ctypes.create_string_buffer(32)
    hashed = ctypes.create_string_buffer(32)
    scalarmult_base(doubled, _TWO)
    from_hash(hashed, hashlib.sha512(_LABEL).digest())
    if doubled.raw != _TWO_G or hashed.raw != _LABEL_ELEMENT:
        raise SodiumError("libsodium fails its known-answer test")


# 0: initialised, 1: was already, -1: failed.
if _init() < 0:
    raise SodiumError("libsodium cannot be initialised")
_known_answers()
