"""Known answers: Ishigami's function, a dummy, planted failures, shares that must add up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from sim.errors import RefusedError
from sim.experiments.design import Points
from sim.experiments.priors import between
from sim.results.sensitivity import chance_variance, elementary_effects, screening, sobol

NAMES = ("x1", "x2", "x3", "x4")
GRADES = {"x1": "H", "x2": "L", "x3": "assumption", "x4": "M"}
PRIORS = {name: between(-math.pi, math.pi) for name in NAMES}


def ishigami(x1: float, x2: float, x3: float, x4: float) -> float:
    """A = 7, B = 0.1; x4 does nothing. First-order indices .3139, .4424, 0, 0; total .5576, .4424, .2437, 0."""
    return math.sin(x1) + 7 * math.sin(x2) ** 2 + 0.1 * x3**4 * math.sin(x1)


def computed(points: Points, replicates: int = 1, noise: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(1)
    values = np.array([[ishigami(**points.point(k))] * replicates for k in range(len(points))])
    return values + noise * rng.standard_normal(values.shape) + 10 * np.arange(replicates)


def test_sobol_indices_of_ishigami() -> None:
    points = Points("saltelli", priors=PRIORS, size=1024)
    found = sobol(computed(points), points.moved, GRADES)
    got = {i.name: i for i in found.indices}
    for name, first, total in (("x1", 0.3139, 0.5576), ("x2", 0.4424, 0.4424), ("x3", 0, 0.2437), ("x4", 0, 0)):
        assert got[name].first == pytest.approx(first, abs=0.03)
        assert got[name].total == pytest.approx(total, abs=0.03)
        assert got[name].first_low - 0.01 <= first <= got[name].first_high + 0.01
    assert [i.name for i in found.indices][:2] == ["x1", "x2"]
    assert found.variance == pytest.approx(13.845, rel=0.02)
    assert "x1 comes first" in found.verdict
    assert "1 of 4 may be fixed" in found.verdict


def test_sobol_agrees_with_scipy() -> None:
    points = Points("saltelli", priors=PRIORS, size=512)
    values = computed(points)
    block = values[:, 0].reshape(512, 6)
    a, b, ab = block[:, 0], block[:, -1], block[:, 1:-1].T[:, None, :]
    theirs = stats.sobol_indices(func={"f_A": a[None], "f_B": b[None], "f_AB": ab}, n=512)
    found = {i.name: i for i in sobol(values, points.moved, GRADES).indices}
    assert [found[n].total for n in NAMES] == pytest.approx(theirs.total_order.ravel(), abs=1e-2)


def test_a_dummy_is_near_zero_and_its_interval_shrinks() -> None:
    wide, narrow = (
        sobol(computed(p), p.moved, GRADES).dummy
        for p in (Points("saltelli", priors=PRIORS, size=size) for size in (32, 1024))
    )
    assert abs(narrow.first) < 0.05 and abs(narrow.total) < 0.08
    assert narrow.first_low <= 0 <= narrow.first_high
    assert narrow.first_high - narrow.first_low < wide.first_high - wide.first_low


def test_too_few_blocks_are_called_not_converged() -> None:
    points = Points("saltelli", priors=PRIORS, size=16)
    verdict = sobol(computed(points), points.moved, GRADES).verdict
    assert verdict.startswith("Not converged") and "blocks would make it" in verdict


def test_chance_is_told_from_the_design() -> None:
    points = Points("saltelli", priors=PRIORS, size=128)
    values = computed(points, replicates=4, noise=4.0)
    assert chance_variance(values) == pytest.approx(4.0, rel=0.15)  # 16 over 4 replicates
    assert chance_variance(computed(points, replicates=4)) == pytest.approx(0, abs=1e-12)
    assert "chance that more replicates would take away" in sobol(values, points.moved, GRADES).verdict


def test_a_hole_is_refused_and_named() -> None:
    points = Points("saltelli", priors=PRIORS, size=8)
    values = computed(points, replicates=2)
    values[5, 1] = np.nan
    for analysis in (
        lambda: sobol(values, points.moved, GRADES),
        lambda: screening(np.zeros((len(values), 4)), values, NAMES, GRADES),
    ):
        with pytest.raises(RefusedError, match="point 5 replicate 1") as refused:
            analysis()
        assert "--retry-failed" in refused.value.remedy


def test_grades_are_moved_together_and_their_shares_add_up() -> None:
    points = Points("saltelli", priors=PRIORS, size=1024, groups=GRADES)
    assert points.moved == ("H", "L", "M", "assumption")
    found = sobol(computed(points), points.moved, {grade: grade for grade in points.moved})
    measured, assumed = found.shares
    assert measured.alone == pytest.approx(0.3139, abs=0.03) and measured.at_most == pytest.approx(0.5576, abs=0.03)
    assert assumed.alone == pytest.approx(0.4424, abs=0.03)
    assert measured.alone + assumed.alone < 1 < measured.at_most + assumed.at_most + 0.05


def test_shares_of_an_outcome_with_a_long_tail_are_shares() -> None:
    """exp(s a + s b) + c x3 with normal a, b: sums of first indices leave 0 to 1; what is told covers the truth."""
    s, c = 0.9, 4.0
    tail = math.exp(2 * s * s) * (math.exp(2 * s * s) - 1)  # variance of exp(s a + s b), whose log has variance 2 s^2
    truth = tail / (tail + c * c / 12)
    covered = above = 0
    for seed in range(40):
        points = Points("saltelli", priors={n: between(0, 1) for n in NAMES}, size=64, seed=seed)
        x = np.array([points.shares(k) for k in range(len(points))])
        z = ndtri(x[:, :2]).sum(axis=1)
        found = sobol((np.exp(s * z) + c * x[:, 2])[:, None], points.moved, dict(zip(NAMES, "LLHL", strict=True)))
        for share in found.shares:
            assert 0 <= share.alone_low <= share.alone <= share.alone_high <= 1
            assert share.alone <= share.at_most <= 1
        assumed = next(share for share in found.shares if share.kind == "assumed")
        covered += assumed.alone_low <= truth <= assumed.alone_high
        above += (impossible := sum(i.first for i in found.indices) > 1.1)
        assert ("more than shares can" in found.verdict) == impossible
    assert above > 0, "the case is not hard enough to show the difference"
    assert covered >= 0.75 * 40


def test_what_never_varies_has_no_indices() -> None:
    found = sobol(np.full((6 * 8, 2), 3.0), NAMES, GRADES)
    assert all(i.total == 0 for i in found.indices)
    assert found.verdict.startswith("Nothing varies")


def test_screening_finds_size_sign_and_what_does_nothing() -> None:
    priors = {name: between(0, 1) for name in NAMES}
    points = Points("morris", priors=priors, size=40)
    shares = np.array([points.shares(k) for k in range(len(points))])
    values = np.array([[5 * x[0] - 2 * x[1] + 4 * x[2] * x[0]] for x in shares])
    found = screening(shares, values, points.paths, GRADES)
    got = {e.name: e for e in found.effects}
    assert [e.name for e in found.effects] == ["x1", "x3", "x2", "x4"]
    assert got["x2"].mean == pytest.approx(-2 * 7 / 8) and got["x2"].size == pytest.approx(2 * 7 / 8)
    assert got["x2"].spread == pytest.approx(0, abs=1e-9) and got["x1"].spread > 0.5
    assert got["x4"].size == 0
    assert "x1 comes first" in found.verdict and "1 do nothing" in found.verdict
    own = np.abs(elementary_effects(shares, values[:, 0])).mean(axis=0)
    assert own == pytest.approx([got[name].size for name in points.paths])


def test_screening_knows_what_chance_looks_like() -> None:
    points = Points("morris", priors={name: between(0, 1) for name in NAMES}, size=60)
    shares = np.array([points.shares(k) for k in range(len(points))])
    noise = np.random.default_rng(2).standard_normal((len(points), 3))
    found = screening(shares, noise + 30 * shares[:, :1], points.paths, GRADES)
    idle = [e.size for e in found.effects if e.name != "x1"]
    assert found.chance == pytest.approx(np.mean(idle), rel=0.2)
    assert "1 of 4 stand out from chance" in found.verdict
