# SPDX-License-Identifier: Apache-2.0
"""The size of a message does not tell how many matches are in it."""

import pytest

from federation.errors import MalformedError
from federation.messages import ConfirmMatches, PutTags, TagsAnswered
from federation.v1 import exchange_service_pb2 as pb
from federation.wire.methods import METHODS, encode
from federation.wire.padding import padding


def answered(count: int) -> int:
    """Return the size of an answer."""
    reply = TagsAnswered(tuple((position, b"\x01" * 16) for position in range(count)))
    return len(METHODS[PutTags].encode_reply(reply))


def confirmed(count: int) -> int:
    """Return the size of a confirmation."""
    proofs = tuple((position, b"\x01" * 16) for position in range(count))
    return len(encode(ConfirmMatches(b"\x02" * 16, 9, proofs)))


@pytest.mark.parametrize("size", [answered, confirmed])
def test_all_counts_of_a_capacity_have_one_size(size: object) -> None:
    """From none to all of a small bucket, and so on up the ladder."""
    assert callable(size)
    small = {size(count) for count in range(65)}
    next_one = {size(count) for count in range(65, 257)}
    larger = {size(count) for count in (257, 300, 369, 370, 1000, 1023, 1024)}

    assert [1, 1, 1] == [len(small), len(next_one), len(larger)]
    assert small < {*small, *next_one, *larger}


def test_every_count_up_to_the_largest_bucket_is_padded_to_its_capacity() -> None:
    """Also where the length of the padding takes another byte."""
    cost = len(
        pb.PutTagsResponse(proofs=[pb.TagProof(position=0, proof=bytes(16))]).SerializeToString()
    )
    for low, high in ((1_025, 4_096), (4_097, 16_384), (16_385, 65_536)):
        # Steps that are coprime to the cost of a proof, and the ends.
        counts = {*range(low, high, 199), *range(high - 50, high + 1), low}
        sizes = {
            cost * count + pb.PutTagsResponse(padding=padding(count)).ByteSize() for count in counts
        }

        assert 1 == len(sizes)


def test_lengths_that_no_field_can_have_do_not_occur() -> None:
    """A length-prefixed field skips three sizes; no count needs one of them."""
    for capacity in (64, 256, 1_024, 4_096, 16_384, 65_536):
        rooms = {(capacity - count) * 25 + 8 for count in range(capacity + 1)}

        assert not rooms & {130, 16_387, 2_097_156}


def test_more_than_a_bucket_is_refused() -> None:
    """No bucket has so many tags."""
    with pytest.raises(MalformedError):
        answered(65_537)
