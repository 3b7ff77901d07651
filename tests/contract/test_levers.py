"""Levers: zero strength is bit-identical to absence, nothing happens before the start, and the words say when."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import FOLDER, two_cities

from sim import policy
from sim.build import build
from sim.core.clock import Clock
from sim.core.dates import MONTH_PATTERN, DatedPath
from sim.exchange import market
from sim.experiments.simulate import Outcome, simulate
from sim.policy import LEVERS
from sim.policy.alliance import Alliance
from sim.policy.platform import Platform
from sim.policy.tax_sharing import TaxSharing
from sim.scenario import library, load
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import parameters

SCENARIO = two_cities()
FULL = two_cities({"tier": "full"})
CLOCK = Clock(SCENARIO.start, SCENARIO.end)
SEED = 2


def run(document: ScenarioDocument) -> Outcome:
    return simulate(document, FOLDER, SEED)


def changed(**sections: Any) -> ScenarioDocument:
    """The shipped document with whole levers replaced, absent ones included."""
    return SCENARIO.model_copy(update=sections)


def financed(overrides: dict[str, Any] | None = None, **sections: Any) -> ScenarioDocument:
    """The same in the tier in which the chain of finance works."""
    return two_cities({"tier": "full", **(overrides or {})}).model_copy(update=sections)


@cache
def reference(tier: str = "core") -> Outcome:
    return run(two_cities({"tier": tier}))


def absent(lever: str) -> Any:
    """What a lever is where a scenario says nothing of it."""
    return ScenarioDocument.model_fields[lever].default


def zero_at_all_dates(lever: str) -> tuple[str, ScenarioDocument, ScenarioDocument]:
    """A lever of finance that does nothing, and none."""
    return (
        "0 at all dates",
        financed(**{lever: DatedPath.of({2013: 0.0, 2017: 0.0})}),
        financed(**{lever: absent(lever)}),
    )


def full() -> ScenarioDocument:
    """The same without the lever."""
    return two_cities({"tier": "full", "location.branch.relocation": 1})


def shared(**lever: Any) -> ScenarioDocument:
    """Tier full, where everybody relocates and the taxes of all are shared."""
    given = {"rule": "all", "start": "2013-03", "threshold": 0, **lever}
    paths = {f"tax_sharing.{key}": value for key, value in given.items()}
    return two_cities({"tier": "full", "location.branch.relocation": 1, **paths})


# -- zero strength is absence ---------------------------------------------------------------------------------------

NEVER = {f"parks.{name}.open": "never" for name in SCENARIO.parks}

# Lever -> pairs of documents that must give the same bits: the lever at zero strength, and without the lever.
ZERO: dict[str, list[tuple[str, ScenarioDocument, ScenarioDocument]]] = {
    "parks": [
        ("open: never", two_cities(NEVER), changed(parks={})),
        (
            "opening after the end",
            two_cities({f"parks.{name}.{key}": "2030-01" for name in SCENARIO.parks for key in ("announce", "open")}),
            changed(parks={}),
        ),
        (
            "no slots, no programmes, no pull",
            two_cities(
                {f"parks.{n}.{key}": 0 for n in SCENARIO.parks for key in ("capacity", "programmes", "subsidy")}
                | {"location.choice.park": 0, "location.venture.park": 0}
            ),
            changed(parks={}),
        ),
        (
            "subsidies that end before they begin",
            two_cities({f"parks.{name}.subsidy_end": "2013-01" for name in SCENARIO.parks}),
            two_cities({f"parks.{name}.subsidy": 0 for name in SCENARIO.parks}),
        ),
        (
            "one of them never",
            two_cities({"parks.meadow.open": "never"}),
            changed(parks={name: park for name, park in SCENARIO.parks.items() if name != "meadow"}),
        ),
    ],
    "platform": [
        ("capacity: 0", two_cities({"platform.capacity": 0}), changed(platform=Platform())),
        ("no site", two_cities({"platform.site": ""}), changed(platform=Platform())),
        ("starting after the end", two_cities({"platform.start": "2030-01"}), changed(platform=Platform())),
    ],
    "border": [
        (
            "penalty: 0 leaves nothing to cut",
            two_cities({"border.penalty": 0, "platform.border_cut": 1.0}),
            two_cities({"border.penalty": 0, "platform.border_cut": 0.0}),
        ),
    ],
    "decap_pressure": [
        (
            "1 at all dates",
            changed(decap_pressure=DatedPath.of({2013: 1.0, "2015-06": 1.0, 2018: 1.0})),
            changed(decap_pressure=absent("decap_pressure")),
        ),
        (
            "no response",
            two_cities({"location.founding.pressure": 0, "location.branch.relocation": 0}),
            changed(
                decap_pressure=DatedPath.of({2013: 9.0}),
                location=two_cities({"location.founding.pressure": 0, "location.branch.relocation": 0}).location,
            ),
        ),
    ],
    "tax_sharing": [
        ("off", shared(rule="off", share=1.0), full()),
        ("share: 0", shared(share=0.0), full()),
        ("months: 0", shared(months=0), full()),
        ("cap: 0", shared(cap=0.0), full()),
        ("starting after the end", shared(start="2030-01"), full()),
    ],
    "transport": [
        ("actual", two_cities({"transport.rail": "actual"}), changed(transport=type(SCENARIO.transport)())),
        ("frozen after the last", two_cities({"transport.rail": "frozen", "transport.frozen_at": "2018-12"}), SCENARIO),
    ],
    "venture_powder": [
        (
            "1 at all dates",
            changed(venture_powder=DatedPath.of({2013: 1.0, 2017: 1.0})),
            changed(venture_powder=absent("venture_powder")),
        ),
        (
            "nothing to invest is no funds",
            changed(venture_powder=DatedPath.of({2013: 0.0})),
            two_cities({"finance.investment.funds": 0}),
        ),
    ],
    "loan_quota": [
        ("1 at all dates", financed(loan_quota=DatedPath.of({2013: 1.0, 2017: 1.0})), financed()),
        ("nothing to lend", financed(loan_quota=DatedPath.of({2013: 0.0})), financed({"finance.loan.quota": 0})),
    ],
    "interest_subsidy": [
        zero_at_all_dates("interest_subsidy"),
        (
            "no loans",
            financed({"finance.loan.quota": 0}),
            financed({"finance.loan.quota": 0}, interest_subsidy=DatedPath.of({2013: 0.9})),
        ),
    ],
    "premium_subsidy": [
        zero_at_all_dates("premium_subsidy"),
        (
            "no insurers",
            financed({"finance.insurance.insurers": 0}),
            financed({"finance.insurance.insurers": 0}, premium_subsidy=DatedPath.of({2013: 0.1})),
        ),
    ],
    "risk_pool": [
        zero_at_all_dates("risk_pool"),
        (
            "no window",
            financed({"finance.loan.pool_up_to": 0}),
            financed({"finance.loan.pool_up_to": 0}, risk_pool=DatedPath.of({2013: 0.9})),
        ),
    ],
    "alliance": [
        ("no members", financed({"alliance.members": 0}), financed(alliance=Alliance())),
        ("no start", financed({"alliance.start": None}), financed(alliance=Alliance())),
        ("starting after the end", financed({"alliance.start": "2030-01"}), financed(alliance=Alliance())),
    ],
}


@pytest.mark.parametrize(
    ("zero", "without"),
    [pytest.param(zero, without, id=f"{lever}: {what}") for lever in ZERO for what, zero, without in ZERO[lever]],
)
def test_zero_strength_is_absence(zero: ScenarioDocument, without: ScenarioDocument) -> None:
    assert run(zero).digest == run(without).digest


def test_every_lever_is_tested() -> None:
    assert ZERO.keys() == LEVERS.keys() == STRENGTH.keys()


# Lever -> the same at some strength, where the test of zero strength must not pass.
STRENGTH: dict[str, ScenarioDocument] = {
    "parks": changed(parks={}),
    "platform": changed(platform=Platform()),
    "border": two_cities({"border.penalty": 0}),
    "decap_pressure": changed(decap_pressure=DatedPath.of({2013: 3.0})),
    "tax_sharing": shared(),
    "transport": two_cities({"transport.rail": "frozen", "transport.frozen_at": "2013-01"}),
    "venture_powder": changed(venture_powder=DatedPath.of({2013: 0.0})),
    "loan_quota": financed(loan_quota=DatedPath.of({2013: 0.1})),
    "interest_subsidy": financed(interest_subsidy=DatedPath.of({2013: 0.9})),
    "premium_subsidy": financed(premium_subsidy=DatedPath.of({2013: 0.1})),
    "risk_pool": financed({"finance.loan.pool_up_to": 1.0}, risk_pool=DatedPath.of({2013: 0.9})),
    "alliance": financed(alliance=Alliance()),
}


@pytest.mark.parametrize("lever", STRENGTH)
def test_a_lever_has_an_effect(lever: str) -> None:
    document = STRENGTH[lever]
    base = document.model_copy(update={lever: getattr(SCENARIO, lever)})
    assert run(document).digest != run(base).digest


@pytest.mark.parametrize("lever", ["loan_quota", "interest_subsidy", "premium_subsidy", "risk_pool", "alliance"])
def test_the_chain_of_finance_is_no_part_of_the_core(lever: str) -> None:
    assert run(STRENGTH[lever].model_copy(update={"tier": "core"})).digest == reference().digest


def test_a_border_of_no_penalty_is_a_line_on_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who buys from whom is then as if all zones were of one administration."""
    document = two_cities({"border.penalty": 0})
    world, united = build(document, FOLDER, SEED), build(document, FOLDER, SEED)
    market.PROCESS.run(world)
    zones = united.region.zones
    united.region = replace(united.region, zones=replace(zones, admin=np.zeros_like(zones.admin)))
    market.PROCESS.run(united)
    assert (world.tables["market"].pull == united.tables["market"].pull).all()


