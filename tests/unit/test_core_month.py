"""The clock, the schedule, the tally and the counting passes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core import clock
from sim.core.clock import Clock
from sim.core.counting import count_where, first_of_each, half_octaves, rows_due, sum_by
from sim.core.derived import derived
from sim.core.schedule import Process, Schedule
from sim.core.tally import BINS, Tally

RATE = st.floats(0, 5)

# ------------------------------------------------------------------ clock


@given(RATE)
def test_twelve_monthly_hazards_make_the_annual_chance(rate: float) -> None:
    alive = (1.0 - clock.monthly_hazard(rate)) ** 12
    assert math.isclose(1.0 - alive, -math.expm1(-rate), rel_tol=1e-12, abs_tol=1e-14)


@given(st.floats(0, 1))
def test_twelve_monthly_chances_make_the_annual_share(share: float) -> None:
    assert math.isclose((1.0 - clock.monthly_chance(share)) ** 12, 1.0 - share, rel_tol=1e-11, abs_tol=1e-14)


@given(st.floats(0, 1e9), st.floats(-0.5, 0.5), st.floats(0, 20), st.floats(0, 20))
def test_flows_and_growth_compose(amount: float, rate: float, a: float, b: float) -> None:
    assert math.isclose(12 * clock.monthly_flow(amount), amount)
    assert math.isclose(clock.grown(rate, a) * clock.grown(rate, b), clock.grown(rate, a + b), rel_tol=1e-9)


def test_hazards_at_their_ends() -> None:
    assert clock.monthly_hazard(0.0) == clock.monthly_chance(0.0) == 0.0
    assert clock.monthly_chance(1.0) == 1.0 and 0.0 < clock.monthly_hazard(100.0) < 1.0
    assert clock.monthly_hazard(0.5) != clock.monthly_chance(0.5)  # a rate is not a share


def test_months_are_counted_from_the_start() -> None:
    year = Clock("2013-01", "2030-12")
    assert year.months == 216
    assert [year.index(d) for d in ("2013-01", "2012-12", "2016-07", "2016-07-09", "2030-12")] == [0, -1, 42, 42, 215]
    assert [year.label(m) for m in (0, 11, 12, -1, 215)] == ["2013-01", "2013-12", "2014-01", "2012-12", "2030-12"]
    assert year.labels()[42] == "2016-07" and len(year.labels()) == 216
    assert [year.year(m) for m in (-1, 0, 11, 12)] == [2012, 2013, 2013, 2014]
    assert year.years_since("2014-07", 18) == 0.0 and year.years_since("2013-01", 6) == 0.5


@given(st.integers(1900, 2100), st.integers(1, 12), st.integers(-600, 600))
def test_labels_and_indices_are_inverse(year: int, month: int, index: int) -> None:
    calendar = Clock(f"{year:04d}-{month:02d}", "2200-12")
    assert calendar.index(calendar.label(index)) == index
    assert calendar.year(index) == int(calendar.label(index)[:4])


# ------------------------------------------------------------------ schedule


def process(name: str, phase: str, reads: tuple[str, ...] = (), writes: tuple[str, ...] = ()) -> Process[list[str]]:
    return Process(name, phase, lambda log: log.append(name), reads, writes)


def test_processes_run_by_phase_and_then_as_listed() -> None:
    order: list[str] = []
    schedule = Schedule(("a", "b"), [process("late", "b"), process("one", "a"), process("two", "a")])
    schedule.run(order)
    assert order == ["one", "two", "late"]
    assert [row["process"] for row in schedule.table()] == order


def test_within_a_phase_nobody_reads_what_another_writes() -> None:
    with pytest.raises(ValueError) as caught:
        Schedule(("act",), [process("growth", "act", writes=("x.size",)), process("sale", "act", reads=("x.size",))])
    assert str(caught.value) == (
        "act: growth writes x.size, which sale also reads. Move one of them to another phase, or make it a channel."
    )


def test_nor_writes_it() -> None:
    with pytest.raises(ValueError, match=r"act: growth writes x\.a, x\.b, which sale also writes\."):
        Schedule(
            ("act",),
            [process("growth", "act", writes=("x.b", "x.a", "x.c")), process("sale", "act", writes=("x.a", "x.b"))],
        )


def test_the_order_of_the_list_hides_no_conflict() -> None:
    reader, writer = process("reader", "act", reads=("x.size",)), process("writer", "act", writes=("x.size",))
    for listed in ([reader, writer], [writer, reader]):
        with pytest.raises(ValueError, match="writer writes"):
            Schedule(("act",), listed)


def test_channels_other_phases_and_oneself_are_no_conflict() -> None:
    Schedule(
        ("act",), [process("one", "act", writes=("tally",)), process("two", "act", ("tally",), ("tally",))], ["tally"]
    )
    Schedule(("a", "b"), [process("one", "a", writes=("x",)), process("two", "b", reads=("x",))])
    Schedule(("a",), [process("one", "a", reads=("x",), writes=("x",))])


def test_unknown_phases_and_equal_names_are_refused() -> None:
    with pytest.raises(ValueError, match="odd: no phase 'late'; there are a, b"):
        Schedule(("a", "b"), [process("odd", "late")])
    with pytest.raises(ValueError, match="two processes have one name"):
        Schedule(("a", "b"), [process("same", "a"), process("same", "b")])


# ------------------------------------------------------------------ tally and counting

PLACED = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(-(10**12), 10**12)), max_size=30)


@given(PLACED, st.integers(0, 30))
def test_a_tally_is_a_plain_sum_in_any_order(rows: list[tuple[int, int, int]], cut: int) -> None:
    tally = Tally(("things", "others"), ("moves",), ("sizes",), 4)
    for part in (rows[cut:][::-1], rows[:cut]):
        place, target, yuan = (np.array([r[k] for r in part], np.int64) for k in range(3))
        tally.add("things", place)
        tally.add("others", place, yuan)
        tally.move("moves", place, target, yuan)
    for at in range(4):
        assert tally.get("things")[at] == sum(r[0] == at for r in rows)
        assert tally.get("others")[at] == sum(r[2] for r in rows if r[0] == at)
        for to in range(5):  # the last is elsewhere
            here = [r[2] for r in rows if r[:2] == (at, to)]
            assert tally.moved[0, at, to].tolist() == [len(here), sum(here)]
    size = half_octaves(np.array([abs(r[2]) for r in rows], np.int64))
    tally.bin("sizes", np.array([r[0] for r in rows], np.int64), size)
    for at in range(4):
        here = [int(s) for s, r in zip(size, rows, strict=True) if r[0] == at]
        assert tally.binned[0, at].tolist() == np.bincount(here, minlength=BINS).tolist()
    tally.begin_month()
    assert not tally.count.any() and not tally.moved.any() and not tally.binned.any()


@given(st.integers(1, 2**52))
def test_half_octaves_hold_what_they_say(amount: int) -> None:
    (k,) = half_octaves(np.array([amount])).tolist()
    assert 2**k <= amount**2 < 2 ** (k + 1)  # 2^(k/2) <= amount < 2^((k+1)/2), in whole numbers
    assert half_octaves(np.array([0, -5])).tolist() == [0, 0]


def test_an_undeclared_counter_is_an_error() -> None:
    with pytest.raises(KeyError):
        Tally(("things",), (), (), 2).add("stuff", np.array([0]))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(-(10**15), 10**15)), max_size=40))
def test_counting_passes_are_plain_counts(rows: list[tuple[int, bool, int]]) -> None:
    place = np.array([r[0] for r in rows], np.int16)
    chosen = np.array([r[1] for r in rows], bool)
    amount = np.array([r[2] for r in rows], np.int64)
    assert count_where(place, chosen, 6).tolist() == [sum(r[1] for r in rows if r[0] == p) for p in range(6)]
    assert sum_by(place, amount, 6).tolist() == [sum(r[2] for r in rows if r[0] == p) for p in range(6)]
    assert rows_due(chosen, place, 3).tolist() == [k for k, r in enumerate(rows) if r[0] == 3 and r[1]]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=40, unique_by=lambda r: r[1]), st.integers(1, 6)
)
def test_the_first_of_each_group_are_those_of_a_sort(rows: list[tuple[int, float]], most: int) -> None:
    group, turn = np.array([r[0] for r in rows], np.int8), np.array([r[1] for r in rows], float)
    found, start = first_of_each(group, turn, 4, most)
    for g in range(4):
        expected = sorted((k for k, r in enumerate(rows) if r[0] == g), key=lambda k: rows[k][1])[:most]
        assert found[start[g] : start[g + 1]].tolist() == expected
    assert found.size == start[-1]


def test_what_is_derived_is_derived_again_when_its_inputs_change() -> None:
    kept: dict[str, Any] = {}
    column, alive = np.array([1.0, 2.0]), np.array([True, True])
    derivations: list[float] = []

    def total() -> float:
        derivations.append(float(column[alive].sum()))
        return derivations[-1]

    def ask() -> float:
        return derived(kept, "total", (column, alive), total)

    assert [ask(), ask()] == [3.0, 3.0] and len(derivations) == 1
    column[1] = 5.0  # in place, as columns change
    assert [ask(), ask()] == [6.0, 6.0] and len(derivations) == 2
    alive[0] = False
    assert ask() == 5.0
    column, alive = np.append(column, 1.0), np.append(alive, True)
    assert ask() == 6.0
