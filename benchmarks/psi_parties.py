# SPDX-License-Identifier: Apache-2.0
"""Both parties of a private set intersection, run by `benchmarks.psi` in an environment of its own.

``python psi_parties.py SERVER CLIENT COMMON`` prints one JSON object: seconds of each step and
bytes of each message, for a server with SERVER phones and a client with CLIENT, COMMON of them
the server's. It needs the package ``openmined-psi`` and nothing of this project.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import private_set_intersection.python as psi

_FALSE_POSITIVES = 1e-9
"""Probability that any element of a client counts as common by chance."""


def phones(first: int, count: int) -> list[str]:
    """The normal forms that Casethread would tokenise."""
    return [f"+5255{23_456_789 + 7 * number:08}" for number in range(first, first + count)]


def main(server_size: int, client_size: int, common: int) -> None:
    """Go through the protocol once."""
    theirs, mine = phones(0, server_size), phones(server_size - common, client_size)
    seconds: dict[str, float] = {}

    def step(name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = work()
        seconds[name] = time.perf_counter() - began
        return result

    server, client = psi.server.CreateWithNewKey(True), psi.client.CreateWithNewKey(True)
    setup = step(
        "setup",
        lambda: server.CreateSetupMessage(
            _FALSE_POSITIVES, client_size, theirs, psi.DataStructure.GCS
        ),
    )
    request = step("request", lambda: client.CreateRequest(mine))
    response = step("response", lambda: server.ProcessRequest(request))
    found = step("intersection", lambda: client.GetIntersection(setup, response))
    if sorted(found) != list(range(common)):
        raise ValueError("the intersection is not what both have")
    sizes = {
        name: len(message.SerializeToString())
        for name, message in (("setup", setup), ("request", request), ("response", response))
    }
    print(json.dumps({"seconds": seconds, "bytes": sizes}))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