# -- nothing before the start ---------------------------------------------------------------------------------------


def step(month: str, value: float) -> DatedPath:
    """1 until the month before, then another value."""
    return DatedPath.of({2013: 1.0, CLOCK.label(CLOCK.index(month) - 1): 1.0, month: value})


# What is changed, from which month on, and the two documents.
STARTS: dict[str, tuple[str, ScenarioDocument, ScenarioDocument]] = {
    "a park opens later": ("2014-06", SCENARIO, two_cities({"parks.meadow.open": "2015-03"})),
    "a park opens earlier": ("2014-02", SCENARIO, two_cities({"parks.meadow.open": "2014-02"})),
    "a park is announced later": ("2014-01", SCENARIO, two_cities({"parks.harbour.announce": "2014-08"})),
    "a park never opens": ("2014-06", SCENARIO, two_cities({"parks.meadow.open": "never"})),
    "the last park opens at the end": ("2016-01", SCENARIO, two_cities({"parks.hill.open": "2018-12"})),
    "a park closes": ("2016-05", SCENARIO, two_cities({"parks.meadow.close": "2016-05"})),
    "subsidies end": (
        "2016-02", SCENARIO, two_cities({f"parks.{name}.subsidy_end": "2016-02" for name in SCENARIO.parks}),
    ),
    "the centre starts later": ("2014-01", SCENARIO, two_cities({"platform.start": "2014-09"})),
    "the pressure rises": (
        "2015-04", changed(decap_pressure=DatedPath.of({2013: 1.0})), changed(decap_pressure=step("2015-04", 3.0)),
    ),
    "no line opens any more": (
        "2016-07", SCENARIO, two_cities({"transport.rail": "frozen", "transport.frozen_at": "2016-06"}),
    ),
    "banks stop lending": ("2015-04", financed(), financed(loan_quota=step("2015-04", 0.0))),
    "governments return more interest": (
        "2015-04", financed(interest_subsidy=step("2015-04", 1.0)), financed(interest_subsidy=step("2015-04", 0.5)),
    ),
    "governments pay no more premiums": (
        "2015-04", financed(premium_subsidy=step("2015-04", 1.0)), financed(premium_subsidy=step("2015-04", 0.0)),
    ),
    "pools stop": (
        "2015-04", financed({"finance.loan.pool_up_to": 1}, risk_pool=step("2015-04", 1.0)),
        financed({"finance.loan.pool_up_to": 1}, risk_pool=step("2015-04", 0.0)),
    ),
    "the alliance begins later": ("2015-01", FULL, financed({"alliance.start": "2016-03"})),
    "the alliance never begins": ("2015-01", FULL, financed(alliance=Alliance())),
    "moves of a later month are covered": ("2014-01", shared(start="2014-01"), shared(start="2017-01")),
    "taxes are no longer shared": ("2014-01", shared(start="2014-01"), full()),
    "funds stop in a January": ("2016-01", SCENARIO, changed(venture_powder=step("2016-01", 0.0))),
}  # fmt: skip


