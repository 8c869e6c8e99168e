"""The same request gets the same answer in every process, whatever its hashes are."""

import os
import subprocess
import sys

import pytest

from courseware.runtime.paths import ROOT

ASK = """
from tests.mind.cases import HERE, load
for name in ("dialogue", "everyday", "office", "writing_dev"):
    for case in load(HERE / f"{name}.yaml"):
        print(case.name, repr(case.ask()))
"""


@pytest.mark.slow
def test_answers_do_not_depend_on_the_order_of_sets() -> None:
    shown = [
        subprocess.run(
            [sys.executable, "-c", ASK],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(shown[0].splitlines()) > 100
    assert shown[0] == shown[1]
