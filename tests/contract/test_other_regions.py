"""Does the same code run for regions that have nothing in common with the shipped ones?"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from invented_region import write_region

import sim
from sim.experiments.simulate import simulate
from sim.metrics.recorder import metrics_of, places_of
from sim.region import load_region
from sim.scenario import load, region_folder

SCENARIO = """
title: An invented region
region: {key}
start: 2013-01
end: 2015-06
tier: {tier}
populations: {{branches_at_start: 20}}
research: {{births: 400, backlog_years: 10}}
exchange: {{contracts: 600}}
finance: {{investment: {{funds: 3, deals: 6}}}}
levels:
  branch_hazard: 0.03
  branch_attraction: 1.0
  outside_founding: 1.0
  outside_transfer: 3.0
  outside_service: 3.0
  introduction: -1.0
  reserve_price: 0.3
  venture_hazard: 0.002
parks: {parks}
platform: {{site: "{site}", start: 2013-06, date: 2015-01, capacity: 12}}
"""

SHAPES = {
    "four administrations, five fields": {"zones": (1, 3, 2, 2), "fields": 5, "parks": 2},
    "one zone beside the source, one field": {"zones": (2, 1), "fields": 1, "parks": 1},
    "no park and no centre": {"zones": (1, 2), "fields": 3, "parks": 0},
    "thirty zones": {"zones": (2, 14, 14), "fields": 8, "parks": 5},
}


@pytest.mark.parametrize("tier", ["full"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_region_of_any_shape_runs(shape: str, tier: str, tmp_path: Path) -> None:
    how = SHAPES[shape]
    folder = write_region(tmp_path / "data" / "elsewhere", "elsewhere", **how)  # type: ignore[arg-type]
    parks = int(how["parks"])  # type: ignore[call-overload]
    listed = ", ".join(f"p{k}: {{open: 2014-03, capacity: 6, programmes: 0.3}}" for k in range(parks))
    file = tmp_path / "mine.yaml"
    file.write_text(
        SCENARIO.format(key="elsewhere", tier=tier, parks=f"{{{listed}}}", site="p0" if parks else ""), encoding="utf-8"
    )
    scenario = load(file)
    assert region_folder(scenario) == folder
    outcome = simulate(scenario.document, folder, invariants="full")
    places = places_of(load_region(folder))
    assert len(places) == sum(how["zones"]) + len(how["zones"]) + 1  # type: ignore[arg-type]
    total = dict(zip(outcome.metrics, outcome.series[:, :, -1].sum(axis=1), strict=True))
    assert min(total[name] for name in ("achievements_born", "branches_opened", "deals", "ventures_founded")) > 0
    assert (total["programmes_pledged"] > 0) == (parks > 0)
    sums = [k for k, metric in enumerate(metrics_of(load_region(folder))) if not metric.mean]
    zones = outcome.series[sums, :, : sum(how["zones"])]  # type: ignore[arg-type]
    assert np.array_equal(zones.sum(axis=2), outcome.series[sums, :, -1])


def test_the_code_names_no_place() -> None:
    """Beijing is data: its names occur in words of help and in sources, never in a condition or a key."""
    names = re.compile(r"beijing|tianjin|hebei|binhai|tangshan|baoding|xiong.?an", re.IGNORECASE)
    code = re.compile(r"#.*|\"\"\".*?\"\"\"|(?<![rf])\"[^\"\n]* [^\"\n]*\"", re.DOTALL)  # comments, docs, sentences
    allowed = {"parameters", "policy"}  # sources and defaults are data of the declaration
    for file in sorted(Path(sim.__file__ or "").parent.rglob("*.py")):
        if file.parent.name in allowed:
            continue
        found = names.search(code.sub("", file.read_text(encoding="utf-8")))
        assert found is None, f"{file.name}: {found.group()}"