@pytest.mark.parametrize("what", STARTS)
def test_nothing_before_the_start(what: str) -> None:
    month, document, other = STARTS[what]
    before = CLOCK.index(month)
    one, two = run(document), run(other)
    different = (one.series != two.series).any(axis=(0, 2))
    assert different.any(), "nothing happens at all"
    first = int(np.argmax(different))
    assert first >= before, f"{CLOCK.label(first)} differs, before {month}"


def crowded(**hill: str) -> ScenarioDocument:
    """A small park whose refused tenants go round the chain, past the last park, to a large one."""
    hill = {f"parks.hill.{key}": value for key, value in hill.items()}
    return two_cities(
        {
            "levels.branch_hazard": 0.2,
            "location.programme.chain": 0.7,
            "location.choice.park": 2.0,
            "parks.harbour.announce": "2013-01",
            "parks.harbour.open": "2013-01",
            "parks.harbour.capacity": 200,
            "parks.meadow.open": "2013-02",
            "parks.meadow.capacity": 2,
            **hill,
        }
    )


@pytest.mark.parametrize("hill", [{"open": "2018-01"}, {"open": "2016-01"}, {"open": "2016-01", "announce": "2015-06"}])
def test_a_park_that_is_not_open_yet_is_no_stop_of_the_chain(hill: dict[str, str]) -> None:
    """Who is refused by a full park goes past those that do not exist yet."""
    month = CLOCK.index(hill.get("announce", hill["open"]))
    without = run(crowded(open="never"))
    with_it = run(crowded(**hill))
    assert (with_it.series[:, :month] == without.series[:, :month]).all()


