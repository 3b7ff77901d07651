"""`jjj sweep`: run an experiment, go on with it, extend it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sim.commands.executing import Connect, with_executor
from sim.commands.options import (
    announce_compilation,
    examples,
    with_language,
    with_out,
    with_overrides,
)
from sim.commands.progress import duration, progress_of, say
from sim.errors import PartialError, StoppedError, StoreError


@click.command(
    short_help="Run an experiment, or go on with it.",
    epilog=examples(
        "jjj sweep experiments/platform_capacity_and_border.yaml --jobs 2",
        "jjj sweep mine.yaml --dry-run",
        "jjj sweep mine.yaml --timeout 600 --retry-failed",
        "jjj sweep mine.yaml --scheduler tcp://127.0.0.1:8786",
    ),
)
@click.argument("experiment", type=click.Path(path_type=Path))
@with_overrides
@with_executor
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say how many runs there are, and what time, memory and disk they take, after trying a few.",
)
@click.option("--retry-failed", is_flag=True, help="Also do runs again that failed before.")
@with_out
@with_language
@click.option("--no-figures", is_flag=True, help="Draw no pictures.")
def sweep(
    experiment: Path,
    overrides: tuple[str, ...],
    jobs: int | None,
    timeout: float | None,
    connect: Connect,
    dry_run: bool,
    retry_failed: bool,
    out: Path,
    language: str,
    no_figures: bool,
) -> None:
    """Run EXPERIMENT, a file or the name of a shipped one; the last line printed is its store: OUT/<name of the file>.

    Runs are kept as they are done, and what is kept is not run again: the same
    command goes on after an interruption, and after arms, points or replicates were added. Another model or another
    scenario is run anew, and the old runs are kept. Arms share their random draws, so that they differ by what they
    change alone.

    Ctrl-C finishes and keeps the runs under way; a second one ends at once. Runs that fail are told at the end, and the
    exit code is 3.
    """
    from sim.experiments.sweep import sweep

    if dry_run:
        _estimate(experiment, overrides, out, jobs)
        return
    announce_compilation()
    with connect() as executor, progress_of(experiment.stem) as progress:
        tally = sweep(
            experiment, overrides, out=out, jobs=jobs, timeout=timeout, executor=executor, again=retry_failed,
            progress=progress, notice=say,
        )  # fmt: skip
    given = "".join(f" --set {one}" for one in overrides)
    again = f"  To go on: jjj sweep {experiment}{given}" + (f" --out {out}" if out != Path("results") else "")
    if tally.stopped:
        raise StoppedError(
            f"Interrupted: {tally.done + tally.kept} of {tally.total} runs are kept.",
            remedy=again,
            exit_code=tally.stopped,
        )
    if tally.audited:
        say(f"{tally.audited} runs audited, {tally.differed} differed")
    if tally.alarms or tally.differed:
        told_of = [*tally.alarms, f"{tally.differed} runs gave other numbers when they were done again"]
        raise StoreError("\n".join(told_of[: len(tally.alarms) + (tally.differed > 0)]))
    if not no_figures and tally.done + tally.kept:
        from sim.commands.pictures import draw

        draw(tally.folder, language)
    click.echo(tally.folder)
    if tally.failed:
        told = "\n".join(tally.failures)
        raise PartialError(
            f"{tally.failed} of {tally.total} runs failed.\n{told}".strip(),
            remedy=f"{again} --retry-failed",
        )


def _estimate(experiment: Path, overrides: tuple[str, ...], out: Path, jobs: int | None) -> None:
    from sim.experiments.estimating import estimate
    from sim.experiments.experiment import read

    study = read(experiment, overrides)
    announce_compilation()
    found = estimate(study, out, jobs or os.cpu_count() or 1)
    points, replicates = len(study.points), study.experiment.replicates
    click.echo(f"runs    {found.runs:,}: {len(study.arms):,} arms x {points:,} points x {replicates:,} replicates")
    click.echo(f"new     {found.new:,}; {found.kept:,} are kept")
    click.echo(f"time    {duration(found.seconds)} with {found.jobs} processes")
    click.echo(f"memory  {found.memory / 1e9:.2f} GB in all processes")
    click.echo(f"disk    {found.disk / 1e6:.2f} MB more")
    click.echo(f"from {found.tried} of the runs, done now and not kept")
