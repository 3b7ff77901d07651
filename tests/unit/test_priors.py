"""Do the texts beside parameters mean the distributions that they name?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.experiments.priors import about, between, parse
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import parameters

SHARES = np.array([0.01, 0.2, 0.5, 0.9, 0.999])


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Uniform(.2, .4)", stats.uniform(0.2, 0.2)),
        ("LogUniform(.5, 2)", stats.loguniform(0.5, 2)),
        ("Normal(0.7, 0.4)", stats.norm(0.7, 0.4)),
        ("TruncatedNormal(0.5, 0.25; 0, 1.5)", stats.truncnorm(-2, 4, 0.5, 0.25)),
        ("LogNormal(ln .005, 1)", stats.lognorm(1, scale=0.005)),
        ("LogNormal(0, 0.15)", stats.lognorm(0.15)),
        ("Beta(4, 7)", stats.beta(4, 7)),
        ("Beta(mean .03, sd .01)", stats.beta(8.7, 281.3)),
    ],
)
def test_a_text_is_its_distribution(text: str, same: stats.rv_frozen) -> None:
    assert parse(text).ppf(SHARES) == pytest.approx(same.ppf(SHARES), rel=1e-9)


def test_an_exponent_is_that_of_each_stage() -> None:
    assert parse("Beta(22, 26)^(1/3)").ppf(SHARES) == pytest.approx(stats.beta(22, 26).ppf(SHARES) ** (1 / 3))


def test_every_declared_prior_can_be_drawn_from_and_stays_in_range() -> None:
    declared = [p for p in parameters(ScenarioDocument) if p.declared.prior]
    assert len(declared) > 30
    for one in declared:
        about_it = one.declared
        prior = parse(about_it.prior).within(about_it.low, about_it.high, one.shape.numbers == (int,))
        for width in (0.5, 1.0, 2.0):
            values = prior.widened(width).ppf(np.linspace(0, 1, 201))
            assert np.isfinite(values).all(), one.path
            assert (np.diff(values) >= 0).all(), one.path
            assert all(about_it.holds(value) for value in values), one.path


@pytest.mark.parametrize(
    "text", ["Uniform(1, 3)", "Normal(5, 1)", "LogNormal(ln 50, 1)", "Beta(4, 7)", "Beta(22, 26)^(1/3)"]
)
def test_another_width_keeps_the_median_and_the_order(text: str) -> None:
    prior = parse(text)
    low, middle, high = prior.ppf([0.1, 0.5, 0.9])
    for width in (0.5, 2.0):
        wide = prior.widened(width)
        a, b, c = wide.ppf([0.1, 0.5, 0.9])
        assert b == pytest.approx(middle)
        assert (c - a > high - low) == (width > 1)
    assert prior.widened(0.5).widened(2.0).ppf(SHARES) == pytest.approx(prior.ppf(SHARES))


def test_a_range_and_half_to_double() -> None:
    assert between(1, 5).ppf(0.25) == pytest.approx(2)
    assert about(0.4).ppf([0, 0.5, 1]) == pytest.approx([0.2, 0.4, 0.8], rel=1e-6)
    assert parse("Uniform(24, 60)").within(1, 240, whole=True).ppf(0.51) == 42


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Unifrom(0, 1)", "did you mean Uniform"),
        ("Uniform(1, 0)", "no distribution"),
        ("Uniform(0)", "takes 2 numbers"),
        ("Normal(a, 1)", "not a number: a"),
        ("Normal(0, -1)", "no distribution"),
        ("LogNormal(ln 0, 1)", "no logarithm"),
        ("Normal(ln 3, 1)", "`ln` stands in"),
        ("Beta(mean .5, sd .6)", "no distribution"),
        ("0.3", "is written as"),
    ],
)
def test_what_is_no_prior_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("`", ".")):
        parse(text)
