# SPDX-License-Identifier: Apache-2.0
"""The example of evidence runs to its end."""

import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "audit_offline.py"

FOUND = """Changes are found.
  step 5: an entry from N to N is not what log 1 of hope with 64 entries holds there: it was \
altered, removed, moved or put in
  step 5: an entry from N to N is not what log 1 of hope with 64 entries holds there: it was \
altered, removed, moved or put in
  step 3: the checkpoint of log 1 of hope with 63 entries is not signed by hope
  step 4: 1 member has cosigned log 1 of hope with 64 entries, and you ask for 2
"""


def test_the_example_runs() -> None:
    """Ten steps hold, four changes are found, and the page holds no value and no case id."""
    done = subprocess.run(
        [sys.executable, EXAMPLE], capture_output=True, text=True, timeout=300, check=True
    )
    steps = re.findall(r"(?m)^  \((\d+)\) ", done.stdout)

    assert done.stderr == ""
    assert [str(number) for number in range(1, 11)] == steps
    assert FOUND in re.sub(r"from \d+ to \d+ is", "from N to N is", done.stdout)
    assert "the node of Hope found matches that both sides proved; with Amparo" in done.stdout
    assert "1234" not in done.stdout
    assert "hope-1" not in done.stdout
