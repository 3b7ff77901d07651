"""Keyed draws: published vectors, quantiles, races, purposes, independence."""

from __future__ import annotations

import importlib
import itertools
import math
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, chi2_p
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

import sim
from sim.core import streams
from sim.core.streams import (
    geometric_quantile,
    mix,
    normal_quantile,
    normals,
    pairs,
    philox,
    poisson_quantile,
    poissons,
    priorities,
    purposes,
    race,
    race_of,
    run_key,
    u01,
    u01_pair,
    uniforms,
)

KEY = run_key(7, 0)
WHAT = np.uint32(12345)
UIDS = np.arange(1, 20_001, dtype=np.uint64)

# Random123, kat_vectors: philox4x32 10 (counter, key, output)
RANDOM123 = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "output"), RANDOM123)
@pytest.mark.parametrize("function", [philox, philox.py_func], ids=["compiled", "python"])
def test_philox_gives_the_published_words(
    function: Callable[..., Any], counter: tuple[int, ...], key: tuple[int, ...], output: tuple[int, ...]
) -> None:
    words = [np.uint64(word) for word in (*counter, *key)]
    assert tuple(int(word) for word in function(*words)) == output
    wrong = [words[1], words[0], *words[2:4], words[4] ^ np.uint64(1), words[5]]
    assert tuple(int(word) for word in function(*wrong)) != output


@pytest.mark.parametrize("word", [0, 0xFFFFFFFF])
def test_extreme_words_give_uniforms_inside_the_open_interval(word: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "philox", lambda *_: (np.uint64(word),) * 4)
    for u in u01_pair.py_func(KEY, WHAT, np.uint64(1), 0, 0):
        assert 0.0 < u < 1.0
        assert u == (2.0**-53 if word == 0 else 1.0 - 2.0**-53)
        assert math.isfinite(normal_quantile(u)) and math.isfinite(-math.log(u))
        assert not u < 0.0 and u < 1.0  # so that chance 0 is never and chance 1 is always


def test_uniforms_fill_the_interval_evenly() -> None:
    u = uniforms(KEY, WHAT, UIDS, 3, 0)
    assert ((u > 0.0) & (u < 1.0)).all()
    counts = np.histogram(u, 100, (0, 1))[0]
    assert chi2_p(counts, np.full(100, UIDS.size / 100)) > CHANCE
    assert chi2_p(np.histogram(u**1.1, 100, (0, 1))[0], np.full(100, UIDS.size / 100)) < CHANCE


def test_a_draw_depends_on_each_part_of_its_key_and_on_nothing_else() -> None:
    base = (KEY, int(WHAT), 5, 17, 2)
    u = u01(KEY, WHAT, np.uint64(5), 17, 2)
    assert u == u01(KEY, WHAT, np.uint64(5), 17, 2) == u01_pair(KEY, WHAT, np.uint64(5), 17, 2)[0]
    for k in range(5):
        other = [base[j] + (j == k) for j in range(5)]
        assert u01(np.uint64(other[0]), np.uint32(other[1]), np.uint64(other[2]), other[3], other[4]) != u
    shuffled = UIDS[::-1].copy()
    assert np.array_equal(uniforms(KEY, WHAT, shuffled, 1, 0), uniforms(KEY, WHAT, UIDS, 1, 0)[::-1])
    assert np.array_equal(priorities(KEY, WHAT, UIDS, 1), uniforms(KEY, WHAT, UIDS, 1, 0))


def test_uids_are_used_in_their_full_width() -> None:
    assert u01(KEY, WHAT, np.uint64(1), 0, 0) != u01(KEY, WHAT, np.uint64(1 + 2**32), 0, 0)
    assert u01(KEY, WHAT, np.uint64(2**63), 0, 0) != u01(KEY, WHAT, np.uint64(0), 0, 0)


def test_months_before_the_start_have_their_own_draws() -> None:
    u = np.array([u01(KEY, WHAT, np.uint64(1), step, 0) for step in range(-240, 300)])
    assert np.unique(u).size == u.size


def test_run_keys_differ_by_seed_and_replicate() -> None:
    keys = {int(run_key(seed, replicate)) for seed in range(60) for replicate in range(60)}
    assert len(keys) == 3600
    assert run_key(1, 11) != run_key(11, 1)


