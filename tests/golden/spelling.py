# SPDX-License-Identifier: Apache-2.0
"""What an object of the library says, as JSON: how golden files state what bytes mean."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

__all__ = ["spell"]


def spell(value: Any) -> Any:
    """Spell a value.

    A field at its default is left out, so that what an older release stated stays true of an
    object to which a later one has added a field.

    Args:
        value: Dataclasses, enums, bytes, times, errors, and collections of such.

    Returns:
        What `json` can write.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Exception):
        return f"{type(value).__name__}: {value}"
    if dataclasses.is_dataclass(value):
        return {
            field.name: spell(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not _at_default(field, getattr(value, field.name))
        }
    if isinstance(value, Mapping):
        return {_key(key): spell(one) for key, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(spell(one) for one in value)
    if isinstance(value, list | tuple):
        return [spell(one) for one in value]
    return {name: spell(one) for name, one in vars(value).items()}


def _at_default(field: "dataclasses.Field[Any]", value: Any) -> bool:
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return bool(field.default is not dataclasses.MISSING and value == field.default)


def _key(key: object) -> Any:
    """Spell what an entry is found by; JSON has only text for it."""
    return "/".join(map(_key, key)) if isinstance(key, tuple) else spell(key)
