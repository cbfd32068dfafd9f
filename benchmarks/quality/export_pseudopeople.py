# SPDX-License-Identifier: Apache-2.0
"""Writes two noisy files of pseudopeople's sample population; runs where it is installed.

A census and a social-security register of the same year, with the package's own noise.
"""

import json
import sys

import pseudopeople

COLUMNS = ["simulant_id", "first_name", "last_name", "date_of_birth"]


def main() -> None:
    json.load(sys.stdin)
    makers = {
        "left": pseudopeople.generate_decennial_census,
        "right": pseudopeople.generate_social_security,
    }
    answer = {}
    for side, make in makers.items():
        table = make(year=2020, seed=1)
        table = table[COLUMNS].drop_duplicates("simulant_id").astype(object)
        answer[side] = table.where(table.notna(), "").astype(str).to_dict("records")
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