def test_mixed_identities_do_not_clash() -> None:
    a = np.repeat(np.arange(1000, dtype=np.uint64), 1000)
    b = np.tile(np.arange(1000, dtype=np.uint64), 1000)
    assert np.unique(pairs(a, b)).size == a.size
    assert np.unique(pairs(pairs(a[:1000], b[:1000]), a[:1000])).size == 1000
    assert mix(np.uint64(3), np.uint64(4)) != mix(np.uint64(4), np.uint64(3))
    assert mix(np.uint64(3), np.uint64(4)) == pairs(np.array([3], np.uint64), np.array([4], np.uint64))[0]


# ------------------------------------------------------------------ quantiles


def grid() -> NDArray[np.float64]:
    tails = 2.0 ** -np.arange(2.0, 54.0)
    middle = (np.arange(2000) + 0.4142) / 2000
    return np.concatenate([tails, 1.0 - tails, middle])


def test_normal_quantile_is_that_of_scipy() -> None:
    u = grid()
    found = np.array([normal_quantile(x) for x in u])
    # AS 241 promises 1e-16 relative; near 1 the argument itself is known to 2^-53 only, which both share.
    np.testing.assert_allclose(found, special.ndtri(u), rtol=2e-15, atol=2e-16)
    assert np.array_equal(normals(KEY, WHAT, UIDS[:50], 0, 0),
                          [normal_quantile(x) for x in uniforms(KEY, WHAT, UIDS[:50], 0, 0)])  # fmt: skip


@pytest.mark.parametrize("mean", [1e-6, 0.003, 0.2, 1.0, 4.7, 33.0, 160.0, 500.0, 501.0, 4e3, 1e5])
def test_poisson_quantile_is_that_of_scipy(mean: float) -> None:
    u = grid()
    u = u[(u > 1e-12) & (u < 1.0 - 1e-12)]
    found = np.array([poisson_quantile(x, mean) for x in u])
    expected = stats.poisson.ppf(u, mean)
    differ = found != expected  # only where u is a value of the distribution function within rounding
    assert (np.abs(found - expected)[differ] <= 1).all() and differ.mean() < 0.002
    assert (np.abs(stats.poisson.cdf(np.minimum(found, expected)[differ], mean) - u[differ]) < 1e-11).all()


def test_poisson_counts_take_the_quantile_of_their_uniform() -> None:
    mean = np.exp(np.linspace(-9, 3, UIDS.size))
    u = uniforms(KEY, WHAT, UIDS, 4, 0)
    expected = stats.poisson.ppf(u, mean)
    assert np.array_equal(poissons(KEY, WHAT, UIDS, 4, mean), expected)
    assert not poissons(KEY, WHAT, UIDS, 4, np.zeros(UIDS.size)).any()


@pytest.mark.parametrize("hazard", [1e-4, 0.0134, 0.2, 0.5, 0.9, 0.999])
def test_geometric_quantile_is_that_of_scipy(hazard: float) -> None:
    u = grid()
    expected = np.minimum(stats.geom.ppf(u, hazard), 30_000)
    found = np.array([geometric_quantile(x, hazard) for x in u])
    differ = found != expected  # only where u is a value of the distribution function within rounding
    assert (np.abs(stats.geom.cdf(np.minimum(found, expected)[differ], hazard) - u[differ]) < 1e-14).all()
    assert differ.mean() < 0.02 and (np.abs(found - expected) <= 1).all()


def test_geometric_quantile_at_its_ends() -> None:
    assert {geometric_quantile(u, 0.0) for u in (1e-9, 0.5, 1 - 1e-9)} == {30_000}
    assert {geometric_quantile(u, 1.0) for u in (1e-9, 0.5, 1 - 1e-9)} == {1}
    assert geometric_quantile(1.0 - 2.0**-53, 1e-9) == 30_000


