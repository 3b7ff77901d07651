"""Is a pattern judged by its own standard error, an input told from what emerges, and a planted pattern found?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_results import DATA, Whole, make, nothing, waves

from sim.region import load_region
from sim.results import Result, patterns
from sim.results.patterns import STATISTICS, Finding, Statistic, evaluate, judged, summary, table

RNG = np.random.default_rng(3)
EMERGENT = Statistic("P4", "made", "emergent", "for the test", lambda result: np.empty(0), 1.0, 2.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return make(tmp_path_factory.mktemp("made"), replicates=range(5), end="2015-12")


@pytest.mark.parametrize(
    ("values", "holds", "word"),
    [
        ([1.4, 1.5, 1.6], True, "holds"),
        ([0.4, 0.5, 0.6], False, "does not hold"),
        ([2.4, 2.5, np.nan, 2.6], False, "does not hold"),
        ([0.9, 1.1, 1.0], None, "undecided"),
        ([1.5], None, "one replicate"),
        ([np.nan, np.nan], None, "undefined"),
    ],
)
def test_a_pattern_is_judged_by_its_interval(values: list[float], holds: bool | None, word: str) -> None:
    found = judged(EMERGENT, np.array(values))
    assert found.holds is holds
    assert word in found.verdict


def test_every_statistic_gives_one_number_a_replicate(made: Result) -> None:
    found = evaluate(made)
    assert [f.statistic.pattern for f in found] == sorted(f.statistic.pattern for f in found)
    for one in found:
        assert one.values.shape == (5,), one.statistic.title
        assert one.statistic.why and one.statistic.role in ("input", "emergent")
    assert not any("{" in word for row in table(found) for word in row.values())
    assert {s.pattern for s in STATISTICS} >= {f"P{k}" for k in range(1, 10)}


def test_a_run_in_which_nothing_happens_shows_no_pattern(tmp_path: Path) -> None:
    found = evaluate(make(tmp_path, fill=nothing))
    assert not any(one.holds for one in found)


def test_a_result_of_an_older_version_is_told_apart(made: Result) -> None:
    older = Result(made.folder, {k: v for k, v in made.manifest.items() if k != "histograms"})
    found = {f.statistic.title: f for f in evaluate(older)}
    missing = [f for f in found.values() if f.verdict.startswith("not in this result")]
    assert missing and all(not f.values.size for f in missing)


def test_only_emergent_patterns_are_counted() -> None:
    def finding(pattern: str, role: patterns.Role, holds: bool | None) -> Finding:
        return Finding(replace(EMERGENT, pattern=pattern, role=role), np.ones(3), holds, "")

    found = [
        finding("P2", "input", False),
        finding("P4", "emergent", True),
        finding("P5", "emergent", True),
        finding("P5", "emergent", None),
        finding("P6", "emergent", False),
    ]
    assert summary(found).startswith("1 of 3 emergent patterns hold (P4); P6 broken; P5 not decided.")


def test_distance_decay_and_border_are_found_where_they_are_planted(tmp_path: Path) -> None:
    """Deals of the real map drawn from gravity itself, on top of its hours, buyers and borders."""
    region = load_region(DATA / "jjj")
    result = make(tmp_path, region=region, end="2013-03", replicates=(0, 1))
    admin = np.array([result.place(zone)["admin"] for zone in result.zones])
    border = admin[:, None] != admin
    hours = result.travel[0][1]

    def drawn(beta: float, b: float) -> Result:
        copy = replace(result)
        rate = np.exp(np.nan_to_num(patterns.buyers(result), neginf=-99)[:, None] - beta * np.log(hours) - b * border)
        count = RNG.poisson(5000 * rate / rate.sum(axis=(1, 2), keepdims=True))
        at = np.argwhere(count)
        names = np.array(result.zones, object)
        flows = {
            "replicate": at[:, 0], "month": np.zeros(len(at), int), "from": names[at[:, 1]], "to": names[at[:, 2]],
            "count": count[tuple(at.T)], "yuan": count[tuple(at.T)],
        }  # fmt: skip
        object.__setattr__(copy, "flows", lambda kind: flows)
        return copy

    for beta, b in ((0.8, 0.7), (0.0, 0.0)):
        slopes = patterns.gravity(drawn(beta, b))
        assert slopes[:, 1] == pytest.approx([-beta, -beta], abs=0.15)
        assert slopes[:, 2] == pytest.approx([-b, -b], abs=0.2)


def test_hazards_are_yearly_rates_of_the_exposed(made: Result) -> None:
    rates = patterns.hazards(made)
    closed, lived = (
        made.histogram(name).dense().sum(axis=(1, 2)) for name in ("branches_closed_by_age", "branches_at_risk_by_age")
    )
    assert rates[0, 2] == pytest.approx(1 - (1 - closed[0, 2] / lived[0, 2]) ** 12)


def test_policy_moves_inequality_either_way_only_with_one_of_each(made: Result, tmp_path: Path) -> None:
    def tilted(zone: int):  # type: ignore[no-untyped-def]
        def fill(metric: str, replicate: int, shape: Whole) -> Whole:
            return waves(metric, replicate, shape) + 500 * ((metric == "deals") & (shape[1] == zone))

        return fill

    people = [made.place(zone)["people_10k"] for zone in made.zones]
    poor, rich = int(np.argmin(people)), int(np.argmax(people))
    options = {"replicates": range(5), "end": "2015-12"}
    up = make(tmp_path / "up", fill=tilted(poor), key="a" * 24, **options)  # type: ignore[arg-type]
    down = make(tmp_path / "down", fill=tilted(rich), key="b" * 24, **options)  # type: ignore[arg-type]

    def told(*others: Result) -> Finding:
        return next(f for f in evaluate(made, others) if f.statistic.pattern == "P6")

    assert told().holds is None
    assert told(up).holds is None and "none of the others lowers it" in told(up).verdict
    moves = {np.sign(patterns.inequality(other).mean() - patterns.inequality(made).mean()) for other in (up, down)}
    assert told(up, down).holds is (True if moves == {1.0, -1.0} else None)
