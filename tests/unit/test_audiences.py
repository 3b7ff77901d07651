"""Lists of who may adopt what are read on in the order of thresholds, each once."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.audiences import Audiences
from sim.core.columns import Column, Population


def test_a_serial_number_outlives_its_row() -> None:
    population = Population("things", {"serial": Column(np.int32, "1", "how many came before it")})
    first = population.grow(np.array([7, 8, 9], np.uint64))
    population.retire(first[:2])
    later = population.grow(np.array([10, 11, 12], np.uint64))
    assert set(later.tolist()) & set(first[:2].tolist())
    living = population.rows
    numbered = dict(zip(population.uid[living].tolist(), population.serial[living].tolist(), strict=True))
    assert numbered == {9: 2, 10: 3, 11: 4, 12: 5}


@pytest.mark.parametrize("zones", [1, 3])
def test_each_is_read_once_and_in_order(zones: int) -> None:
    rng = np.random.default_rng(3)
    lists = Audiences.none(zones)
    threshold: dict[tuple[int, int], float] = {}
    read: dict[tuple[int, int], int] = {}
    hazard = 0.0
    for month in range(40):
        if month < 30:  # two technologies a month, so that the arrays have to grow several times
            number = 50
            of, zone = rng.integers(0, 2, number), rng.integers(0, zones, number)
            firm, limit = np.arange(number), rng.exponential(1.0, number) + hazard
            threshold |= {(2 * month + int(t), int(f)): x for t, f, x in zip(of, firm, limit, strict=True)}
            before = lists.used
            lists.enlist(2, of, zone, firm, limit)
            lists.hazard[before : lists.used] = hazard
            lists.concerned[before : lists.used] += 1
        technology, _, wanted_by = lists.advance(np.ones((zones, zones)), 0.1, 0.0)
        hazard += 0.1
        for pair in zip(technology.tolist(), wanted_by.tolist(), strict=True):
            assert pair not in read
            read[pair] = month
            assert hazard - 0.1 <= threshold[pair] + 1e-9 and threshold[pair] < hazard + 1e-9
    due = {pair for pair, x in threshold.items() if x < hazard - 1e-9}
    assert due <= read.keys()
    assert len(due) > 1000