@given(st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9), st.floats(0.01, 40), st.floats(0.001, 0.9))
def test_quantiles_rise_with_their_uniform(a: float, b: float, mean: float, hazard: float) -> None:
    low, high = sorted((a, b))
    assert normal_quantile(low) <= normal_quantile(high)
    assert poisson_quantile(low, mean) <= poisson_quantile(high, mean)
    assert geometric_quantile(low, hazard) <= geometric_quantile(high, hazard)


# ------------------------------------------------------------------ races


def plain_race(key: np.uint64, uid: int, step: int, weight: NDArray[np.float64]) -> int:
    """The smallest exponential time, with every logarithm taken."""
    time = np.full(weight.size, np.inf)
    for k in range(weight.size):
        u = u01_pair(key, WHAT, np.uint64(uid), step, k // 2)[k % 2]
        if weight[k] > 0:
            time[k] = -math.log(u) / weight[k]
    return int(np.argmin(time)) if np.isfinite(time).any() else -1


def race_many(weight: NDArray[np.float64], number: int, step: int = 0) -> NDArray[np.int64]:
    return np.array([race(KEY, WHAT, np.uint64(uid), step, weight) for uid in range(number)])


@given(
    st.lists(st.one_of(st.just(0.0), st.floats(1e-12, 1e12), st.sampled_from([1.0, 2.0])), max_size=40),
    st.integers(0, 2**63),
    st.integers(0, 500),
)
def test_skipping_logarithms_changes_no_choice(weights: list[float], uid: int, step: int) -> None:
    weight = np.array(weights, float)
    assert race(KEY, WHAT, np.uint64(uid), step, weight) == plain_race(KEY, uid, step, weight)


def test_a_race_is_won_in_proportion_to_weight() -> None:
    weight = np.array([0.5, 0.0, 1.0, 3.0, 0.1, 5.4, 0.0])
    won = np.bincount(race_many(weight, 20_000), minlength=weight.size)
    assert not won[weight == 0].any()
    held = weight > 0
    assert chi2_p(won[held], 20_000 * weight[held] / weight.sum()) > CHANCE
    wrong = weight[held] ** 1.1
    assert chi2_p(won[held], 20_000 * wrong / wrong.sum()) < CHANCE


def test_a_race_without_a_runner_has_no_winner() -> None:
    assert race(KEY, WHAT, np.uint64(1), 0, np.zeros(5)) == -1
    assert race(KEY, WHAT, np.uint64(1), 0, np.zeros(0)) == -1
    assert race(KEY, WHAT, np.uint64(1), 0, np.array([0.0, 1e-300])) == 1
    assert race_of(KEY, WHAT, np.uint64(1), 0, UIDS[:0], np.ones(0, np.int64)) == -1
    assert race_of(KEY, WHAT, np.uint64(1), 0, UIDS[:3], np.zeros(3, np.int64)) == -1


def test_a_heavier_alternative_only_gains() -> None:
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    heavier = weight * [1.0, 1.3, 1.0, 1.0]
    before, after = race_many(weight, 5000), race_many(heavier, 5000)
    moved = before != after
    assert (after[moved] == 1).all()
    gain = heavier[1] / heavier.sum() - weight[1] / weight.sum()
    assert abs(moved.mean() - gain) < 4 * math.sqrt(gain / 5000)
    cumulative = [np.cumsum(w) / w.sum() for w in (weight, heavier)]  # what inverse CDF would move instead
    u = uniforms(KEY, WHAT, UIDS[:5000], 0, 0)
    other = [np.searchsorted(c, u) for c in cumulative]
    assert (other[1][other[0] != other[1]] != 1).any()


def test_races_of_entities_follow_identities() -> None:
    uids = UIDS[[0, 1, 2, 3, 6, 8, 9, 11]]
    weight = np.array([1, 5, 0, 9, 7, 0, 4, 5], np.int64) * 1000
    won = [int(race_of(KEY, WHAT, np.uint64(u), 0, uids, weight)) for u in range(8000)]
    counts = np.bincount(won, minlength=uids.size)
    held = weight > 0
    assert (counts[~held] == 0).all()
    assert chi2_p(counts[held], 8000 * weight[held] / weight.sum()) > CHANCE
    for step in range(5):
        order = np.argsort(uniforms(KEY, WHAT, uids, step, 1))
        for u in range(40):
            again = race_of(KEY, WHAT, np.uint64(u), 0, uids[order], weight[order])
            assert order[again] == won[u]


def test_equal_times_are_won_by_the_smaller_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "u01", lambda *_: 0.3)
    for order in itertools.permutations([9, 4, 7]):
        won = race_of.py_func(KEY, WHAT, np.uint64(1), 0, np.array(order, np.uint64), np.ones(3, np.int64))
        assert order[won] == 4


