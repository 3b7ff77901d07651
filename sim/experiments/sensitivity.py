"""A sensitivity analysis from an experiment's file: its runs, then screening or indices of each outcome.

A run that fails is tried once more; where it fails again the analysis is refused, for indices over the rest of a
design would be wrong. Where grades of evidence are moved as groups, it is done three times: with the priors of
judgement half as wide, as declared and twice as wide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Finding, InputError
from sim.experiments.chunk import SIMULATED
from sim.experiments.design import Points
from sim.experiments.experiment import read
from sim.experiments.sweep import Tally, Told, sweep_study
from sim.results.answers import answers_of
from sim.results.arms import Answers
from sim.results.sensitivity import Screening, Sobol, screening, sobol
from sim.results.stored import open_store

WIDTHS = (0.5, 2.0, 1.0)
"Of the priors of judgement; as declared comes last, so that the store is left with it as its newest plan."
KINDS = ("morris", "saltelli")


@dataclass(frozen=True)
class Analysis:
    """What was found, by outcome: a metric, or what an arm changes in it."""

    folder: Path
    answers: Answers
    points: Points
    screenings: Mapping[str, Screening]
    indices: Mapping[str, Mapping[float, Sobol]]
    "By outcome and by width of the priors of judgement."
    stopped: Tally | None = None
    "How far it came, if it was interrupted."


def analyse(
    file: Path,
    overrides: Sequence[str] = (),
    *,
    work: str = SIMULATED,
    progress: Told = lambda tally: None,
    notice: Callable[[str], None] = lambda line: None,
    **how: Any,
) -> Analysis:
    """Run what is missing and analyse; `how` goes to `sweep_study`.

    Raises InputError if the design is neither morris nor saltelli, RefusedError if a run fails twice.
    """
    study = read(file, overrides)
    points = study.points
    if points.kind not in KINDS:
        raise InputError(
            Finding(file=str(file), path="design.kind", message="this design has no sensitivity analysis",
                    found=points.kind, allowed=", ".join(KINDS))
        )  # fmt: skip
    grades = {group: group for group in points.moved} if points.groups else dict(study.grades)
    screenings: dict[str, Screening] = {}
    indices: dict[str, dict[float, Sobol]] = {}
    for width in WIDTHS if points.groups else (1.0,):
        study = read(file, overrides, width=width)
        given: dict[str, Any] = {"work": work, "progress": progress, "notice": notice, **how}
        tally = sweep_study(study, **given)
        if tally.failed and not tally.stopped:
            notice(f"{tally.failed} runs failed; they are tried once more")
            tally = sweep_study(study, again=True, **given)
        answers = answers_of(open_store(tally.folder))
        if tally.stopped:
            return Analysis(tally.folder, answers, points, screenings, indices, tally)
        for outcome, values in outcomes(answers).items():
            if points.kind == "morris":
                shares = np.array([points.shares(k) for k in range(len(points))])
                screenings[outcome] = screening(shares, values, points.paths, grades)
            else:
                indices.setdefault(outcome, {})[width] = sobol(values, points.moved, grades)
    return Analysis(tally.folder, answers, points, screenings, indices)


def outcomes(answers: Answers) -> dict[str, NDArray[np.float64]]:
    """[point, replicate] by outcome: each metric in the first arm, and what each other arm changes in it."""
    window = next(iter(answers.windows))
    found = {}
    for metric, about in answers.metrics.items():
        mean = about.get("over_places") == "mean"
        places = [answers.places[-1]["key"]] if mean else list(answers.pictured)
        values = answers.window(metric, places, window)
        found[metric] = values[0]
        for arm, changed in zip(answers.arms[1:], values[1:], strict=True):
            found[f"{metric}, {arm} minus {answers.arms[0]}"] = changed - values[0]
    return found
