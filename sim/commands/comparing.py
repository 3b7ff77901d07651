"""`jjj compare`: what scenarios, results, or the arms of an experiment change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sim.commands.options import (
    aligned,
    announce_compilation,
    examples,
    with_jobs,
    with_language,
    with_out,
    with_quick,
    with_seed,
)
from sim.commands.progress import counting, progress_of, say
from sim.errors import Finding, InputError, StoppedError

TIERS = ("core", "chain", "full")


@click.command(
    short_help="What scenarios change against another.",
    epilog=examples(
        "jjj compare baseline no_platform --replicates 20",
        "jjj compare baseline binhai_only hebei_tilt --quick --from 2015-01 --to 2020-12",
        "jjj compare baseline no_platform --tiers --metric deals",
        "jjj compare baseline no_platform sunset --quick --precision deals=2%",
        "jjj compare results/baseline/1f0c… results/no_platform/9a3e…",
        "jjj compare results/chain_ablation --lang zh",
    ),
)
@click.argument("sources", metavar="A [B...]", nargs=-1, required=True)
@click.option(
    "--replicates",
    type=click.IntRange(1, 100_000),
    default=10,
    show_default=True,
    help="Runs of each scenario, each with the draws of its counterparts.",
)
@with_seed
@with_quick
@click.option("--tiers", is_flag=True, help="Compare at all tiers (core, chain, full), and say where a sign changes.")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="What to compare, of `jjj list metrics`; may be given many times.",
)
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="KEY",
    help="Where, such as TJ, binhai or JJJ; administrations and the whole region unless given.",
)
@click.option("--from", "start", metavar="YYYY-MM", help="First month compared; the first of the run unless given.")
@click.option("--to", "end", metavar="YYYY-MM", help="Last month compared; the last of the run unless given.")
@click.option(
    "--precision",
    "precisions",
    metavar="METRIC=HALF",
    multiple=True,
    help="Begin with --replicates and add more until the interval of METRIC reaches no further than HALF (or HALF% of "
    "A's mean) to either side; then compare as without it, with that many.",
)
@click.option(
    "--accept-differences",
    is_flag=True,
    help="Compare results of other versions of the model or of the region's data all the same.",
)
@with_jobs
@with_out
@with_language
@click.option("--no-figures", is_flag=True, help="Print the tables only.")
def compare(
    sources: tuple[str, ...],
    replicates: int,
    seed: int,
    overrides: tuple[str, ...],
    tiers: bool,
    metrics: tuple[str, ...],
    places: tuple[str, ...],
    start: str | None,
    end: str | None,
    precisions: tuple[str, ...],
    accept_differences: bool,
    jobs: int | None,
    out: Path,
    language: str,
    no_figures: bool,
) -> None:
    """What each B changes against A: paired effects with 90 % intervals.

    A and B are scenarios, which are run if they were not yet, or results: folders that `jjj run` printed.

    Then their order, with what cannot be told of it, and the policy tables: what is added and what only displaced,
    what it costs which government, what is left after subsidies end, and how good the evidence is; `jjj describe model`
    has the definitions.

    Given the store of a sweep alone, its arms are compared with the first of them, in the windows of its experiment.
    """
    if len(sources) == 1:
        if not (Path(sources[0]) / "store.json").is_file():
            raise click.UsageError("Give two scenarios or results, or the store of one experiment.")
        if start or end or precisions or tiers:
            raise click.UsageError("--from, --to, --precision and --tiers are not for stores, whose runs are done.")
        _compare_arms(Path(sources[0]), metrics, places, language, no_figures)
        return
    a, *others = sources
    from sim.results import open_result
    from sim.results.effects import pair

    def folders(tier: str | None = None) -> list[Path]:
        at = (*overrides, *((f"tier={tier}",) if tier else ()))
        return [_result_of(one, at, replicates, seed, jobs, out) for one in (a, *others)]

    if precisions and tiers:
        raise click.UsageError("Give either --precision or --tiers.")
    scenarios = [one for one in sources if not _is_result(one)]
    if (precisions or tiers) and len(scenarios) < len(sources):
        raise click.UsageError("--precision and --tiers run scenarios; they cannot be asked of results.")
    for one in scenarios:  # what is wrong is told before anything runs
        _refuse_unknown(metrics, places, start, end, *_known(one, overrides))
    if tiers:
        _compare_tiers({tier: folders(tier) for tier in TIERS}, metrics, places, start, end)
        return
    reached = ""
    if precisions:
        metrics, replicates, reached = _precise(
            sources, precisions, metrics, places, overrides, (start, end), replicates, seed, jobs, out
        )
    first, *rest = (open_result(folder) for folder in folders())
    _refuse_unknown(metrics, places, start, end, first.metrics, first.places, first.months)
    pairs = [pair(first, other, accept=accept_differences) for other in rest]
    if any(both.a.manifest["model_source"] != both.b.manifest["model_source"] for both in pairs):
        click.echo("Accepted: these results come from different versions of the model.\n")
    for both in pairs:
        _print_effects(both, metrics, places, start, end)
    answers = _together(pairs, metrics, places, start, end)
    _print_order(answers)
    if reached:
        click.echo(reached + "\n")
    _print_policy(pairs, places, start, end)
    if not no_figures:
        from sim.commands.pictures import draw_arms
        from sim.figures.comparison import draw
        from sim.results.effects import HEADLINE

        folder, ending = out / "comparisons", "" if language == "en" else f"_{language}"
        for path in draw_arms(answers, folder, f"{answers.name[:80]}-{pairs[-1].b.folder.name[:8]}-", language):
            click.echo(path)
        for both in pairs:
            picture = folder / f"{both.a.name}-{both.b.name}-{both.b.folder.name[:8]}{ending}.png"
            click.echo(f"\n{draw(both, picture, metrics or HEADLINE, language)}")


def _is_result(source: str) -> bool:
    return (Path(source) / "manifest.json").is_file()


def _known(source: str, overrides: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Metrics, places and months that the runs of a scenario will have; InputError if it cannot be read."""
    from sim.build import region_of
    from sim.core.clock import Clock
    from sim.metrics.recorder import metrics_of, places_of
    from sim.scenario import load, region_folder

    scenario = load(source, overrides)
    region = region_of(region_folder(scenario))
    clock = Clock(scenario.document.start, scenario.document.end)
    return [metric.name for metric in metrics_of(region)], list(places_of(region)), clock.labels()


