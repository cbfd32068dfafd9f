# SPDX-License-Identifier: Apache-2.0
"""The contract of every release is kept, and a change that its users would break on is refused."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from proto.released import HERE, IMAGES, VERSIONS, image_of, write

EXCHANGE = "federation/v1/exchange_service.proto"
LOCAL = "federation/v1/local_service.proto"


def compare(contract: Path = HERE, images: Path = IMAGES) -> "subprocess.CompletedProcess[str]":
    """Run the check of ``make check``."""
    return subprocess.run(
        [sys.executable, HERE / "released.py", "--contract", contract, "--images", images],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """A copy of the contract, to be changed."""
    copy = tmp_path / "proto"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("released", "spec", "__pycache__"))
    return copy


def change(contract: Path, name: str, old: str, new: str) -> None:
    """Replace a piece of one file."""
    path = contract / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_contract_of_every_release_is_kept(version: str) -> None:
    """The image is there, holds the services, and says nothing about where it was made."""
    raw = image_of(version).read_bytes()
    services = {
        service.name for file in FileDescriptorSet.FromString(raw).file for service in file.service
    }

    assert services >= {
        "AgreementService",
        "CeremonyService",
        "CharterService",
        "EvaluationService",
        "ExchangeService",
        "LocalService",
    }
    assert str(HERE.parent).encode() not in raw
    assert re.search(rb"https?://|file:|/home/|/tmp/|/Users/", raw) is None


def test_the_contract_breaks_no_release() -> None:
    """And the check that says so is part of ``make check``."""
    done = compare()
    (recipe,) = re.findall(
        r"(?m)^check: .*\n((?:\t.*\n)+)", (HERE.parent / "Makefile").read_text(encoding="utf-8")
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "\t$(BIN)/python proto/released.py\n" in recipe


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (EXCHANGE, "  uint32 epoch = 6;\n", "", 'field "6" with name "epoch"'),
        (EXCHANGE, "uint32 epoch = 6;", "uint64 epoch = 6;", "changed type"),
        (EXCHANGE, "uint32 epoch = 6;", "uint32 epoch = 9;", 'field "6" with name "epoch"'),
        (EXCHANGE, "uint32 epoch = 6;", "uint32 era = 6;", "epoch"),
        (LOCAL, "  // A telephone or SIM card.\n  INDICATOR_KIND_DEVICE = 11;\n", "", '"11"'),
        (LOCAL, "rpc GetStatus(GetStatusRequest)", "rpc GetState(GetStatusRequest)", "GetStatus"),
    ],
    ids=["removed", "type", "number", "name", "enum-value", "method"],
)
def test_a_change_that_breaks_users_is_refused(
    contract: Path, name: str, old: str, new: str, said: str
) -> None:
    """What a node of the release reads or writes must stay; the check names the place."""
    change(contract, name, old, new)
    done = compare(contract)

    assert done.returncode == 1
    assert Path(name).name in done.stderr
    assert said in done.stderr


def test_the_contract_may_grow(contract: Path) -> None:
    """A new field under a new number breaks nobody."""
    change(
        contract,
        EXCHANGE,
        "  uint32 epoch = 6;\n",
        "  uint32 epoch = 6;\n  // New.\n  uint32 newer = 9;\n",
    )

    assert compare(contract).returncode == 0


def test_a_missing_image_is_an_error(tmp_path: Path) -> None:
    """Nothing to compare with is not the same as nothing that differs."""
    done = compare(images=tmp_path)

    assert done.returncode == 1
    assert all(f"no image of release {version}" in done.stderr for version in VERSIONS)


def test_a_damaged_image_is_an_error(tmp_path: Path) -> None:
    """Nor is an image that cannot be read, or is empty."""
    for content in (b"", image_of(VERSIONS[0]).read_bytes()[:1000]):
        for version in VERSIONS:
            image_of(version, tmp_path).write_bytes(content)

        assert compare(images=tmp_path).returncode == 1


def test_an_image_is_the_same_wherever_it_is_made(contract: Path, tmp_path: Path) -> None:
    """The same contract gives the same bytes, in whatever folder it lies."""
    write(HERE, tmp_path / "here.binpb")
    write(contract, tmp_path / "there.binpb")

    assert (tmp_path / "here.binpb").read_bytes() == (tmp_path / "there.binpb").read_bytes()