# ------------------------------------------------------------------ purposes


def test_purposes_of_the_whole_model_are_unique() -> None:
    for module in pkgutil.walk_packages(sim.__path__, "sim."):
        if module.name != "sim.__main__":
            importlib.import_module(module.name)
    declared = purposes()
    assert len(declared) > 40
    assert len(set(declared.values())) == len(declared)
    assert all(0 <= code < 2**32 for code in declared.values())
    declared.clear()
    assert purposes()  # what is handed out is a copy


def test_a_purpose_is_declared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_declared", {})
    code = streams.purpose("a.b")
    assert code.dtype == np.uint32
    with pytest.raises(ValueError, match="declared twice"):
        streams.purpose("a.b")
    monkeypatch.setattr(streams, "_declared", {"another": int(code)})
    with pytest.raises(ValueError, match="has the code of another one"):
        streams.purpose("a.b")


# ------------------------------------------------------------------ independence


def correlation_p(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Two-sided probability of the rank-free correlation of two samples of uniforms."""
    r = float(np.corrcoef(x, y)[0, 1])
    return 2.0 * float(stats.norm.sf(abs(np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))) * math.sqrt(x.size - 3)))


def streams_by_neighbour() -> dict[str, list[NDArray[np.float64]]]:
    """Sequences that differ in one part of the key by as little as can be."""
    uid = UIDS[:4000]
    codes = [np.uint32(code) for code in list(purposes().values())[:30]]
    return {
        "purposes": [uniforms(KEY, code, uid, 1, 0) for code in codes],
        "adjacent purposes": [uniforms(KEY, np.uint32(1000 + k), uid, 1, 0) for k in range(12)],
        "adjacent uids": [uniforms(KEY, WHAT, uid * np.uint64(64) + np.uint64(k), 1, 0) for k in range(12)],
        "adjacent steps": [uniforms(KEY, WHAT, uid, step, 0) for step in range(-3, 12)],
        "adjacent draws": [uniforms(KEY, WHAT, uid, 1, draw) for draw in range(12)],
        "adjacent seeds": [uniforms(run_key(seed, 0), WHAT, uid, 1, 0) for seed in range(12)],
        "adjacent replicates": [uniforms(run_key(1, r), WHAT, uid, 1, 0) for r in range(12)],
        "mixed identities": [uniforms(KEY, WHAT, pairs(uid, np.full(uid.size, k, np.uint64)), 1, 0) for k in range(12)],
        "both of a pair": list(np.array([u01_pair(KEY, WHAT, u, 1, 0) for u in uid]).T),
    }


def test_neighbouring_streams_are_independent() -> None:
    p = {
        (name, i, j): correlation_p(some[i], some[j])
        for name, some in streams_by_neighbour().items()
        for i, j in itertools.combinations(range(len(some)), 2)
    }
    lagged = {("lag", lag): correlation_p(u[:-lag], u[lag:]) for lag in range(1, 40)
              for u in [uniforms(KEY, WHAT, UIDS, 0, 0)]}  # fmt: skip
    assert len(p) > 800
    least = min(p, key=p.__getitem__)
    assert p[least] > 1e-6, least
    assert min(lagged.values()) > 1e-6
    assert stats.kstest(list(p.values()), "uniform").pvalue > 1e-6  # nor are they too good


def test_the_test_of_independence_sees_a_purpose_used_twice() -> None:
    u, v = uniforms(KEY, WHAT, UIDS[:4000], 1, 0), uniforms(KEY, WHAT, UIDS[:4000], 2, 0)
    assert correlation_p(u, u) < 1e-6
    assert correlation_p(u, np.where(np.arange(u.size) % 8 == 0, u, v)) < 1e-6  # even in one draw of eight