def _refuse_unknown(
    metrics: Sequence[str], places: Sequence[str], start: str | None, end: str | None,
    known_metrics: Sequence[str], known_places: Sequence[str], months: Sequence[str],
) -> None:  # fmt: skip
    """InputError if an option names what the runs do not have."""
    from sim.scenario.scalars import nearest

    first, last = start or months[0], end or months[-1]
    findings = [
        Finding(path=option, message="no run has it", found=one, allowed=", ".join(known), nearest=nearest(one, known))
        for option, asked, known in (("--metric", metrics, known_metrics), ("--place", places, known_places))
        for one in asked
        if one not in known
    ]
    if first not in months or last not in months or first > last:
        findings.append(
            Finding(path="--from, --to", message="no run has these months", found=f"{first} to {last}",
                    allowed=f"{months[0]} to {months[-1]}, the first before the last")
        )  # fmt: skip
    if findings:
        raise InputError(findings)


def _print_effects(
    both: Any, metrics: Sequence[str], places: Sequence[str], start: str | None, end: str | None
) -> None:
    """What differs in the inputs, and what that changes."""
    from sim.results.effects import HEADLINE, by_place, input_differences, table

    chosen = metrics or tuple(m for m in HEADLINE if m in both.metrics)
    where = places or tuple(p["key"] for p in both.a.manifest["places"] if p["kind"] != "zone")
    first, last = start or both.a.months[0], end or both.a.months[-1]
    click.echo(f"What differs in the inputs of {both.a.name} (A) and {both.b.name} (B):\n")
    click.echo(aligned(input_differences(both.a, both.b)) or "nothing")
    click.echo(f"\nB minus A, {first} to {last}, {len(both.replicates)} pairs:\n")
    click.echo(aligned(table(e for metric in chosen for e in by_place(both, metric, first, last, where))) + "\n")


def _together(
    pairs: Sequence[Any], metrics: Sequence[str], places: Sequence[str], start: str | None, end: str | None
) -> Any:
    """All results as the arms of one experiment."""
    from sim.results.answers import answers_from
    from sim.results.effects import HEADLINE

    first = pairs[0].a
    shown = metrics or tuple(m for m in HEADLINE if m in first.metrics)
    where = places or first.admins(source=False)
    return answers_from(pairs, shown, where, start or first.months[0], end or first.months[-1])


