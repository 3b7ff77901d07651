"""Whether a finding holds at every tier of the model, or changes its sign: then it is unresolved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sim.results.effects import NO_DIFFERENCE, Effect
from sim.results.wording import amount, estimate


def verdict(effects: Mapping[str, Effect]) -> str:
    """In words, what the intervals of one effect at the tiers say together."""
    if all(one.exactly_zero for one in effects.values()):
        return NO_DIFFERENCE
    if not all(math.isfinite(one.low) for one in effects.values()):
        return "one replicate: no interval"
    sign = {tier: _sign(one) for tier, one in effects.items()}
    rises, falls, open_ = ([tier for tier, s in sign.items() if s == want] for want in (1, -1, 0))
    if rises and falls:
        return f"unresolved: rises at {', '.join(rises)}, falls at {', '.join(falls)}"
    if not open_:
        return f"resolved: {'rises' if rises else 'falls'} at every tier"
    if rises or falls:
        word = "rises" if rises else "falls"
        return f"unresolved: {word} at {', '.join(rises or falls)}, the interval holds 0 at {', '.join(open_)}"
    return "unresolved: the interval holds 0 at every tier"


def _sign(one: Effect) -> int:
    if one.low <= 0 <= one.high:
        return 0
    return 1 if one.difference > 0 else -1


def table(found: Iterable[Mapping[str, Effect]]) -> list[dict[str, str]]:
    """Rows of a text table, one a headline: the effect with its interval at each tier, and the verdict."""
    rows = []
    for effects in found:
        first = next(iter(effects.values()))
        cells = {tier: _shown(one) for tier, one in effects.items()}
        rows.append({"metric": first.metric, "place": first.place, **cells, "finding": verdict(effects)})
    return rows


def _shown(one: Effect) -> str:
    if one.exactly_zero:
        return "0"
    if not math.isfinite(one.low):
        return amount(one.difference, one.unit)
    return estimate(one.difference, one.low, one.high, one.unit)
