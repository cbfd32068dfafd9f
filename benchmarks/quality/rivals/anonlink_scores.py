# SPDX-License-Identifier: Apache-2.0
"""Scores pairs with clkhash and anonlink; runs where those are installed.

python anonlink_scores.py < request.json > answer.json

The request has `columns`, `left` and `right` (rows of texts, empty where not known). Two
letters at a time; about 900 bits set in CLKs of 1,024, shared out between the columns.
"""

import json
import sys

import anonlink
from bitarray import bitarray
from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict

LEAST = 0.75
BITS = 900


def schema(columns: list[str]) -> object:
    features = [
        {
            "identifier": column,
            "format": {"type": "string", "encoding": "utf-8"},
            "hashing": {
                "comparison": {"type": "ngram", "n": 2, "positional": False},
                "strategy": {"bitsPerFeature": BITS // len(columns)},
                "hash": {"type": "doubleHash"},
            },
        }
        for column in columns
    ]
    return from_json_dict(
        {
            "version": 3,
            "clkConfig": {
                "l": 1024,
                "kdf": {
                    "type": "HKDF",
                    "hash": "SHA256",
                    "info": "Y2xr",
                    "salt": "c2FsdA==",
                    "keySize": 64,
                },
            },
            "features": features,
        }
    )


def main() -> None:
    request = json.load(sys.stdin)
    how = schema(request["columns"])
    filters = []
    for side in ("left", "right"):
        made = generate_clks(request[side], how, "secret")
        filters.append([bitarray(one) if not isinstance(one, bitarray) else one for one in made])
    candidates = anonlink.candidate_generation.find_candidate_pairs(
        filters, anonlink.similarities.dice_coefficient, LEAST
    )
    scores, _, (lefts, rights) = candidates
    json.dump([list(map(float, scores)), list(map(int, lefts)), list(map(int, rights))], sys.stdout)


if __name__ == "__main__":
    main()