def test_a_date_of_the_platform_acts_from_where_its_capacity_differs() -> None:
    """Towards completion the capacity grows along a logistic curve; before that the centre works by hand."""
    early, late = two_cities(), two_cities({"platform.date": "2017-06"})
    shares = [document.platform.shares(CLOCK) for document in (early, late)]
    first = int(np.argmax(shares[0] != shares[1]))
    assert CLOCK.index("2014-06") < first < CLOCK.index("2016-01")
    one, two = run(early), run(late)
    assert (one.series[:, :first] == two.series[:, :first]).all()
    assert (one.series != two.series).any()


def test_the_order_of_listing_changes_nothing() -> None:
    backwards = changed(parks=dict(reversed(SCENARIO.parks.items())))
    assert list(backwards.parks) != list(SCENARIO.parks)
    assert run(backwards).digest == reference().digest
    mixed = two_cities({"decap_pressure": {"2016-01": 1.0, "2013-01": 0.5}})
    assert run(mixed).digest == reference().digest


# -- words ----------------------------------------------------------------------------------------------------------

WHEN = re.compile(MONTH_PATTERN)
SHIPPED = sorted(file.stem for file in library().glob("*.yaml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_levers_say_what_they_do_and_when(name: str) -> None:
    document = load(name).document
    for key, lever in LEVERS.items():
        lines = lever.describe(getattr(document, key))
        for when, words in lines:
            assert WHEN.match(when) or when in ("always", "site"), f"{key}: {when}"
            assert words.strip() == words != "", key
            assert not words.endswith("."), f"{key}: a line of a timeline, not a sentence"
        assert len(set(lines)) == len(lines), key


@pytest.mark.parametrize(
    ("lever", "document"),
    [("parks", changed(parks={})), ("parks", two_cities(NEVER)), ("platform", changed(platform=Platform())),
     ("alliance", changed(alliance=Alliance())),
     ("tax_sharing", changed(tax_sharing=TaxSharing())), ("tax_sharing", shared(share=0))],
)  # fmt: skip
def test_an_absent_lever_says_nothing(lever: str, document: ScenarioDocument) -> None:
    assert LEVERS[lever].describe(getattr(document, lever)) == []


def test_describe_tells_each_change() -> None:
    """Two documents that differ in a lever are told apart by its words."""
    for lever, document in {**STRENGTH, "transport": two_cities({"transport.rail": "all_early"})}.items():
        words = LEVERS[lever].describe
        assert words(getattr(document, lever)) != words(getattr(SCENARIO, lever)), lever


def test_a_lever_rests_on_parameters_that_there_are() -> None:
    paths = {one.path for one in parameters(ScenarioDocument)}
    for key, lever in LEVERS.items():
        assert set(lever.RESTS_ON) <= paths, key
        assert not any(path.split(".")[0] == key for path in lever.RESTS_ON), f"{key} rests on itself"


def test_a_lever_lives_in_the_file_named_like_its_key() -> None:
    for key, module in LEVERS.items():
        assert Path(module.__file__ or "").stem == key
        assert key in ScenarioDocument.model_fields
        assert (ScenarioDocument.model_fields[key].description or "").startswith("Lever: ")
    told = {
        name for name, field in ScenarioDocument.model_fields.items() if (field.description or "").startswith("Lever:")
    }
    assert told == LEVERS.keys()
    files = {file.stem for file in Path(policy.__file__ or "").parent.glob("*.py")}
    assert files - {"__init__"} == LEVERS.keys()
