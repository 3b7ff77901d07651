"""The ledger: money is never made or lost, every total is that of a plain sum, and mistakes stop the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.ledger import Ledger, Tag
from sim.errors import InvariantError

SECTORS = ("outside", "firms", "parks", "funds")
TAGS = (Tag("rent", "firms", "parks", ""), Tag("grant", "outside", "firms", ""), Tag("stake", "funds", "firms", ""))
PLACES = 3


def opened(sectors: list[int], places: list[int]) -> Ledger:
    ledger = Ledger(SECTORS, TAGS, ("equity",), PLACES)
    for sector, place in zip(sectors, places, strict=True):
        ledger.open(SECTORS[sector], np.array([place]))
    return ledger


ACCOUNTS = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(1, 3), min_size=n, max_size=n),
        st.lists(st.integers(0, PLACES - 1), min_size=n, max_size=n),
    )
)
POSTINGS = st.lists(
    st.tuples(
        st.integers(0, len(TAGS) - 1),
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 10**12)), min_size=0, max_size=8),
        st.sampled_from(["each", "one payer", "one payee"]),
    ),
    max_size=8,
)


@given(ACCOUNTS, POSTINGS)
def test_any_postings_add_up(accounts: tuple[list[int], list[int]], postings: list[tuple[Any, ...]]) -> None:
    ledger = opened(*accounts)
    n = ledger.used
    ledger.endow(np.arange(1, n), np.full(n - 1, 10**15))
    sector, place = [0, *accounts[0]], [PLACES, *accounts[1]]
    balance = [-(10**15) * (n - 1)] + [10**15] * (n - 1)
    start = ledger.by_sector_balance()
    by_sector, by_place, counts = (np.zeros_like(x) for x in (ledger.by_sector, ledger.by_place, ledger.counts))
    for tag, rows, shape in postings:
        payer = np.array([row[0] % n for row in rows], np.int32)
        payee = np.array([row[1] % n for row in rows], np.int32)
        if shape == "one payer":
            payer = np.full_like(payer, payer[0]) if rows else payer
        if shape == "one payee":
            payee = np.full_like(payee, payee[0]) if rows else payee
        yuan = np.array([row[2] for row in rows], np.int64)
        ledger.post(
            TAGS[tag].name,
            payer[:1] if shape == "one payer" else payer,
            payee[:1] if shape == "one payee" else payee,
            yuan,
        )
        for a, b, amount in zip(payer.tolist(), payee.tolist(), yuan.tolist(), strict=True):
            balance[a] -= amount
            balance[b] += amount
            by_sector[tag, sector[a], sector[b]] += amount
            by_place[tag, place[a], place[b]] += amount
            counts[tag, place[a], place[b]] += amount > 0
        assert ledger.balance[:n].tolist() == balance
        assert int(ledger.balance.sum()) == 0
    assert np.array_equal(ledger.by_sector, by_sector)
    assert np.array_equal(ledger.by_place, by_place)
    assert np.array_equal(ledger.counts, counts)
    plain = np.zeros(len(SECTORS), np.int64)
    np.add.at(plain, sector, balance)
    assert np.array_equal(ledger.by_sector_balance(), plain)
    flows = ledger.by_sector.sum(axis=0)
    assert np.array_equal(plain - start, flows.sum(axis=0) - flows.sum(axis=1))
    ledger.begin_month()
    assert not ledger.by_sector.any() and not ledger.by_place.any() and not ledger.counts.any()
    assert ledger.balance[:n].tolist() == balance


def test_a_negative_amount_is_refused() -> None:
    ledger = opened([1, 2], [0, 1])
    with pytest.raises(InvariantError, match="the flow rent was given a negative amount: -5 yuan"):
        ledger.post("rent", ledger.outside, np.array([1, 2], np.int32), np.array([3, -5]))


def test_an_overdraft_is_refused_by_one_yuan() -> None:
    ledger = opened([1, 2], [0, 1])
    firm, park = np.array([1], np.int32), np.array([2], np.int32)
    ledger.endow(firm, np.array([100]))
    ledger.post("rent", firm, park, np.array([100]))
    with pytest.raises(InvariantError, match="the flow rent overdraws account 1 to -1 yuan"):
        ledger.post("rent", firm, park, np.array([1]))


def test_several_payments_of_one_payer_may_not_overdraw_together() -> None:
    ledger = opened([1, 2], [0, 1])
    ledger.endow(np.array([1], np.int32), np.array([100]))
    with pytest.raises(InvariantError, match="overdraws account 1"):
        ledger.post("rent", np.array([1, 1], np.int32), np.array([2], np.int32), np.array([60, 60]))


def test_only_the_outside_may_owe() -> None:
    ledger = opened([1], [0])
    ledger.post("grant", ledger.outside, np.array([1], np.int32), np.array([7]))
    assert ledger.balance[:2].tolist() == [-7, 7]
    assert ledger.by_place[1, PLACES, 0] == 7 and ledger.counts[1, PLACES, 0] == 1


def test_an_account_with_money_in_it_is_not_closed() -> None:
    ledger = opened([1, 1], [0, 0])
    ledger.endow(np.array([1], np.int32), np.array([1]))
    with pytest.raises(InvariantError, match="closed with money in it"):
        ledger.close(np.array([1], np.int32))


def test_a_closed_account_is_used_again_for_another() -> None:
    ledger = opened([1, 1, 1], [0, 0, 0])
    ledger.close(np.array([2], np.int32))
    again = ledger.open("parks", np.array([2, 1]))
    assert again.tolist() == [2, 4]
    assert not ledger.balance[again].any()
    ledger.post("rent", ledger.outside, again, np.array([3, 4]))  # told apart by the new sector and the new places
    assert ledger.by_sector[0, 0, 2] == ledger.by_sector.sum() == 7
    assert ledger.by_place[0, PLACES].tolist() == [0, 4, 3, 0]


def test_growth_keeps_what_accounts_hold() -> None:
    ledger = opened([1], [1])
    ledger.endow(np.array([1], np.int32), np.array([42]))
    more = ledger.open("funds", np.arange(100) % PLACES)
    assert np.unique(more).size == 100 and 1 not in more
    assert ledger.balance[1] == 42
    assert ledger.by_sector_balance().tolist() == [-42, 42, 0, 0]
    ledger.post("rent", np.array([1], np.int32), ledger.outside, np.array([42]))
    assert ledger.by_place[0, 1, PLACES] == ledger.by_place.sum() == 42


def test_claims_are_kept_by_holder_and_issuer() -> None:
    ledger = opened([1], [0])
    ledger.claim("equity", "funds", "firms", 50)
    ledger.claim("equity", "funds", "firms", -20)
    assert ledger.claims[0, 3, 1] == 30 and ledger.claims.sum() == 30
