# SPDX-License-Identifier: Apache-2.0
"""The few public names, the ten lines of the README, and imports that stay light."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import federation
from federation import Case, Kind, Subject
from federation.testing import Federation

README = Path(__file__).parent.parent / "README.md"


def test_the_ten_lines() -> None:
    """Two of three organisations find that they hold the same recruiter."""
    # fmt: off
    with Federation("hope", "amparo", "licht") as fed:            # 2-of-3 custodians, in memory
        fed.agree("hope", "amparo", kinds={Kind.PHONE})
        a = Case("H-17", region="MX").add(Kind.PHONE, "55 1234 5678", Subject.RECRUITER)
        b = Case("A-9", region="US").add(Kind.PHONE, "+52 (55) 1234-5678", Subject.RECRUITER)
        fed["hope"].put_cases([a]); fed["amparo"].put_cases([b])  # noqa: E702
        fed.sync()
        (match,) = fed["hope"].matches()
        assert (match.case, match.member, match.kind) == ("H-17", "amparo", Kind.PHONE)
    # fmt: on


def test_the_readme_shows_the_same_lines() -> None:
    """What the README shows first, imports included, is what this module runs."""
    block, *_ = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    tested = [line.split("  # noqa")[0].strip() for line in source]
    imports, _, lines = block.partition("\n\n")
    shown = [line.strip() for line in lines.splitlines()]
    start = tested.index(shown[0])

    assert shown == tested[start : start + len(shown)]
    assert set(imports.splitlines()) <= set(tested)


@pytest.mark.parametrize("name", federation.__all__)
def test_public_names_are_there(name: str) -> None:
    """Each name of `__all__` can be loaded, and `dir` shows it."""
    assert getattr(federation, name) is not None
    assert name in dir(federation)


def test_other_names_are_not() -> None:
    """A name that is not public is an AttributeError, as in any module."""
    with pytest.raises(AttributeError):
        _ = federation.tokens_of_everybody  # type: ignore[attr-defined]


def test_every_listed_name_exists() -> None:
    """What a module lists in `__all__` it has."""
    missing = []
    for found in pkgutil.walk_packages(federation.__path__, "federation."):
        # Generated code lists nothing, and migrations run inside Alembic only.
        if found.name.startswith(("federation.v1.", "federation.storage.migrations.")):
            continue
        module = importlib.import_module(found.name)
        names = getattr(module, "__all__", [])
        missing += [f"{found.name}.{name}" for name in names if not hasattr(module, name)]

    assert [] == missing


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("federation", {"grpc", "sqlalchemy", "pydantic", "phonenumbers", "google.protobuf"}),
        ("federation.crypto", {"grpc", "sqlalchemy", "pydantic", "phonenumbers", "logging"}),
        ("federation.matching.exchange", {"grpc", "sqlalchemy", "pydantic"}),
        ("federation.testing", {"grpc"}),
    ],
)
def test_imports_stay_light(module: str, heavy: set[str]) -> None:
    """Who uses one package does not load the database, gRPC or the phone tables with it."""
    program = f"import sys, {module}\nprint(*sorted(set({sorted(heavy)!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "" == done.stdout.strip()
