"""The picture of the patterns: the same bytes, within its page, and in words where a run has nothing to show."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_results import DATA, make, nothing
from matplotlib.figure import Figure
from pages import beyond_the_page, words

from sim.figures import patterns
from sim.region import load_region
from sim.results import Result

pytestmark = pytest.mark.usefixtures("quick_and_strict")


def test_the_picture_is_the_same_whenever_drawn_and_stays_on_its_page(tmp_path: Path, drawn: list[Figure]) -> None:
    made = make(tmp_path, region=load_region(DATA / "jjj"), end="2014-12", replicates=range(3))
    first, second = (patterns.draw(made, tmp_path / f"{n}.png").read_bytes() for n in (1, 2))
    assert first == second
    figure = drawn[0]
    assert not beyond_the_page(figure)
    shown = words(figure)
    for part in ("P1", "P9", "emergent: ", "input: ", "elasticity", "jjj patterns results/made/", "Simulated, not"):
        assert part in shown, part


def test_a_run_in_which_nothing_happens_says_so(tmp_path: Path, drawn: list[Figure]) -> None:
    patterns.draw(make(tmp_path / "none", fill=nothing), tmp_path / "none.png")
    assert words(drawn[0]).count("none in this run") >= 6
    made = make(tmp_path / "made")
    patterns.draw(
        Result(made.folder, {k: v for k, v in made.manifest.items() if k != "histograms"}), tmp_path / "o.png"
    )
    assert "not in this result" in words(drawn[1])
