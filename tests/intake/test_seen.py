# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from federation_node.intake.seen import SeenIds


@given(ids=st.lists(st.text(max_size=3), max_size=60))
def test_every_id_is_known_by_its_first_row(ids: list[str]) -> None:
    """Whatever comes again names the row in which it stood first."""
    seen = SeenIds()
    first: dict[str, int] = {}

    for row, one in enumerate(ids, start=1):
        assert first.get(one) == seen.row_of(one, row)
        first.setdefault(one, row)


def test_many_ids_stay_apart() -> None:
    """The table grows with its rows, and forgets none."""
    seen = SeenIds()

    assert all(seen.row_of(f"H-{row}", row) is None for row in range(1, 20_000))
    assert all(seen.row_of(f"H-{row}", 30_000) == row for row in range(1, 20_000))


def test_ids_of_one_slot_stay_apart() -> None:
    """Ids whose hashes fall into one place are told apart by the rest of the hash."""
    ids = [text for text in map(str, range(400_000)) if hash(text) % 1_024 == 1_023]
    seen = SeenIds()

    assert len(ids) > 100
    assert all(seen.row_of(one, row) is None for row, one in enumerate(ids, start=1))
    assert all(seen.row_of(one, 0) == row for row, one in enumerate(ids, start=1))
