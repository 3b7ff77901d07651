"""Are effects paired, orders told with their doubts, and lost pairs counted?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.errors import StoreError
from sim.results.arms import (
    Answers,
    contrast,
    contrast_in_words,
    effect,
    in_words,
    order,
    over_time,
    pairs_needed,
    pairs_of,
    table,
)

MONTHS = tuple(f"{year}-{month:02d}" for year in (2015, 2016) for month in range(1, 13))


def answers(values: np.ndarray, drawn: bool = False, **more: Any) -> Answers:
    """Of [arm, point, replicate]: each month has a 24th of it, each of two places half."""
    arms = tuple(f"arm {k}" for k in range(len(values)))
    return Answers(
        name="made", title="Is it so?", title_zh="是吗？", note="", arms=arms, points=[{}] * values.shape[1],
        drawn=drawn, replicates=values.shape[2], seed=1, months=MONTHS,
        metrics={"deals": {"unit": "count", "reduce": "sum"}, "stock": {"unit": "count", "reduce": "last"},
                 "absorption": {"unit": "1e-6", "reduce": "last", "over_places": "mean"}},
        places=tuple({"key": key, "name_en": key, "name_zh": "", "kind": "admin"} for key in ("A", "B")),
        pictured=("A", "B"), windows={"all": ("2015-01", "2016-12"), "last": ("2016-01", "2016-12")},
        read=lambda metric, place: np.repeat(values[..., None] / 48, 24, axis=-1), **more,
    )  # fmt: skip


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).standard_normal(shape)


def test_an_effect_is_the_difference_within_pairs() -> None:
    common = 1000 + 50 * noise(1, 1, 30)
    found = answers(np.concatenate([common, common + 4 + noise(1, 1, 30)]))
    one = effect(found, "arm 1", "deals", ["A", "B"], "all")
    assert one.difference == pytest.approx(4, abs=0.5) and one.resolved and one.pairs == 30
    assert one.variance_reduction > 1000
    assert effect(found, "arm 1", "deals", ["A"], "last").difference == pytest.approx(one.difference / 4)
    assert effect(found, "arm 1", "stock", ["A"], "last").difference == pytest.approx(one.difference / 48)
    assert effect(found, "arm 0", "deals", ["A"], "all").exactly_zero
    assert over_time(found, "arm 1", "deals", ["A"]).mean[-1] == pytest.approx(one.difference / 2)
    assert over_time(found, "arm 1", "stock", ["A"]).mean[-1] == pytest.approx(one.difference / 48)
    assert table([one])[0]["finding"] == "resolved"


def test_a_mean_has_no_sum_over_places() -> None:
    with pytest.raises(StoreError, match="absorption is a mean"):
        answers(noise(2, 1, 4)).window("absorption", ["A", "B"], "all")


def test_lost_pairs_are_counted() -> None:
    values = 100 + noise(2, 1, 10)
    values[1, 0, 4] = np.nan
    one = effect(answers(values), "arm 1", "deals", ["A"], "all")
    assert (one.pairs, one.lost) == (9, 1)
    assert table([one])[0]["pairs"] == "9 (1 lost)"
    values[1] = np.nan
    assert effect(answers(values), "arm 1", "deals", ["A"], "all").in_words == "one pair: no interval"


def test_an_order_that_holds_is_told_and_one_that_does_not_is_called_unresolved() -> None:
    base = noise(20)
    pairs = np.stack([base, base + 5 + 0.1 * noise(20), base + 0.05 * noise(20)[::-1]])
    steps = order(pairs, ["a", "b", "c"], drawn=False)
    assert steps[0].higher == "b" and steps[0].resolved
    assert {steps[1].higher, steps[1].lower} == {"a", "c"} and not steps[1].resolved
    words = in_words(steps, "count")
    assert "above" in words[0] and "unresolved, the interval of their difference holds 0" in words[1]
    assert words[-1] == "Unresolved: 1 of 2 steps of the order."


def test_an_order_that_flips_inside_the_uncertainty_is_unresolved_however_narrow_the_mean() -> None:
    difference = np.where(np.arange(40) % 4 == 0, -1.0, 2.0)
    pairs = np.stack([np.zeros(40), difference])
    (step,) = order(pairs, ["a", "b"], drawn=True)
    assert step.low > 0 and not step.resolved
    assert step.why == "their order flips at 10 of 40 points of the uncertainty"
    (as_replicates,) = order(pairs, ["a", "b"], drawn=False)
    assert as_replicates.resolved


def test_arms_that_do_the_same_have_no_order() -> None:
    (step,) = order(np.ones((2, 5)), ["a", "b"], drawn=False)
    assert not step.resolved and step.why == "the same in every pair"
    assert in_words([], "count") == ["No order: no pair is complete."]


def test_a_contrast_is_a_weighted_sum_within_pairs() -> None:
    common = 100 + 20 * noise(1, 1, 12)
    values = np.concatenate([common, common - 3, common - 5 + 0.1 * noise(1, 1, 12)])
    named = replace(answers(values), contrasts={"both": {"arm 0": 2, "arm 1": -1, "arm 2": -1}, "none": {"arm 0": 0}})
    found, pairs = contrast(named, "both", "deals", ["A", "B"], "all")
    assert pairs == 12 and float(found.mean) == pytest.approx(8, abs=0.2)
    assert contrast_in_words(found, pairs, "count").endswith("12 pairs: resolved")
    assert contrast_in_words(*contrast(named, "none", "deals", ["A"], "all"), "count").endswith("exactly 0")
    one_pair = replace(answers(values[..., :1]), contrasts=named.contrasts)
    assert contrast_in_words(*contrast(one_pair, "both", "deals", ["A"], "all"), "count").endswith("no interval")


def test_points_that_are_drawn_are_the_pairs() -> None:
    values = noise(2, 7, 3)
    assert pairs_of(values, drawn=True).shape == (2, 7)
    assert pairs_of(values, drawn=False).shape == (2, 21)
    assert effect(answers(values, drawn=True), "arm 1", "deals", ["A"], "all").pairs == 7


def test_how_many_pairs_a_precision_needs() -> None:
    assert pairs_needed(2.0, 1.0, 10, 1000) == 40
    assert pairs_needed(1.5, 1.0, 10, 1000) == 25
    assert pairs_needed(1.01, 1.0, 10, 1000) == 15
    assert pairs_needed(50.0, 1.0, 10, 1000) == 40
    assert pairs_needed(float("nan"), 1.0, 1, 1000) == 4
    assert pairs_needed(2.0, 1.0, 10, 20) == 20
