# SPDX-License-Identifier: Apache-2.0
"""Eight words that two people compare by voice, to know that their files are the same.

Each word stands for one byte, so eight words are 64 bits. They are taken from an Argon2id
hash, which costs an attacker tens of milliseconds and 16 MiB for each try.

What that buys: somebody who sits between the two sides and swaps the files must find one
that gives the same words as a file that is already fixed by the other side's fresh random
numbers: about 2^64 tries, each an Argon2id run, while the call is about to be made. Words
that agree therefore mean that both hold the same invitation and the same request, if the
voice on the telephone is the right one. Words that nobody compares mean nothing.
"""

import hashlib

from federation.crypto.encoding import LP
from federation.crypto.kdf import argon2id

__all__ = ["WORDS", "eight_words"]

_LIST = """
    acorn actor album alley amber anchor angel apple apron arena arrow artist aspen atlas
    aunt autumn badge baker bamboo banjo barrel basket beacon beaver bicycle blanket
    bottle bracelet branch bread bridge broom bucket buffalo button cabin cactus camel
    candle canoe canyon carpet carrot castle cedar cello chain chalk cherry chicken
    chimney cinema circle clock cloud clover coconut coffee collar comet copper coral
    cotton cousin cradle crater crown crystal cushion daisy dancer desert diamond dinner
    doctor dolphin dragon drawer dream drummer eagle easel elbow elephant engine envelope
    evening fabric falcon family farmer feather fence ferry fiddle finger flame flute
    forest fountain fox frost garden garlic giant giraffe glacier glove goat goose granite
    grape guitar hammer harbor harvest hazel helmet heron holiday honey horizon hotel
    hunter iceberg igloo insect island ivory jacket jaguar jelly jewel jungle kettle
    kitchen kite knight ladder lagoon lantern lemon leopard letter library lion lizard
    lobster magnet mango maple marble market meadow mirror monkey morning mosaic museum
    mushroom napkin needle nephew nickel novel oasis oatmeal ocean olive onion orange
    orchard otter oyster paddle palace panda paper parade pastry peanut pearl pebble
    pelican pencil pepper piano picnic pigeon pillow pirate planet pocket poem potato
    prairie puzzle quartz quilt rabbit radio raft rainbow raven ribbon river robin rooster
    salmon sandal scarf school shadow shepherd silver sister spider spoon squirrel stable
    statue storm sugar summer sunset sweater table teacher temple thunder ticket tiger
    timber tomato tractor trumpet tulip tunnel turtle umbrella uncle valley vanilla velvet
    village violin volcano wagon walnut whale whistle window winter yogurt zebra zipper
"""

WORDS = tuple(_LIST.split())
"""Plain nouns, no two of them alike in sound; the position is the byte."""

_LABEL = b"ct/v1/eight-words"
_MEMORY = 16 * 1024 * 1024


def eight_words(*payloads: bytes) -> list[str]:
    """Return the words for some files.

    Args:
        *payloads: The exact signed payloads, in order: the invitation, then the request.

    Returns:
        Eight words.
    """
    hashes = b"".join(hashlib.sha256(payload).digest() for payload in payloads)
    # A fixed salt: both sides must get the same, and there is no secret to protect.
    salt = hashlib.sha256(_LABEL).digest()[:16]
    key = argon2id(LP(_LABEL) + LP(hashes), salt, ops=2, mem=_MEMORY)
    return [WORDS[byte] for byte in key[:8]]
