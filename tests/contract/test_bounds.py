"""No kernel reads or writes beyond an array: the invented region once with every index checked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
from sim.scenario import load, region_folder
from sim.experiments.simulate import simulate
for given in ({}, {"location.founding.imitation": 0.01, "parks.meadow.close": "2015-01"}):
    scenario = load("two_cities", given | {"end": "2016-06"})
    print(simulate(scenario.document, region_folder(scenario)).digest)
"""


def test_every_index_lies_inside_its_array(tmp_path: Path) -> None:
    def run(**environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", CODE], capture_output=True, text=True, check=False, env={**os.environ, **environment}
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    checked = run(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))
    assert checked == run()
