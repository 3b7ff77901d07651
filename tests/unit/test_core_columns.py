"""Populations as columns, against a plain dictionary of rows that does the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.columns import Column, Population

SCHEMA = {
    "size": Column(np.float64, "1", "a real"),
    "money": Column(np.int64, "yuan", "whole yuan"),
    "need": Column(np.bool_, "1", "a flag"),
}


class Plain:
    """Entities as a dictionary from identity to values: slow, and beyond doubt."""

    def __init__(self) -> None:
        self.living: dict[int, dict[str, Any]] = {}
        self.entered = 0

    def grow(self, uids: list[int], **values: list[Any]) -> None:
        for k, uid in enumerate(uids):
            blank: dict[str, Any] = {"size": 0.0, "money": 0, "need": False}
            self.living[uid] = blank | {name: column[k] for name, column in values.items()}
        self.entered += len(uids)


def contents(population: Population) -> dict[int, dict[str, Any]]:
    return {
        int(population.uid[row]): {name: getattr(population, name)[row].item() for name in SCHEMA}
        for row in population.rows
    }


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grow"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("retire"), st.integers(0, 2**32), st.floats(0, 1)),
        st.tuples(st.just("permute"), st.integers(0, 2**32), st.just(0)),
        st.tuples(st.just("write"), st.integers(-(10**15), 10**15), st.just(0)),
    ),
    max_size=25,
)


@given(STEPS, st.integers(1, 5))
def test_any_sequence_of_steps_leaves_what_a_dictionary_holds(steps: list[tuple[Any, ...]], capacity: int) -> None:
    population, plain = Population("things", SCHEMA, capacity), Plain()
    most = 0
    for number, (what, first, second) in enumerate(steps):
        if what == "grow":
            uids = [1000 * (number + 1) + k for k in range(first)]
            values: dict[str, list[Any]] = {"money": [uid * 7 for uid in uids]}
            if second:
                values |= {"size": [uid / 3 for uid in uids], "need": [uid % 2 == 0 for uid in uids]}
            rows = population.grow(np.array(uids, np.uint64), **values)
            plain.grow(uids, **values)
            assert population.uid[rows].tolist() == uids
        elif what == "retire":
            chosen = population.rows[(population.uid[population.rows] * 2654435761 + first) % 1000 < 1000 * second]
            for uid in population.uid[chosen].tolist():
                del plain.living[uid]
            population.retire(chosen)
        elif what == "permute":
            population.permute(np.argsort((np.arange(population.used) * 2654435761 + first) % 1009, kind="stable"))
        elif population.rows.size:
            row = population.rows[-1]
            population.money[row] = first
            plain.living[int(population.uid[row])]["money"] = first
        most = max(most, len(population))
        assert contents(population) == plain.living
        assert len(population) == len(plain.living) == population.entered - population.left
        assert population.entered == plain.entered
        assert population.used == most  # rows are used again before new ones are taken
        assert {name: column.size for name, column in population.columns()} == dict.fromkeys(
            ("uid", "alive", *SCHEMA), population.used
        )
    assert population.nbytes >= population.used * (8 + 1 + 8 + 8 + 1)


def test_a_row_that_is_used_again_starts_blank() -> None:
    population = Population("things", SCHEMA, 4)
    rows = population.grow(np.arange(3, dtype=np.uint64), size=5.0, money=7, need=True)
    population.retire(rows[1:2])
    again = population.grow(np.array([99], np.uint64))
    assert again.tolist() == [1]
    assert (population.size[1], population.money[1], population.need[1], population.uid[1]) == (0.0, 0, False, 99)


def test_a_view_kept_by_name_follows_growth() -> None:
    population = Population("things", SCHEMA, 1)
    assert population.money.size == 0
    population.grow(np.arange(2, dtype=np.uint64), money=[1, 2])
    population.money[0] = 5
    population.grow(np.arange(2, 100, dtype=np.uint64), money=3)
    assert population.money.size == 100
    assert population.money[:3].tolist() == [5, 2, 3]


@pytest.mark.parametrize("rows", [[1, 1], [0, 1, 0]])
def test_nobody_is_retired_twice(rows: list[int]) -> None:
    population = Population("things", SCHEMA)
    population.grow(np.arange(3, dtype=np.uint64))
    with pytest.raises(ValueError, match="things: only the living can be retired"):
        population.retire(np.array(rows))


def test_the_gone_are_not_retired_again() -> None:
    population = Population("things", SCHEMA)
    rows = population.grow(np.arange(3, dtype=np.uint64))
    population.retire(rows[:1])
    with pytest.raises(ValueError, match="only once"):
        population.retire(rows[:1])


@pytest.mark.parametrize(
    "column", ["name", "schema", "grow", "rows", "nbytes", "used", "entered", "left", "columns", "audit"]
)
def test_a_column_cannot_take_the_name_of_something_else(column: str) -> None:
    with pytest.raises(ValueError, match=f"things: a column cannot be called {column}"):
        Population("things", {column: Column(np.int8, "1", "")})


def test_unknown_columns_are_refused() -> None:
    population = Population("things", SCHEMA)
    with pytest.raises(KeyError, match="weight"):
        population.grow(np.arange(1, dtype=np.uint64), weight=1)
    with pytest.raises(AttributeError, match="things has no column 'weight'"):
        _ = population.weight


def test_an_audit_notes_what_is_asked_for() -> None:
    population = Population("things", SCHEMA)
    population.grow(np.arange(3, dtype=np.uint64))
    assert population.money.sum() == 0  # looked at before the audit: a kept view must not hide the next look
    touched: set[str] = set()
    population.audit(touched)
    assert population.money.sum() == 0 and len(population.rows) == 3
    population.audit(None)
    assert population.size.sum() == 0
    assert touched == {"things.money", "things.alive"}
