"""`jjj sensitivity`: which uncertain numbers move the outcomes, and what the outcomes rest on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands.executing import Connect, with_executor
from sim.commands.options import (
    aligned,
    announce_compilation,
    examples,
    with_language,
    with_out,
    with_overrides,
)
from sim.commands.progress import progress_of, say
from sim.errors import StoppedError

if TYPE_CHECKING:
    from sim.experiments.sensitivity import Analysis
    from sim.results.sensitivity import Index, Sobol


@click.command(
    short_help="Which uncertain numbers matter, and how sure that is.",
    epilog=examples(
        "jjj sensitivity experiments/screening.yaml",
        "jjj sensitivity experiments/what_it_rests_on.yaml --lang zh",
        "jjj sensitivity mine.yaml --scheduler tcp://127.0.0.1:8786",
    ),
)
@click.argument("experiment", type=click.Path(path_type=Path))
@with_overrides
@with_executor
@with_out
@with_language
@click.option("--no-figures", is_flag=True, help="Print the tables only.")
def sensitivity(
    experiment: Path,
    overrides: tuple[str, ...],
    jobs: int | None,
    timeout: float | None,
    connect: Connect,
    out: Path,
    language: str,
    no_figures: bool,
) -> None:
    """Run EXPERIMENT, a file or the name of a shipped one, and say which of its uncertain numbers matter.

    The `design` of the experiment says how: `kind: morris` finds the few numbers that move an outcome at all, with few
    runs; `kind: saltelli` tells what share of an outcome's variance goes with each (Sobol' indices), with many. With
    `groups: grade`, numbers of one grade of evidence are moved together, and all is done three times: the priors of
    judgement as declared, half as wide and twice as wide.

    Every index has a 90 % interval, every outcome a verdict on convergence in words. The same command goes on after an
    interruption. A run that fails is tried again, and the analysis refused if it fails again.
    """
    from sim.experiments.sensitivity import analyse

    announce_compilation()
    with connect() as executor, progress_of(experiment.stem) as progress:
        found = analyse(
            experiment, overrides, out=out, jobs=jobs, timeout=timeout, executor=executor, progress=progress,
            notice=say,
        )  # fmt: skip
    if found.stopped:
        raise StoppedError(
            "Interrupted; what is done is kept, and the same command goes on.", exit_code=found.stopped.stopped
        )
    print_analysis(found)
    if not no_figures:
        for path in draw_analysis(found, language):
            click.echo(path)
    click.echo(found.folder)


def print_analysis(found: Analysis) -> None:
    """Tables and verdicts, an outcome after the other."""
    from sim.results.wording import amount, between

    start, end = next(iter(found.answers.windows.values()))
    where = " + ".join(found.answers.pictured)
    replicates = found.answers.replicates
    for outcome, screening in found.screenings.items():
        unit = found.answers.metrics[outcome.split(",")[0]]["unit"]
        click.echo(f"{outcome}, {where}, {start} to {end}; {screening.trajectories} trajectories\n")
        rows = [
            {
                "parameter": e.name,
                "grade": e.grade,
                "mean effect": amount(e.mean, unit),
                "mean size": amount(e.size, unit),
                "90 % interval": between(e.low, e.high, unit),
                "spread": amount(e.spread, unit),
            }
            for e in screening.effects
        ]
        chance = {
            "parameter": "(dummy: chance alone)",
            "mean size": amount(screening.chance, unit) if replicates > 1 else "-",
        }
        click.echo(aligned([*rows, {**dict.fromkeys(rows[0], ""), **chance}]))
        click.echo(f"\n{screening.verdict}\n")
    for outcome, by_width in found.indices.items():
        for width, one in sorted(by_width.items()):
            about = f", priors of judgement x {width:g}" if len(by_width) > 1 else ""
            click.echo(f"{outcome}, {where}, {start} to {end}; {one.blocks} blocks{about}\n")
            click.echo(aligned([_row(i) for i in (*one.indices, one.dummy)]))
            click.echo(f"\n{one.verdict}")
            for share in one.shares:
                alone = _percents(share.alone, share.alone_low, share.alone_high)
                most = _percents(share.at_most, share.at_most_low, share.at_most_high)
                click.echo(
                    f"{alone} of the variance goes with {share.kind} numbers alone, at most {most} with all that they "
                    "do together with others."
                )
            click.echo()
        if len(by_width) > 1:
            click.echo(_widths(outcome, by_width) + "\n")


def _row(one: Index) -> dict[str, str]:
    return {
        "parameter": one.name,
        "grade": one.grade,
        "alone": f"{one.first:.3f}",
        "90 % interval": f"{one.first_low:.3f} to {one.first_high:.3f}",
        "total": f"{one.total:.3f}",
        "90 % interval ": f"{one.total_low:.3f} to {one.total_high:.3f}",
    }


def _widths(outcome: str, by_width: Mapping[float, Sobol]) -> str:
    """How the share of assumptions moves with the width of their priors."""
    parts = []
    for width, name in ((0.5, "halved"), (1.0, "as declared"), (2.0, "doubled")):
        share = next((s for s in by_width[width].shares if s.kind == "assumed"), None)
        if share is not None:
            parts.append(f"{_percents(share.alone, share.alone_low, share.alone_high)} {name}")
    if not parts:
        return (
            f"No share of the variance of {outcome} can be given to assumptions: nothing varies, or none is uncertain."
        )
    return f"Share of the variance of {outcome} that rests on assumptions alone: {', '.join(parts)}."


def _percents(share: float, low: float, high: float) -> str:
    """A share with its interval, in whole percent."""
    return f"{100 * share:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def draw_analysis(found: Analysis, language: str) -> list[Path]:
    """The tornado, the bars, or what the outcomes rest on."""
    from sim.figures import screening, sobol

    out = found.folder / "figures"
    ending = "" if language == "en" else f"_{language}"
    own = set(found.answers.metrics)
    screenings = {k: v for k, v in found.screenings.items() if k in own}
    indices = {k: dict(v) for k, v in found.indices.items() if k in own}
    if screenings:
        return [screening.draw(found.answers, screenings, out / f"tornado{ending}.png", language)]
    declared = {k: v[1.0] for k, v in indices.items()}
    paths = [sobol.draw(found.answers, declared, out / f"sobol{ending}.png", language)]
    if found.points.groups:
        paths.append(sobol.draw_evidence(found.answers, indices, out / f"evidence{ending}.png", language))
    return paths
