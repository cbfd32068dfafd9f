# SPDX-License-Identifier: Apache-2.0
"""Fits weights to examples: logistic regression in which no weight may fall with its level.

python fit.py < request.json > answer.json; runs where numpy and scipy are installed.
"""

import json
import sys

import numpy as np
from scipy.optimize import minimize

PENALTY = 1e-5


def main() -> None:
    request = json.load(sys.stdin)
    rows, truth = np.array(request["rows"], np.int8), np.array(request["truth"], bool)
    count, top = rows.shape[1], request["levels"]
    # Per group: known at all, which may only lower the odds; then each level, which may not.
    columns = [
        -(rows >= 0).astype(float),
        *((rows >= at).astype(float) for at in range(1, top + 1)),
    ]
    table = np.concatenate(columns, 1)
    sign = np.where(truth, 1.0, -1.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margin = -sign * (table @ weights[1:] + weights[0])
        value = np.logaddexp(0, margin).mean() + PENALTY * (weights[1:] ** 2).sum()
        slope = -sign / (1 + np.exp(-margin)) / len(sign)
        return value, np.concatenate([[slope.sum()], table.T @ slope + 2 * PENALTY * weights[1:]])

    start = np.zeros(1 + table.shape[1])
    bounds = [(None, None), *[(0, None)] * table.shape[1]]
    options = {"maxiter": 2_000}
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options).x
    steps = found[1:].reshape(top + 1, count)
    lines = [
        [round(float(-known + rises[:at].sum()), 2) for at in range(top + 1)]
        for known, rises in zip(steps[0], steps[1:].T, strict=True)
    ]
    json.dump([round(float(found[0]), 2), lines], sys.stdout)


if __name__ == "__main__":
    main()
