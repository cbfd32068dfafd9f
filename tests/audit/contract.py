# SPDX-License-Identifier: Apache-2.0
"""What every `LogStore` must do; each implementation runs these tests."""

import pytest

from federation.audit import Checkpoint, Event, Log, LogStore, Origin
from federation.audit.inspect import inspect_log
from federation.crypto import merkle
from federation.errors import VerifyError
from tests.audit.support import FEDERATION, entry

ORIGIN = Origin(FEDERATION, "hope", 1)


class LogStoreContract:
    """Inherited by the tests of each implementation, which give `store`."""

    def test_an_empty_log(self, store: LogStore) -> None:
        """It has no entry and the root of nothing."""
        assert 0 == store.tree().size
        assert merkle.EMPTY_ROOT == Log(store).root(0)

    def test_entries_stay_as_they_are(self, store: LogStore) -> None:
        """What is appended in parts is read in one, in order, after the first record."""
        log = Log(store)
        firsts = [log.append([entry(number), entry(100 + number)]) for number in range(20)]
        leaves = store.leaves(0, 41)

        assert [1 + 2 * number for number in range(20)] == firsts
        assert Event.LOG_BEGUN.value.encode() in leaves[0]
        assert [entry(0).to_bytes(), entry(100).to_bytes()] == leaves[1:3]
        assert leaves[7:19] == store.leaves(7, 19)
        assert list(map(merkle.leaf_hash, leaves)) == store.hashes(0, 0, 41)

    def test_every_proof_of_every_size(self, store: LogStore) -> None:
        """Inclusion and consistency hold at every size that the log had."""
        log = Log(store)
        for number in range(36):
            log.append([entry(number)])
        hashes = store.hashes(0, 0, 37)
        roots = [log.root(size) for size in range(38)]

        assert store.tree().root() == roots[37]
        for size in range(1, 38):
            merkle.verify_inclusion(
                hashes[size // 2],
                size // 2,
                size,
                roots[size],
                log.proof(size // 2, size // 2 + 1, size),
            )
            merkle.verify_consistency(size, 37, roots[size], roots[37], log.consistency(size, 37))

    def test_what_is_not_there_is_said(self, store: LogStore) -> None:
        """Neither an entry nor a hash is made up."""
        Log(store).append([entry(1)])
        with pytest.raises(VerifyError, match="is missing"):
            store.leaves(0, 3)
        with pytest.raises(VerifyError):
            store.hashes(0, 1, 3)
        with pytest.raises(VerifyError):
            store.hashes(1, 0, 2)

    def test_a_log_passes_its_inspection(self, store: LogStore) -> None:
        """At any size, against all of its checkpoints."""
        log = Log(store)
        sizes = []
        for number in range(1, 30):
            log.append([entry(number), entry(50 + number), entry(100 + number)])
            sizes.append(store.tree().size)
        checkpoints = [Checkpoint(ORIGIN, size, log.root(size)) for size in sizes]
        seen: list[int] = []

        assert 88 == inspect_log(store, checkpoints, progress=seen.append)
        assert [88] == seen

    def test_a_log_that_was_cut_off_does_not(self, store: LogStore) -> None:
        """A checkpoint over more entries than there are is proof of what is missing."""
        log = Log(store)
        log.append([entry(1), entry(2)])
        with pytest.raises(VerifyError, match="from 3 to 4 were cut off"):
            inspect_log(store, [Checkpoint(ORIGIN, 5, bytes(32))])

    def test_a_log_of_another_history_does_not(self, store: LogStore) -> None:
        """A root that does not fit says between which entries to look."""
        log = Log(store)
        log.append([entry(number) for number in range(1, 20)])
        good = Checkpoint(ORIGIN, 8, log.root(8))
        bad = Checkpoint(ORIGIN, 16, log.root(15))
        with pytest.raises(VerifyError, match="from 8 to 15"):
            inspect_log(store, [bad, good])