def _print_order(answers: Any) -> None:
    """The arms from the highest to the lowest in each metric and window, and what cannot be told of it."""
    from sim.results.arms import contrast, contrast_in_words, in_words, order, pairs_of

    for window, (start, end) in answers.windows.items():
        for metric, about in answers.metrics.items():
            mean = about.get("over_places") == "mean"
            where = [answers.places[-1]["key"]] if mean else list(answers.pictured)
            steps = order(pairs_of(answers.window(metric, where, window), answers.drawn), answers.arms, answers.drawn)
            click.echo(f"Order in {metric}, {' + '.join(where)}, {start} to {end}:")
            told = in_words(steps, about["unit"])
            for name in answers.contrasts:
                found = contrast(answers, name, metric, where, window)
                told.append(f"{name}: {contrast_in_words(*found, about['unit'])}.")
            click.echo("\n".join(f"  {line}" for line in told) + "\n")


def _compare_arms(folder: Path, metrics: Sequence[str], places: Sequence[str], language: str, no_figures: bool) -> None:
    """The arms of a store against the first of them."""
    from sim.commands.pictures import answers_in, draw
    from sim.core.provenance import model_source
    from sim.results.effects import differences

    store, answers = answers_in(folder)
    if len(answers.arms) < 2:
        raise click.UsageError(f"{folder} has one arm: there is nothing to hold against it.")
    _refuse_unknown(
        metrics, places, None, None, list(answers.metrics), [p["key"] for p in answers.places], answers.months
    )
    if store.plan["model_source"] != model_source():
        click.echo("These runs were computed by another version of the model than this one.\n")
    for what, values in store.made_by.items():
        click.echo(f"These runs were not all made alike: {what} is {' or '.join(values)}.\n")
    resolved = {arm: store.plan["arms"][arm]["resolved"] for arm in answers.arms}
    for arm in answers.arms[1:]:
        rows = differences(resolved[answers.arms[0]], resolved[arm])
        click.echo(f"What differs in the inputs of {answers.arms[0]} (A) and {arm} (B):\n")
        click.echo((aligned(rows) or "nothing") + "\n")
    print_answers(answers, metrics, places)
    if not no_figures:
        for path in draw(folder, language):
            click.echo(path)


def print_answers(answers: Any, metrics: Sequence[str] = (), places: Sequence[str] = ()) -> None:
    """Effects of all arms in each window, and their order in words."""
    from dataclasses import replace

    from sim.results.arms import effect, table

    shown = {metric: answers.metrics[metric] for metric in metrics or answers.metrics}
    answers = replace(answers, metrics=shown, pictured=tuple(places or answers.pictured))
    for window, (start, end) in answers.windows.items():
        rows = []
        for metric, about in shown.items():
            where = [[place] for place in answers.pictured]
            if about.get("over_places") == "mean":
                where = [[answers.places[-1]["key"]]]
            elif len(where) > 1:
                where.append(list(answers.pictured))
            rows += [effect(answers, arm, metric, at, window) for arm in answers.arms[1:] for at in where]
        click.echo(f"{window}, {start} to {end}: each arm minus {answers.arms[0]}, {answers.pairs} pairs\n")
        click.echo(aligned(table(rows)) + "\n")
    _print_order(answers)


def _precise(
    sources: Sequence[str], precisions: Sequence[str], metrics: Sequence[str], places: Sequence[str],
    given: Sequence[str], window: tuple[str | None, str | None], replicates: int, seed: int, jobs: int | None,
    out: Path,
) -> tuple[tuple[str, ...], int, str]:  # fmt: skip
    """What is compared, how many replicates a precision takes, and whether it is reached, in words.

    They are found by a sweep, which keeps series only and goes on after an interruption; the tables need whole results.
    """
    from sim.experiments.precision import experiment_of, parse, until_precise
    from sim.results.effects import HEADLINE

    wanted = [parse(text) for text in precisions]
    shown = tuple(dict.fromkeys([*(one.metric for one in wanted), *(metrics or HEADLINE)]))
    experiment = experiment_of(sources, shown, places, given, *window, seed)
    announce_compilation()
    with progress_of(experiment["title"]) as progress:
        answers, tally, told = until_precise(
            experiment, wanted, out / "comparisons", replicates=replicates, jobs=jobs, overrides=given,
            progress=progress, notice=say,
        )  # fmt: skip
    if tally.stopped:
        raise StoppedError("Interrupted; what is done is kept.", exit_code=tally.stopped)
    click.echo(f"Now {answers.replicates} replicates of each scenario as whole results, for the tables.", err=True)
    reached = f"As narrow as asked with {answers.pairs} pairs."
    return shown, answers.replicates, "\n".join(["Not as narrow as asked:", *told]) if told else reached


