# SPDX-License-Identifier: Apache-2.0
"""Scores pairs with Splink, which sees the clear text; runs where Splink is installed.

python splink_scores.py < request.json > answer.json

The request has `columns`, `left` and `right` (rows of texts, empty where not known). Names are
compared by its name comparison, also exchanged; dates by its date comparison; everything else
by Jaro-Winkler. The model learns without labels (expectation maximisation), as its guide says.
"""

import json
import logging
import sys

import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

LEAST = 0.001


def comparisons(columns: list[str]) -> list[object]:
    made: list[object] = [cl.ForenameSurnameComparison("given_name", "surname")]
    for column in columns:
        if column == "date_of_birth":
            made.append(
                cl.DateOfBirthComparison(column, input_is_string=True, datetime_format="%Y%m%d")
            )
        elif column not in {"given_name", "surname"}:
            made.append(cl.JaroWinklerAtThresholds(column, [0.95, 0.88, 0.7]))
    return made


def blocking(columns: list[str]) -> list[object]:
    rules: list[object] = [block_on("given_name"), block_on("surname")]
    further = ("date_of_birth", "postcode", "birthplace", "year")
    rules += [block_on(column) for column in further if column in columns]
    rules.append(block_on("substr(surname, 1, 3)", "substr(given_name, 1, 2)"))
    return rules


def main() -> None:
    logging.disable()
    request = json.load(sys.stdin)
    columns = request["columns"]
    api = DuckDBAPI()
    tables = []
    for side in ("left", "right"):
        rows = request[side]
        data = {column: [row[at] or None for row in rows] for at, column in enumerate(columns)}
        data = {column: pa.array(values, pa.string()) for column, values in data.items()}
        table = pa.table({"unique_id": pa.array(range(len(rows)), pa.int64()), **data})
        tables.append(api.register(table, dataset_display_name=f"file_{side}"))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=comparisons(columns),
        blocking_rules_to_generate_predictions=blocking(columns),
        retain_matching_columns=False,
    )
    linker = Linker(tables, settings, log_level=None)
    training = linker.training
    exact = [block_on("given_name", "surname", "date_of_birth")]
    # Where no pair agrees on all of it, the settings' own guess stays.
    training.estimate_probability_two_random_records_match(exact, recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    for rule in blocking(columns)[:3]:
        training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=LEAST)
    found = predicted.as_record_list()
    answer: tuple[list[float], list[int], list[int]] = ([], [], [])
    for one in found:
        pair = (one["unique_id_l"], one["unique_id_r"])
        if one.get("source_dataset_l") == "file_right":
            pair = pair[::-1]
        answer[0].append(one["match_weight"])
        answer[1].append(pair[0])
        answer[2].append(pair[1])
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
