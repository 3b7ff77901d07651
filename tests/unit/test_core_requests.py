"""Requests: whose are paid is settled by seniority and keyed priority, never by who came first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.core.requests import Requests
from sim.core.streams import priorities, run_key

KEY = run_key(3, 0)
KINDS = (("bill", 0, True), ("deal", 0, False), ("capital", 1, True), ("whim", 2, False))
MOST = 4  # payers


def rank(uid: NDArray[np.uint64]) -> NDArray[np.float64]:
    return priorities(KEY, np.uint32(9), uid, 5)


@dataclass(frozen=True)
class Asked:
    kind: int
    uid: int
    payer: int
    amount: int


ASKED = st.lists(
    st.builds(Asked, st.integers(0, 3), st.integers(0, 10**6), st.integers(0, MOST - 1), st.integers(0, 60)),
    max_size=25,
    unique_by=lambda a: a.uid,
)
BALANCE = st.lists(st.integers(0, 120), min_size=MOST, max_size=MOST)


def settled(asked: list[Asked], balance: list[int], kinds: list[int]) -> dict[int, int]:
    """What the clearing grants, by identity, when kinds arrive in this order."""
    requests = Requests()
    for kind in kinds:
        rows = [a for a in asked if a.kind == kind]
        name, seniority, divisible = KINDS[kind]
        requests.ask(
            name,
            np.array([a.uid for a in rows], np.uint64),
            np.array([a.payer for a in rows], np.int32),
            np.array([a.amount for a in rows], np.int64),
            seniority=seniority,
            divisible=divisible,
        )
    requests.clear(np.array(balance, np.int64), rank)
    granted = {}
    for kind in kinds:
        batch = requests.granted(KINDS[kind][0])
        granted |= dict(zip(batch["uid"].tolist(), batch["granted"].tolist(), strict=True))
    return granted


def plain(asked: list[Asked], balance: list[int]) -> dict[int, int]:
    """The rule in words: each payer in turn pays the senior first, then by priority, wholly or as far as it goes."""
    granted = {}
    order = {a.uid: float(rank(np.array([a.uid], np.uint64))[0]) for a in asked}
    for payer, cash in enumerate(balance):
        queue = [a for a in asked if a.payer == payer]
        for a in sorted(queue, key=lambda a: (KINDS[a.kind][1], order[a.uid])):
            paid = a.amount if a.amount <= cash else cash if KINDS[a.kind][2] else 0
            granted[a.uid] = paid
            cash -= paid
    return granted


@given(ASKED, BALANCE, st.permutations(range(4)), st.randoms(use_true_random=False))
def test_grants_are_those_of_the_rule_whatever_the_order_of_arrival(
    asked: list[Asked], balance: list[int], kinds: list[int], chance: Any
) -> None:
    granted = settled(asked, balance, [0, 1, 2, 3])
    assert granted == plain(asked, balance)
    shuffled = list(asked)
    chance.shuffle(shuffled)
    assert settled(shuffled, balance, kinds) == granted


@given(ASKED, BALANCE)
def test_nobody_pays_more_than_he_has_nor_more_than_is_asked(asked: list[Asked], balance: list[int]) -> None:
    granted = settled(asked, balance, [0, 1, 2, 3])
    for payer in range(MOST):
        assert sum(granted[a.uid] for a in asked if a.payer == payer) <= balance[payer]
    for a in asked:
        assert 0 <= granted[a.uid] <= a.amount
        assert KINDS[a.kind][2] or granted[a.uid] in (0, a.amount)


@given(ASKED, BALANCE)
def test_who_can_pay_everything_does(asked: list[Asked], balance: list[int]) -> None:
    granted = settled(asked, balance, [0, 1, 2, 3])
    for payer in range(MOST):
        own = [a for a in asked if a.payer == payer]
        if sum(a.amount for a in own) <= balance[payer]:
            assert all(granted[a.uid] == a.amount for a in own)


@given(ASKED, BALANCE)
def test_payers_do_not_concern_each_other(asked: list[Asked], balance: list[int]) -> None:
    together = settled(asked, balance, [0, 1, 2, 3])
    for payer in range(MOST):
        alone = settled([a for a in asked if a.payer == payer], balance, [0, 1, 2, 3])
        assert alone == {a.uid: together[a.uid] for a in asked if a.payer == payer}


def test_seniority_goes_before_priority() -> None:
    """Out of many pairs, keyed priority alone would put the junior first in about half."""
    for uid in range(0, 80, 2):
        asked = [Asked(2, uid, 0, 50), Asked(0, uid + 1, 0, 50)]
        assert settled(asked, [50, 0, 0, 0], [2, 0]) == {uid: 0, uid + 1: 50}


def test_equals_are_ranked_by_identity_alone() -> None:
    first = [settled([Asked(0, u, 0, 50), Asked(0, u + 1, 0, 50)], [50, 0, 0, 0], [0])[u] == 50 for u in range(200)]
    assert 60 < sum(first) < 140


def test_the_indivisible_is_all_or_nothing_and_leaves_its_cash_to_others() -> None:
    asked = [Asked(1, 1, 0, 100), Asked(2, 2, 0, 40), Asked(3, 3, 0, 30)]
    assert settled(asked, [90, 0, 0, 0], [0, 1, 2, 3]) == {1: 0, 2: 40, 3: 30}


def test_details_come_back_with_the_grant() -> None:
    requests = Requests()
    uid = np.array([5, 6], np.uint64)
    requests.ask("deal", uid, np.array([0, 1], np.int32), np.array([3, 9]), seniority=0, divisible=False,
                 buyer=np.array([70, 80]))  # fmt: skip
    requests.clear(np.array([5, 5]), rank)
    batch = requests.granted("deal")
    assert batch["granted"].tolist() == [3, 0] and batch["buyer"].tolist() == [70, 80]
    assert requests.granted("nothing") == {}
    requests.begin_month()
    assert requests.granted("deal") == {}
    requests.clear(np.array([5, 5]), rank)


def test_a_kind_is_asked_for_once_a_month() -> None:
    requests = Requests()
    none = np.empty(0, np.int64)
    requests.ask("deal", none.astype(np.uint64), none.astype(np.int32), none, seniority=0, divisible=False)
    with pytest.raises(ValueError, match="deal was asked for twice in a month"):
        requests.ask("deal", none.astype(np.uint64), none.astype(np.int32), none, seniority=0, divisible=False)