def _print_policy(pairs: Sequence[Any], places: Sequence[str], start: str | None, end: str | None) -> None:
    """The tables that policies are judged by, one row a scenario."""
    from sim.results import indicators, policy
    from sim.results.effects import arms, input_differences

    result = pairs[0].a
    first, last = start or result.months[0], end or result.months[-1]
    receiving = result.admins(source=False)
    targets = [(place,) for place in places or receiving] + [tuple(receiving)] * (len(receiving) > 1)
    parts: dict[str, list[dict[str, str]]] = {
        "Added and displaced (B - A, paired)": [], "Public cost by the government that pays (paired)": [],
        f"Public cost per net unit, in {' + '.join(targets[-1])}, all payments over each unit (paired)": [],
        "Persistence after the last payment (paired)": [], "Indicators of the whole region": [],
        "Grade of evidence of what is changed": [],
    }  # fmt: skip
    titles = list(parts)
    for both in pairs:
        name, paid = both.b.name, policy.cost(both, first, last)
        accounts = [policy.account(both, what, at, first, last) for what in policy.ACTIVITIES for at in targets]
        accounts = policy.moved(accounts)
        parts[titles[0]] += policy.account_rows(name, accounts)
        parts[titles[1]] += policy.cost_rows(name, paid)
        parts[titles[2]] += policy.price_rows(name, [a for a in accounts if a.places == targets[-1]], paid)
        parts[titles[3]] += policy.sunset_rows(name, policy.persistence(both, [*receiving, result.places[-1]]))
        paths = [row["path"] for row in input_differences(both.a, both.b)]
        parts[titles[4]] += indicators.table(both, first, last)
        parts[titles[5]] += [{"scenario": name, **row} for row in policy.evidence(both, paths)]
    every = [arms(pairs[0])[0], *(arms(both)[1] for both in pairs)]
    parts["Branches as founders record them (each scenario alone)"] = policy.recorded_rows(
        every, receiving, first, last
    )
    tier = result.scenario.get("tier", "core")
    click.echo(f"Policy, {first} to {last}, tier {tier}; mean (90 % interval), * where it holds 0:")
    for title, rows in parts.items():
        if rows:
            click.echo(f"\n{title}:\n\n{aligned(rows)}")


def _compare_tiers(
    folders: dict[str, list[Path]], metrics: Sequence[str], places: Sequence[str], start: str | None, end: str | None
) -> None:
    """Headlines at every tier, one table a scenario."""
    from sim.results import open_result
    from sim.results.effects import HEADLINE, effect, pair
    from sim.results.tiers import table

    results = {tier: [open_result(folder) for folder in at] for tier, at in folders.items()}
    for k in range(1, len(next(iter(results.values())))):
        pairs = {tier: pair(at[0], at[k]) for tier, at in results.items()}
        one = next(iter(pairs.values()))
        first, last = start or one.a.months[0], end or one.a.months[-1]
        chosen = metrics or tuple(m for m in HEADLINE if m in one.metrics)
        where = places or tuple(p["key"] for p in one.a.manifest["places"] if p["kind"] != "zone")
        rows = table(
            {tier: effect(both, metric, place, first, last) for tier, both in pairs.items()}
            for metric in chosen
            for place in where
        )
        click.echo(f"{one.b.name} minus {one.a.name}, {first} to {last}, {len(one.replicates)} pairs, by tier:\n")
        click.echo(aligned(rows) + "\n")


def _result_of(source: str, given: tuple[str, ...], replicates: int, seed: int, jobs: int | None, out: Path) -> Path:
    """A result folder: the one named, or that of the scenario named, run if it is not there yet."""
    from sim.experiments.running import request, run
    from sim.scenario import load

    if _is_result(source):
        return Path(source)
    loaded = load(source, given)
    announce_compilation()
    with counting(f"{loaded.name}, {replicates} replicates") as progress:
        return run(
            loaded, replicates=replicates, seed=seed, jobs=jobs, out=out, progress=progress,
            command=request(loaded, replicates, seed, False, given),
        )  # fmt: skip
