"""Scenarios as the arms of an experiment, to which replicates are added until intervals are as narrow as asked."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Finding, InputError
from sim.experiments.sweep import Tally, sweep
from sim.results.answers import answers_of
from sim.results.arms import Answers, effect, pairs_needed
from sim.results.stored import open_store
from sim.scenario import load
from sim.scenario.library import is_plain
from sim.store.publishing import replace_file

MOST_REPLICATES = 2000
_WRITTEN = re.compile(r"(?P<metric>\w+)=(?P<half>\d+(?:\.\d+)?|\.\d+)(?P<percent>\s*%)?")


@dataclass(frozen=True)
class Wanted:
    """How far an interval may reach to either side of the mean difference."""

    metric: str
    half: float
    relative: bool
    "Whether `half` is a share of the metric's mean in the first scenario."

    def limit(self, reference: float) -> float:
        return self.half * abs(reference) if self.relative else self.half


def parse(text: str) -> Wanted:
    """`deals=20`, in the metric's unit, or `deals=2%` of its mean in the first scenario; InputError otherwise."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or float(found["half"]) <= 0:
        message = "not a precision: write METRIC=HALF, such as deals=20 or deals=2%"
        raise InputError(Finding(file="--precision", message=message, found=text))
    percent = bool(found["percent"])
    return Wanted(found["metric"], float(found["half"]) / (100 if percent else 1), percent)


def experiment_of(
    scenarios: Sequence[str], metrics: Sequence[str], places: Sequence[str], overrides: Sequence[str],
    start: str | None, end: str | None, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """An experiment whose arms are scenarios; InputError if one cannot be read."""
    first = load(scenarios[0], overrides).document
    names = [Path(one).stem if not is_plain(one) else one for one in scenarios]
    arms = [name if names.count(name) == 1 else f"{name} {k + 1}" for k, name in enumerate(names)]
    files = [one if is_plain(one) else str(Path(one).resolve()) for one in scenarios]
    return {
        "title": f"What do {', '.join(arms[1:])} change against {arms[0]}?",
        "scenario": files[0],
        "arms": {arm: {"scenario": file} for arm, file in zip(arms, files, strict=True)},
        "metrics": list(metrics),
        "places": list(places),
        "window": {"start": start or first.start, "end": end or first.end},
        "seed": seed,
    }


def until_precise(
    experiment: dict[str, Any],
    wanted: Sequence[Wanted],
    folder: Path,
    *,
    replicates: int,
    most: int = MOST_REPLICATES,
    notice: Callable[[str], None] = lambda line: None,
    **how: Any,
) -> tuple[Answers, Tally, list[str]]:
    """Add replicates until every arm's interval is as narrow as wanted; what is not reached is told in words.

    The experiment's file and its store lie in `folder`; `how` goes to `sweep`.
    """
    arms = list(experiment["arms"])
    file = folder / f"{'-'.join(re.sub(r'[^A-Za-z0-9_]+', '_', arm) for arm in arms)[:80]}.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    many = min(max(replicates, 2), most)
    while True:
        replace_file(file, json.dumps(experiment | {"replicates": many}, indent=1, ensure_ascii=False).encode())
        tally = sweep(file, out=folder, notice=notice, **how)
        answers = answers_of(open_store(tally.folder))
        if tally.stopped:
            return answers, tally, []
        next_many, told = many, []
        for one in wanted:
            places = list(answers.pictured)
            for arm in arms[1:]:
                found = effect(answers, arm, one.metric, places, "window")
                half, limit = (found.high - found.low) / 2, one.limit(found.reference)
                if not half <= limit:
                    next_many = max(next_many, pairs_needed(half, limit, many, most) if limit > 0 else most)
                    reach = f"{half:.3g}" if math.isfinite(half) else "unknown"
                    told.append(f"{arm}, {one.metric}: half-width {reach}, {limit:.3g} wanted, {many} pairs")
        if not told or next_many <= many:
            return answers, tally, told
        notice(f"{told[0]}; going on to {next_many} replicates")
        many = next_many
