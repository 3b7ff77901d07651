"""Verbs about a store: status, query, export, and parts of check and replay."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from sim.commands.options import examples, with_out
from sim.errors import PartialError, StoreError, clean

MOST_SHOWN = 20
STATES = ("done", "failed", "missing")
HEADS = ["arm", *STATES]


@click.command(
    short_help="How far a sweep is, and what failed.",
    epilog=examples("jjj status results/platform_capacity_and_border"),
)
@click.argument("store", type=click.Path(path_type=Path))
def status(store: Path) -> None:
    """How far the newest sweep of STORE is, the folder that `jjj sweep` prints; also while it is running.

    Runs by arm, size and time; how many of them were audited (done once more, to see that the numbers are the same);
    and of runs that failed why, with the command that repeats each.
    """
    from sim.core.tables import table
    from sim.results.stored import open_store
    from sim.store.audits import audited
    from sim.store.locking import holder

    opened = open_store(store)
    runs = opened.runs
    arms, states = runs["arm"].to_pylist(), runs["status"].to_pylist()
    count = Counter(zip(arms, states, strict=True))
    seconds = [one for one in runs["seconds"].to_pylist() if one == one]
    size = sum(receipt.part.size for receipt in opened.receipts.values() if receipt.part)
    again = audited(store)
    click.echo(f"{clean(opened.plan['title'])}\n")
    click.echo(table([[clean(arm), *(f"{count[arm, state]:,}" for state in STATES)] for arm in opened.arms], HEADS))
    click.echo(f"\n{len(opened.receipts):,} parts, {size / 1e6:.1f} MB; {sum(seconds):,.0f} s of computing")
    click.echo(f"{len(again):,} audited, {list(again.values()).count(False)} differed")
    for name, found in opened.made_by.items():
        click.echo(f"Not all runs were made alike: {name} {', '.join(found)}")
    if held := holder(store):
        click.echo(f"A command is adding runs now {held}")
    failed = [index for index, state in enumerate(states) if state == STATES[1]]
    for index in failed[:MOST_SHOWN]:
        row = runs.slice(index, 1).to_pylist()[0]
        what = ": ".join(part for part in (row["exception"], row["message"]) if part)
        click.echo(
            f"\n{clean(row['arm'])}, point {row['point']}, replicate {row['replicate']}, seed {row['seed']}: "
            f"failed ({row['stage']}): {clean(what, 300)}\n  jjj replay {store}#{row['key'][:12]}"
        )
    if len(failed) > MOST_SHOWN:
        click.echo(f"\n... and {len(failed) - MOST_SHOWN} more.")


@click.command(
    short_help="Ask a store in SQL.",
    epilog=examples(
        "jjj query results/chain_ablation 'DESCRIBE series'",
        "jjj query results/chain_ablation 'SELECT arm, avg(seconds) FROM runs GROUP BY arm'",
        "jjj query results/chain_ablation \"SELECT arm, sum(deals) FROM series WHERE place = 'TJ' GROUP BY arm\"",
    ),
)
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("sql")
def query(store: Path, sql: str) -> None:
    """One SELECT in SQL over STORE, the folder that `jjj sweep` prints. Nothing is changed.

    `runs` has a row a run: arm, point, replicate, status, seconds, the values that points vary, and more. `series` has
    a row a run, month and place: arm, point, replicate, month ('2016-07'), place ('TJ', 'binhai', or the whole, 'JJJ')
    and the metrics of the experiment. `DESCRIBE runs` and `DESCRIBE series` list the columns.
    """
    from sim.core.tables import table
    from sim.results.stored import open_store
    from sim.results.tables import query

    names, rows = query(open_store(store), sql)
    click.echo(table([[clean(str(cell)) for cell in row] for row in rows], names))


@click.command(
    short_help="Write a store as CSV or Parquet.",
    epilog=examples(
        "jjj export results/chain_ablation --to series.parquet",
        "jjj export results/chain_ablation --what runs --to runs.csv",
        "jjj export results/chain_ablation --bundle chain_ablation.zip",
    ),
)
@click.argument("store", type=click.Path(path_type=Path))
@click.option(
    "--to", "target", type=click.Path(path_type=Path), metavar="FILE", help="A table, FILE.csv or FILE.parquet."
)
@click.option("--bundle", type=click.Path(path_type=Path), metavar="FILE.zip", help="The whole store as one file.")
@click.option(
    "--what",
    type=click.Choice(["series", "runs"]),
    default="series",
    show_default=True,
    help="Rows of the table: one a run, month and place, or one a run.",
)
def export(store: Path, target: Path | None, bundle: Path | None, what: str) -> None:
    """Write the runs of STORE as a table for notebooks and spreadsheets, or all of it as a file for `jjj import`.

    Give either --to or --bundle; STORE is the folder that `jjj sweep` prints. In a CSV, texts that a spreadsheet would
    compute begin with a quote; numbers are as they are. If runs are missing the exit code is 3.
    """
    from sim.results.stored import open_store
    from sim.results.tables import export
    from sim.store import Store
    from sim.store.bundles import pack

    if (target is None) == (bundle is None):
        raise click.UsageError("Give either --to or --bundle.")
    if bundle is not None:
        pack(Store.open(store), bundle)
        click.echo(bundle)
        return
    assert target is not None
    opened = open_store(store)
    rows = export(opened, target, what)
    click.echo(target)
    click.echo(f"{rows:,} rows", err=True)
    if not opened.complete:
        left = len(opened.keys) - len(opened.done)
        raise PartialError(f"{left} of {len(opened.keys)} runs are not there: they failed, or were not run yet.")


@click.command(
    "import",
    short_help="Take in a store that somebody gave you.",
    epilog=examples("jjj import chain_ablation.zip", "jjj import chain_ablation.zip --out theirs"),
)
@click.argument("bundle", type=click.Path(path_type=Path))
@with_out
def import_(bundle: Path, out: Path) -> None:
    """Unpack BUNDLE, a file of `jjj export --bundle`, and print its store: OUT/<name>.

    Every byte is verified first: nothing is taken in unless all of it is as it should be.
    """
    from sim.store.bundles import unpack

    click.echo(unpack(bundle, out))


def check_store(folder: Path, repair: bool) -> None:
    """Say all that is wrong with a store; StoreError if something is."""
    from sim.store import Store
    from sim.store.checking import check
    from sim.store.checking import repair as repaired

    store = Store.open(folder)
    if repair:
        with store.locked():
            for why in repaired(store):
                click.echo(f"set aside: {why}")
    report = check(store)
    click.echo(f"{folder}: {report.runs:,} runs in {report.parts:,} parts were read, every byte of them")
    for path in report.strangers:
        click.echo(f"not ours, left alone: {path}")
    for path in report.unacknowledged:
        click.echo(f"left by an interrupted command, the next sweep removes it: {path}")
    wrong = [*report.damaged, *report.alarms]
    if wrong:
        remedy = "  `jjj sweep` computes damaged runs again; `jjj check STORE --repair` sets them aside now."
        raise StoreError("\n".join(wrong), remedy=remedy)


def replay_stored(target: str) -> None:
    """One run of a store again; StoreError if it gives other numbers than are kept."""
    from sim.experiments.replaying import replay

    done = replay(target)
    click.echo(done.digest)
    if not done.kept:
        click.echo("The store does not hold this run: there is nothing to compare with.", err=True)
    elif done.same:
        click.echo("The same, number for number, as the store holds.", err=True)
    else:
        why = "the program gives other numbers" if done.same_model else "the model has changed since"
        raise StoreError(f"{target}: not what the store holds ({done.kept}): {why}")
