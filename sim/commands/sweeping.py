"""`jjj sweep`: run an experiment, go on with it, extend it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands.executing import with_executor
from sim.commands.options import (
    SECONDS_BETWEEN_LINES,
    announce_compilation,
    examples,
    with_language,
    with_out,
    with_overrides,
)
from sim.errors import PartialError, StoppedError, StoreError

if TYPE_CHECKING:
    from sim.experiments.executors import Executor
    from sim.experiments.sweep import Tally, Told


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
@click.option("--dry-run", is_flag=True, help="Say how many runs there are, and what they take; keep nothing.")
@click.option("--retry-failed", is_flag=True, help="Try runs that failed once more.")
@with_out
@with_language
@click.option("--no-figures", is_flag=True, help="Write the runs only.")
def sweep(
    experiment: Path,
    overrides: tuple[str, ...],
    jobs: int | None,
    timeout: float | None,
    executor: Callable[[], AbstractContextManager[Executor | None]],
    dry_run: bool,
    retry_failed: bool,
    out: Path,
    language: str,
    no_figures: bool,
) -> None:
    """Run EXPERIMENT with common random numbers; the last line is the folder of its store.

    What is there already is not run again: the same command goes on after an interruption, and after arms, points or
    replicates were added. Another model or another scenario is run anew, and the old runs are kept.
    """
    from sim.experiments.sweep import sweep

    if dry_run:
        _estimate(experiment, overrides, out, jobs)
        return
    announce_compilation()
    with executor() as hands, progress_of(experiment.stem) as progress:
        tally = sweep(
            experiment,
            out=out,
            jobs=jobs,
            timeout=timeout,
            executor=hands,
            again=retry_failed,
            overrides=overrides,
            progress=progress,
            notice=_say,
        )
    given = "".join(f" --set {one}" for one in overrides)
    again = f"  To go on: jjj sweep {experiment}{given}" + (f" --out {out}" if out != Path("results") else "")
    if tally.stopped:
        raise StoppedError(
            f"Interrupted: {tally.done + tally.kept} of {tally.total} runs are kept.",
            remedy=again,
            exit_code=tally.stopped,
        )
    if tally.audited:
        _say(f"{tally.audited} runs audited, {tally.differed} differed")
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


def _say(line: str) -> None:
    click.echo(line, err=True)


def told(tally: Tally) -> str:
    """How far a sweep is, in a line: rate, time left, failures, memory."""
    parts = [f"{tally.done + tally.kept + tally.failed:,} of {tally.total:,} runs"]
    if tally.kept:
        parts.append(f"{tally.kept:,} kept")
    if tally.done and tally.seconds:
        rate = tally.done / tally.seconds
        parts.append(f"{rate:.3g} a second")
        if tally.left:
            parts.append(f"{duration(tally.left / rate)} left")
    parts.append(f"{tally.failed:,} failed")
    if tally.memory_mb:
        parts.append(f"{tally.memory_mb:,} MB a process")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """A time as one reads it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def progress_of(title: str) -> Iterator[Told]:
    """A bar in a terminal, now and then a line in a log."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(title, total=None, told="")

            def bar(tally: Tally) -> None:
                bars.update(task, completed=tally.done + tally.kept + tally.failed, total=tally.total, told=told(tally))

            yield bar
        return
    last = time.monotonic() - SECONDS_BETWEEN_LINES

    def line(tally: Tally) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES or (tally.done and not tally.left):
            last = time.monotonic()
            click.echo(f"{title}: {told(tally)}", err=True)

    yield line
