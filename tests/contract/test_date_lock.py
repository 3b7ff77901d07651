"""The date lock (model.md): the baseline rests on what was published by the end of 2016; each exception is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from citations import LOCK, cited, late

from sim.build import region_of
from sim.region import Region
from sim.scenario import library, load, region_folder
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import parameters

FOLDERS = sorted(folder for folder in (library() / "data").iterdir() if folder.is_dir())
SHIPPED = sorted(file.stem for file in library().glob("*.yaml"))
HOME = library() / "data" / str(ScenarioDocument.model_fields["region"].default)
REGION = region_of(HOME)

# A year after the lock that stands in a source by itself or in an address, as in `(2023, n = 37,741)` or `/2017-09/`.
LATER_YEAR = re.compile(r"(?<!\d)(?:201[7-9]|202\d)(?!\d)")


def texts_of_the_schema() -> Iterator[tuple[str, str]]:
    for one in parameters(ScenarioDocument):
        about = one.declared
        yield one.path, f"{about.source} {about.prior} {about.note}"


def texts_of(name: str) -> Iterator[tuple[str, str]]:
    """What a shipped scenario says of its numbers: beside values and in comments."""
    scenario = load(name)
    for path, told in scenario.provenance.items():
        yield f"{name}: {path}", f"{told.source} {told.prior} {told.note}"
    for number, line in enumerate(scenario.file.read_text(encoding="utf-8").splitlines(), 1):
        yield f"{name}.yaml:{number}", line


def texts_of_the_data(folder: Path) -> Iterator[tuple[str, str]]:
    """Tables that set the scale of the model; facts and exceptions speak of other facts in their notes."""
    for file in sorted(folder.glob("*.csv")):
        if file.stem not in ("facts", "exceptions"):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                yield f"{file.name}:{number}", line


def citations() -> list[tuple[str, str, Region]]:
    """Every citation of a fact with its place and the region whose fact it is."""
    places = [(place, text, REGION) for place, text in (*texts_of_the_schema(), *texts_of_the_data(HOME))]
    for name in SHIPPED:
        region = region_of(region_folder(load(name)))
        if region.key == REGION.key:
            places += [(place, text, region) for place, text in texts_of(name)]
        else:
            own = [
                (place, text) for place, text in texts_of(name) if "fact" in text and place.startswith(f"{name}.yaml")
            ]
            places += [(place, text, region) for place, text in own]
    return [(place, fact, region) for place, text, region in places for fact in sorted(cited(text))]


CITATIONS = citations()


def test_there_is_something_to_lock() -> None:
    assert {"A01", "A03", "A04", "A05", "B01", "B31", "D30", "F04"} <= {fact for _, fact, _ in CITATIONS}
    assert any(fact.role == "backtest" for fact in REGION.facts.values())


def test_every_cited_fact_exists() -> None:
    missing = [f"{place}: {fact}" for place, fact, region in CITATIONS if fact not in region.facts]
    assert not missing, "\n".join(missing)


def test_nothing_cites_a_fact_of_the_backtest() -> None:
    wrong = [f"{p}: {f}" for p, f, region in CITATIONS if f in region.facts and region.facts[f].role == "backtest"]
    assert not wrong, "\n".join(wrong)


def test_every_later_fact_that_is_cited_is_listed_as_an_exception() -> None:
    listed = {late_source.item for late_source in REGION.late_sources}
    wrong = [
        f"{place}: {fact}, published {region.facts[fact].published or 'at an unknown date'}"
        for place, fact, region in CITATIONS
        if region.key == REGION.key and fact not in listed and late(region.facts[fact].published)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_later_source_of_a_parameter_is_listed_as_an_exception() -> None:
    """Sources that are no facts but show a later year: the parameter itself is then what is listed."""
    listed = " ".join(late_source.item for late_source in REGION.late_sources)
    wrong = [
        f"{one.path}: {one.declared.source}"
        for one in parameters(ScenarioDocument)
        if LATER_YEAR.search(one.declared.source) and not cited(one.declared.source) and one.path not in listed
    ]
    assert not wrong, "\n".join(wrong)


def test_exceptions_say_why_and_what_would_stand_in_their_place() -> None:
    for source in REGION.late_sources:
        assert source.why, source.item
        assert source.earlier_alternative, source.item
        fact = REGION.facts.get(source.item)
        if fact is not None:
            assert late(fact.published), f"{source.item} was published by {LOCK} and needs no exception"
            assert source.published in (fact.published, fact.published[:7], fact.published[:4]), source.item
    assert len({source.item for source in REGION.late_sources}) == len(REGION.late_sources)


@pytest.mark.parametrize(
    "folder", sorted(p for p in (library() / "data").iterdir() if p.is_dir()), ids=lambda p: p.name
)
def test_targets_are_no_backtest(folder: Path) -> None:
    region = region_of(folder)
    for target in region.targets:
        role = region.facts[target.fact].role
        assert role in ("target", "anchor"), f"{target.id} cites {target.fact} of role {role}"
        assert role == "target" or target.kind == "emergent", f"{target.id} is fitted to {target.fact} of role {role}"
        assert region.key != REGION.key or role != "target" or not late(region.facts[target.fact].published), target.id


def test_the_lock_can_fail() -> None:
    assert cited("fact:B05 over fact:B30 to fact:B33") == {"B05", "B30", "B31", "B32", "B33"}
    assert cited("facts.csv F04; http://x") == {"F04"}
    assert late("2017") and late("2016-12-31T") and late("") and not late("2016-12") and not late("2016-12-31")
    assert LATER_YEAR.search("digipub.cc (2023, n = 1)") and not LATER_YEAR.search("x/2017148.html, arxiv 2409.09470")
