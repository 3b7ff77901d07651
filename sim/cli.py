"""The command `jjj`: each verb turns options into one call of the package.

This is the only file that prints errors and exits. Verbs import what they need when they run, so that
`jjj --help` and a typing mistake answer at once.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from sim import __version__
from sim.commands.comparing import compare
from sim.commands.options import (
    aligned,
    announce_compilation,
    examples,
    with_invariants,
    with_jobs,
    with_out,
    with_overrides,
    with_quick,
    with_seed,
)
from sim.commands.progress import counting
from sim.commands.sensing import sensitivity
from sim.commands.stores import check_store, export, import_, query, replay_stored, status
from sim.commands.sweeping import sweep
from sim.errors import EXIT_CODES, Finding, InputError, JJJError, OutputError, RefusedError, StoreError, word

EXIT_TABLE = "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)
DEBUG = "--debug"
VERBS = (
    "run", "replay", "plot", "targets", "patterns", "money", "compare", "sweep", "sensitivity", "status", "query",
    "export", "import", "new", "check", "explain", "diff", "list", "describe", "schema", "levels",
)  # fmt: skip
OF_A_SCENARIO = ("replicate", "seed", "until", "overrides", "invariants")
KINDS = ("scenarios", "experiments", "regions", "sections", "parameters", "units", "metrics", "figures")


class InOrderOfUse(click.Group):
    """Lists the verbs in the order in which one comes to need them."""

    def list_commands(self, context: click.Context) -> list[str]:
        known = [name for name in VERBS if name in self.commands]
        return known + sorted(self.commands.keys() - set(known))


@click.group(
    cls=InOrderOfUse,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_TABLE
    + "\n\n"
    + examples("jjj run baseline --quick", "jjj explain baseline", "jjj compare baseline no_platform --quick"),
)
@click.version_option(__version__, prog_name="jjj")
@click.option(DEBUG, is_flag=True, expose_value=False, help="Show where an unexpected error came from.")
def cli() -> None:
    """How innovation moves from a source city into its region: scenarios, runs, figures.

    A SCENARIO is a file, or the name of a shipped one such as baseline.
    """


@cli.command(
    short_help="Say all that is wrong with scenarios, experiments or stores.",
    epilog=examples(
        "jjj check scenarios/*.yaml experiments/*.yaml",
        "jjj check mine.yaml --set scale=0.1",
        "jjj check results/chain_ablation --repair",
    ),
)
@click.argument("scenarios", metavar="FILE|STORE...", nargs=-1, required=True)
@with_overrides
@click.option("--repair", is_flag=True, help="Of a store: set aside what is damaged.")
def check(scenarios: tuple[str, ...], overrides: tuple[str, ...], repair: bool) -> None:
    """Check scenarios, experiments and stores of sweeps, and report everything that is wrong with all of them."""
    from sim.scenario import load, refuse_if_impossible

    findings: list[Finding] = []
    refused: list[JJJError] = []
    for source in scenarios:
        try:
            if Path(source).is_dir():
                check_store(Path(source), repair)
                continue
            if _is_experiment(Path(source)):
                from sim.experiments.experiment import read

                study = read(Path(source), overrides)
                click.echo(f"{source}: fine ({study.name}, {study.runs:,} runs)")
                continue
            scenario = load(source, overrides)
            refuse_if_impossible(scenario)
            click.echo(f"{source}: fine ({scenario.name}, {scenario.digest[:16]})")
        except InputError as error:
            findings.extend(error.findings)
        except (RefusedError, StoreError) as error:
            refused.append(error)
    if findings:
        raise InputError(findings)
    if refused:
        raise type(refused[0])("\n".join(word(error) for error in refused))


def _is_experiment(file: Path) -> bool:
    """Whether a file has keys that only experiments have, and none that only scenarios have."""
    from sim.scenario.nodes import Block
    from sim.scenario.reading import read_file
    from sim.scenario.schema import ScenarioDocument

    root = read_file(file).root
    keys = set(root.items) if isinstance(root, Block) else set()
    scenarios = {*ScenarioDocument.model_fields, "extends"}
    if not keys - scenarios:
        return False
    from sim.experiments.experiment import Experiment  # takes half a second, which a scenario need not wait for

    return bool(keys & (Experiment.model_fields.keys() - scenarios)) and not keys & (
        scenarios - Experiment.model_fields.keys()
    )


@cli.command(
    short_help="Tell what will happen: month and timeline.",
    epilog=examples("jjj explain baseline", "jjj explain mine.yaml --set platform.date=null"),
)
@click.argument("scenario")
@with_overrides
def explain(scenario: str, overrides: tuple[str, ...]) -> None:
    """Tell what will happen: the scenario, the month as a table, the levers over time."""
    from sim.core.tables import table
    from sim.month import MONTH
    from sim.scenario import load
    from sim.scenario.describing import changes, header
    from sim.scenario.explaining import timeline_table

    loaded = load(scenario, overrides)
    columns = ("phase", "process", "system", "reads", "writes")
    rows = [[str(row[column]) for column in columns] for row in MONTH.table()]
    parts = {
        "Scenario": header(loaded),
        "What it changes": changes(loaded),
        "Every month, in this order": table(rows, columns),
        "Levers over time": timeline_table(loaded),
    }
    click.echo("\n\n".join(f"{title}\n\n{text}" for title, text in parts.items()))


@cli.command(
    short_help="Compare two scenarios value by value.", epilog=examples("jjj diff baseline scenarios/no_platform.yaml")
)
@click.argument("a", metavar="SCENARIO_A")
@click.argument("b", metavar="SCENARIO_B")
@with_overrides
def diff(a: str, b: str, overrides: tuple[str, ...]) -> None:
    """Compare two scenarios value by value, after defaults and extends; --set applies to the second."""
    from sim.scenario import load
    from sim.scenario.comparing import as_table
    from sim.scenario.comparing import diff as differences

    one, other = load(a), load(b, overrides)
    click.echo(as_table(differences(one, other), one.name, other.name))


@cli.command(
    "list",
    short_help="List scenarios, parameters, metrics and more.",
    epilog=examples("jjj list scenarios", "jjj list parameters"),
)
@click.argument("kind", type=click.Choice(KINDS))
def list_(kind: str) -> None:
    """List what there is of one kind: scenarios, parameters, metrics and more."""
    if kind == "metrics":
        from sim.core.tables import table
        from sim.metrics.recorder import metrics_of
        from sim.region import load_region
        from sim.scenario import library

        metrics = metrics_of(load_region(library() / "data" / "jjj"))
        click.echo(table([(m.name, m.unit, m.reduce, m.doc) for m in metrics], ("metric", "unit", "months", "what")))
    elif kind == "experiments":
        from sim.core.tables import table
        from sim.experiments.experiment import shipped

        click.echo(table(list(shipped().items()), ("experiment", "question")))
    elif kind == "figures":
        from sim.figures import FIGURES

        click.echo("\n".join(FIGURES))
    else:
        from sim.scenario.describing import listing

        click.echo(listing(kind))


@cli.command(
    short_help="Say what a name means.",
    epilog=examples(
        "jjj describe border.penalty",
        "jjj describe platform",
        "jjj describe baseline",
        "jjj describe data",
        "jjj describe market",
        "jjj describe model",
    ),
)
@click.argument("name")
@click.option("--region", default="jjj", show_default=True, help="The region that `data` is about.")
def describe(name: str, region: str) -> None:
    """Say what a name means.

    A parameter, section, lever, scenario, process, kind of agent, metric or flow of money; or data, or model.
    """
    from sim.scenario.describing import DATA, describe, describe_data

    if name == DATA:
        click.echo(describe_data(region))
        return
    told, unknown = [], None
    try:
        told.append(describe(name))
    except InputError as error:
        unknown = error
    if "." not in name:  # no dotted path: the model, which those do not need, may know it too
        from sim.manual import entry, model_text, names
        from sim.scenario.scalars import nearest

        told += filter(None, [model_text() if name == "model" else entry(name)])
        if unknown and not told:
            near = nearest(name, [unknown.findings[0].nearest or "", nearest(name, [*names(), "model"]) or ""])
            raise InputError(replace(unknown.findings[0], nearest=near))
    elif unknown:
        raise unknown
    click.echo("\n\n".join(told))


@cli.command(
    short_help="Simulate a scenario and draw its pictures.",
    epilog=examples(
        "jjj run scenarios/baseline.yaml",
        "jjj run baseline --replicates 20 --jobs 2",
        "jjj run baseline --quick --set platform.date=null",
    ),
)
@click.argument("scenario")
@click.option("--replicates", type=click.IntRange(1, 100_000), default=1, show_default=True, help="Runs, other draws.")
@with_seed
@with_quick
@with_jobs
@with_out
@click.option("--no-figures", is_flag=True, help="Write the tables only; `jjj plot` draws later.")
@click.option("--events", is_flag=True, help="Keep a table of single deals, branches, programmes and ventures.")
@with_invariants
def run(
    scenario: str,
    replicates: int,
    seed: int,
    overrides: tuple[str, ...],
    jobs: int | None,
    out: Path,
    no_figures: bool,
    events: bool,
    invariants: Any,
) -> None:
    """Simulate SCENARIO; the last line printed is the folder of the result.

    A replicate of which the process is killed is done again; if that happens to it twice, nothing is written and the
    exit code is 4.
    """
    from sim.experiments.running import feedback_of, request, run
    from sim.scenario import load

    loaded = load(scenario, overrides)
    announce_compilation()
    with (
        counting(f"{loaded.name}, {replicates} replicate{'s' * (replicates > 1)}") as progress,
        nullcontext() if no_figures else _drawing(jobs) as draw,
    ):
        folder = run(
            loaded,
            replicates=replicates,
            seed=seed,
            jobs=jobs,
            out=out,
            events=events,
            progress=progress,
            command=request(loaded, replicates, seed, events, overrides),
            invariants=invariants,
        )
        if draw:
            draw(folder)
    if said := feedback_of(folder):
        click.echo(said, err=True)
    click.echo(folder)


@cli.command(
    short_help="Simulate one replicate again, alone.",
    epilog=examples(
        "jjj replay baseline --replicate 7",
        "jjj replay mine.yaml --seed 3 --replicate 12 --until 2016-07 --invariants full",
        "jjj replay results/chain_ablation#1f0c9a",
    ),
)
@click.argument("scenario", metavar="SCENARIO|STORE#RUN")
@click.option("--replicate", type=click.IntRange(0, 100_000), default=0, show_default=True, help="Counted from 0.")
@with_seed
@click.option("--until", metavar="YYYY-MM", help="Stop after this month; the scenario's last one unless given.")
@with_overrides
@with_invariants
def replay(
    scenario: str, replicate: int, seed: int, until: str | None, overrides: tuple[str, ...], invariants: Any
) -> None:
    """Simulate one replicate of SCENARIO again, alone, and print the digest of what came out; nothing is written.

    Two runs gave the same numbers if they have the same digest; a result's manifest.json has those of its replicates.

    STORE#RUN is a run of a sweep: RUN is its number, or the first digits of its key, as `jjj status` shows them of runs
    that failed. It needs no options, and its digest is held against the one that the store keeps.
    """
    if "#" in scenario:
        source = click.get_current_context().get_parameter_source
        if any(source(name) is ParameterSource.COMMANDLINE for name in OF_A_SCENARIO):
            raise click.UsageError(f"{scenario} already says which run it is: leave the options away.")
        announce_compilation()
        replay_stored(scenario)
        return
    from sim.experiments.runner import Task, run_task
    from sim.scenario import load, region_folder

    loaded = load(scenario, (*overrides, *((f"end={until}",) if until else ())))
    announce_compilation()
    task = Task(loaded.name, loaded.document, region_folder(loaded), seed, replicate, invariants=invariants)
    outcome = run_task(task)
    click.echo(outcome.digest)


@cli.command(
    short_help="Draw the pictures of a result again.",
    epilog=examples("jjj plot results/baseline/1f0c…", "jjj plot results/baseline/1f0c… --out figures"),
)
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the pictures; RESULT/figures unless given.")
def plot(result: Path, out: Path | None) -> None:
    """Draw the pictures of RESULT again, from its folder alone."""
    with _drawing() as draw:
        for path in draw(result, out):
            click.echo(path)


@cli.command(short_help="Hold a result against the article.", epilog=examples("jjj targets results/baseline/1f0c…"))
@click.argument("result", type=click.Path(path_type=Path))
def targets(result: Path) -> None:
    """Hold RESULT against the article: each figure, what was simulated, and whether it holds."""
    from sim.core.tables import table as aligned
    from sim.results import open_result
    from sim.results.targets import evaluate, table

    rows = table(evaluate(open_result(result)))
    if not rows:
        click.echo("The region of this result has no figures to be held against.")
        return
    click.echo(aligned([list(row.values()) for row in rows], list(rows[0])))


@cli.command(
    short_help="Patterns that the model must show: which hold.",
    epilog=examples(
        "jjj patterns results/baseline/1f0c…",
        "jjj patterns results/baseline/1f0c… --against results/no_platform/9a3e… --against results/binhai_only/04d1…",
    ),
)
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--against", type=click.Path(path_type=Path), multiple=True, help="A result of another scenario.")
@click.option("--no-figures", is_flag=True, help="Print the table only.")
def patterns(result: Path, against: tuple[Path, ...], no_figures: bool) -> None:
    """The patterns P1 to P9 in RESULT: each statistic with its standard error over replicates, and whether it holds.

    Only emergent ones count: an input is stated by an equation or set by a number. Whether policy can move inequality
    either way is judged against results of other scenarios.
    """
    from sim.results import open_result
    from sim.results.patterns import evaluate, summary, table

    opened = open_result(result)
    found = evaluate(opened, [open_result(other) for other in against])
    click.echo(aligned(table(found)))
    click.echo(f"\n{summary(found)}")
    if not no_figures:
        from sim.figures.patterns import draw

        click.echo(f"\n{draw(opened, result / 'figures' / 'patterns.png', found)}")


@cli.command(
    short_help="Who owned and owed what, who paid whom.",
    epilog=examples("jjj money results/baseline/1f0c…", "jjj money results/baseline/1f0c… --year 2016"),
)
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--year", help="Which year; the last of the run unless given.")
@click.option("--no-figures", is_flag=True, help="Print the tables only.")
def money(result: Path, year: str | None, no_figures: bool) -> None:
    """The money of RESULT: balance sheets at the end of a year and the flows in it, by sector."""
    from sim.core.tables import table
    from sim.results import open_result
    from sim.results.money import balance_sheet, flow_matrix, years

    opened = open_result(result)
    chosen = year or years(opened)[-1]
    for matrix in (balance_sheet(opened, chosen), flow_matrix(opened, chosen)):
        click.echo(f"{matrix.title}\n\n{table(*matrix.table())}\n")
    if not no_figures:
        from sim.figures.money import draw

        click.echo(draw(opened, result / "figures" / f"money_{chosen}.png", chosen))


for verb in (compare, sweep, sensitivity, status, query, export, import_):
    cli.add_command(verb)


@cli.command(
    short_help="Solve the levels of a baseline.",
    epilog=examples("jjj levels scenarios/baseline.yaml", "jjj levels scenarios/baseline.yaml --write"),
)
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--replicates", type=click.IntRange(1, 1000), default=40, show_default=True, help="Runs of each round.")
@click.option("--write", is_flag=True, help="Freeze the levels in the file; without it they are only shown.")
@with_jobs
def levels(scenario: Path, replicates: int, write: bool, jobs: int | None) -> None:
    """Solve the levels of a baseline from its targets (for those who maintain a baseline, not for a policy)."""
    import numpy as np

    from sim.core.tables import table
    from sim.experiments.levels import freeze, solve

    announce_compilation()
    solved = solve(scenario, replicates=replicates, jobs=jobs, report=lambda line: click.echo(line, err=True))
    rows = [[path, ", ".join(f"{x:g}" for x in np.atleast_1d(value)), how] for path, (value, how) in solved.items()]
    click.echo(table(rows, ["level", "value", "from"]))
    if write:
        freeze(scenario, solved)
        click.echo(f"{scenario}: levels frozen.")


@cli.command(
    short_help="Print the JSON Schema for an editor.",
    epilog=examples("jjj schema > jjj.schema.json", "jjj schema --of experiment > experiment.schema.json"),
)
@click.option("--of", "kind", type=click.Choice(["scenario", "experiment"]), default="scenario", show_default=True)
def schema(kind: str) -> None:
    """Print the JSON Schema of scenario or experiment files, for an editor."""
    import json

    if kind == "scenario":
        from sim.scenario.editors import json_schema

        drawn = json_schema()
    else:
        from sim.experiments.experiment import json_schema as drawn_schema

        drawn = drawn_schema()
    click.echo(json.dumps(drawn, indent=1, ensure_ascii=False))


@cli.command(
    short_help="Write a commented scenario to begin from.",
    epilog=examples("jjj new my_question", "jjj new my_question --folder scenarios"),
)
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(), help="Where to write it; here by default.")
def new(name: str, folder: Path) -> None:
    """Write a commented scenario to begin from, NAME.yaml."""
    from sim.scenario.starter import write_starter

    click.echo(write_starter(name, folder))


@contextmanager
def _drawing(jobs: int | None = None) -> Iterator[Callable[..., list[Path]]]:
    """A function that draws a result; the processes that will do it get ready while the result is made."""
    from concurrent.futures.process import BrokenProcessPool

    from sim.figures import draw_all, drawers
    from sim.results import open_result

    def draw(result: Path, out: Path | None = None) -> list[Path]:
        try:
            return draw_all(open_result(result), out or result / "figures", pool=pool)
        except BrokenProcessPool:
            raise RefusedError(
                f"A process that draws was ended, perhaps by a system out of memory; the tables are kept in {result}.",
                remedy=f"  To draw again: jjj plot {result}",
            ) from None

    with drawers(jobs or os.cpu_count() or 1) as pool:
        yield draw


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command, word what went wrong, and exit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    code = _run([one for one in given if one != DEBUG], debug=DEBUG in given)
    raise SystemExit(code)


def _run(arguments: list[str], *, debug: bool) -> int:
    """The exit code of one command."""
    try:
        with cli.make_context("jjj", arguments) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except JJJError as error:
        click.echo(word(error), err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return 130
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        if error.errno not in FULL:
            return _unexpected(error, debug)
        _drop_output()
        click.echo(f"Output could not be written: {error.strerror}.", err=True)
        return OutputError.exit_code
    except Exception as error:  # noqa: BLE001 - the last place where one can be worded
        return _unexpected(error, debug)
    return 0


def _unexpected(error: Exception, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exception(error)
    name = type(error).__name__
    hint = "" if debug else f" Repeat the command with {DEBUG} to see where."
    click.echo(f"A bug of ours: {name}: {error}.{hint}", err=True)
    return 1


def _drop_output() -> None:
    """What is still buffered for a reader who has gone, or a full disk, is let go quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
