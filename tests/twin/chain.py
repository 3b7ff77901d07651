"""The chain of finance: every instrument quotes, each need takes the cheapest first, and quotas go round by lot."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from twin.instruments import INSTRUMENTS, Instrument, Quote
from twin.needs import Need, collect

if TYPE_CHECKING:
    from twin.model import TwinModel

Quotes = dict[Need, list[tuple[Instrument, Quote]]]


def finance(model: TwinModel) -> None:
    needs = collect(model)
    offered = [one for one in INSTRUMENTS if model.scenario.tier in one.tiers and model.on(one.system)]
    quotes: Quotes = {}
    for need in needs:
        made = [(one, one.quote(model, need)) for one in offered]
        quotes[need] = [(one, quote) for one, quote in made if quote and quote.limit > 0]
        quotes[need].sort(key=lambda pair: pair[1].cost)  # stable: of one cost, in the order of the list
    taken = share_quotas(model, quotes)
    for instrument in offered:
        given = [(need, quote, taken[need, one]) for need in needs for one, quote in quotes[need] if one is instrument]
        due: Counter = Counter()
        for _, quote, amount in given:
            due[quote.provider] += amount
            for financier in (quote.provider, quote.second):
                if financier:
                    financier.quota -= amount
        instrument.prepare(due)
        for need, quote, amount in given:
            if amount:
                instrument.provide(model, need, quote, amount)
    for need in needs:
        provided = sum(taken[need, instrument] for instrument in offered)
        grant(need, provided)
        model.count("needs", need.zone)
        model.count("needs_yuan", need.zone, need.gap)
        model.count("financed_yuan", need.zone, provided)
        if provided == need.gap:
            model.count("needs_met", need.zone)


def share_quotas(model: TwinModel, quotes: Quotes) -> Counter[tuple[Need, Instrument]]:
    """What each need takes from each instrument.

    Round by round, each need turns to its next quote: its limit, what is still lacking, what the firm's margin can
    carry, and the quotas behind it say how much. Who is all or nothing and stays short gives everything back.
    """
    taken: Counter[tuple[Need, Instrument]] = Counter()
    quota = {financier: financier.quota for financier in model.financiers}
    lacking = {need: need.gap for need in quotes}
    room = {need: need.room for need in quotes}
    turn = sorted(quotes, key=lambda need: (need.seniority, model.lot("clearing.powder", need.uid), need.uid))
    for number in range(len(INSTRUMENTS)):
        for need in turn:
            if number >= len(quotes[need]):
                continue
            instrument, quote = quotes[need][number]
            behind = [financier for financier in (quote.provider, quote.second) if financier]
            amount = min(quote.limit, lacking[need])
            if quote.load * amount > room[need]:
                amount = int(room[need] / quote.load)
            if amount <= 0 or amount < quote.smallest:
                continue
            have = min(quota[financier] for financier in behind)
            if amount > have:
                amount = 0 if need.whole else have
            taken[need, instrument] = amount
            lacking[need] -= amount
            room[need] -= quote.load * amount
            for financier in behind:
                quota[financier] -= amount
    for need, instrument in list(taken):
        if need.whole and lacking[need] > 0:
            taken[need, instrument] = 0
    return taken


def grant(need: Need, provided: int) -> None:
    """A payment that is all or nothing is granted once its whole gap is closed."""
    if provided:
        request = need.request
        request.granted = request.yuan if provided == need.gap else request.granted + provided
