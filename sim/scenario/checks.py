"""What a document must obey as a whole, beyond each value's own range.

A check takes the scenario and yields findings; `scenario.finding(path, ...)` knows the place. New checks are
added to the list at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sim.core.dates import months_between
from sim.errors import Finding
from sim.scenario.library import region_at, regions
from sim.scenario.resolved import Scenario
from sim.scenario.scalars import nearest

Check = Callable[[Scenario[Any]], Iterable[Finding]]

LONGEST = 1200


def end_after_start(scenario: Scenario[Any]) -> Iterator[Finding]:
    """A run has at least one month."""
    start, end = scenario.document.start, scenario.document.end
    if months_between(start, end) < 0:
        yield scenario.finding("end", "the end lies before the start", found=end, allowed=f"{start} or later")


def region_exists(scenario: Scenario[Any]) -> Iterator[Finding]:
    """The region is a folder beside the scenario or in the library."""
    name, beside = scenario.document.region, scenario.file.parent
    if region_at(name, beside) is None:
        known = regions(beside)
        yield scenario.finding(
            "region",
            "no such region: data/ holds no folder of this name",
            found=name,
            allowed=", ".join(known),
            nearest=nearest(name, known),
        )


def not_too_long(scenario: Scenario[Any]) -> Iterator[Finding]:
    """Months are 16-bit numbers, and the keys of draws have room for 16 bits of them."""
    months = months_between(scenario.document.start, scenario.document.end) + 1
    if months > LONGEST:
        yield scenario.finding("end", "the run is too long", found=f"{months} months", allowed=f"{LONGEST} at most")


def shares_leave_room(scenario: Scenario[Any]) -> Iterator[Finding]:
    """Shares of one whole do not exceed it."""
    document = scenario.document
    for path, parts in (
        ("exchange", (document.exchange.assignment, document.exchange.licence)),
        ("location.branch", (document.location.branch.sales_share, document.location.branch.rnd_share)),
        ("populations.field_shares", tuple(document.populations.field_shares.values())),
        ("diffusion.environment.weights", document.diffusion.environment.weights),
    ):
        if sum(parts) > 1.0 + 1e-9 or min(parts, default=0.0) < 0.0:
            yield scenario.finding(path, "shares of one whole", found=f"a sum of {sum(parts):g}", allowed="0 to 1")
    for path, rates in (
        ("location.branch.exit_by_age", document.location.branch.exit_by_age),
        ("demography.exit_by_age", document.demography.exit_by_age),
    ):
        for rate in rates:
            if not 0.0 <= rate <= 1.0:
                yield scenario.finding(path, "not a yearly rate", found=f"{rate:g}", allowed="0 to 1")
        if not rates:
            yield scenario.finding(path, "no rate is given", allowed="at least one")


def the_chain_reaches_shares(scenario: Scenario[Any]) -> Iterator[Finding]:
    """Along its whole path, the reach of the chain is a share."""
    for name, path in scenario.document.finance.reach.items():
        wrong = [value for _, value in path if not 0.0 <= value <= 1.0]
        if wrong:
            yield scenario.finding(f"finance.reach.{name}", "not a share", found=f"{wrong[0]:g}", allowed="0 to 1")


def park_dates_in_order(scenario: Scenario[Any]) -> Iterator[Finding]:
    """A park is announced before it opens, and opens before it closes."""
    for name, park in scenario.document.parks.items():
        dated = park.open not in ("site", "never")
        if dated and park.announce and park.announce > park.open:
            yield scenario.finding(
                f"parks.{name}.announce",
                "announced after its opening",
                found=park.announce,
                allowed=f"{park.open} or earlier",
            )
        if dated and park.close and park.close < park.open:
            yield scenario.finding(
                f"parks.{name}.close", "closes before its opening", found=park.close, allowed=f"{park.open} or later"
            )


def names_are_the_regions(scenario: Scenario[Any]) -> Iterator[Finding]:
    """Parks, fields and administrations are those of the region."""
    folder = region_at(scenario.document.region, scenario.file.parent)
    if folder is None:
        return
    from sim.region import load_region  # reading polygons is heavy: not at import

    region = load_region(folder)
    document = scenario.document
    shares = document.populations.field_shares
    parks = [key for key, site in region.sites.items() if site.kind == "park"]
    fields = [field.key for field in region.fields]
    admins = [admin.key for admin in region.admins]
    yield from _unknown(scenario, "parks", document.parks, parks, "the region has no such park")
    yield from _unknown(scenario, "populations.field_shares", shares, fields, "no such field")
    reference = document.levels.environment
    yield from _unknown(scenario, "levels.environment", reference, list(region.zones.key), "no such zone")
    for path, named in (
        ("populations.absorption", document.populations.absorption),
        ("location.choice.pull", document.location.choice.pull),
        ("location.branch.capital_ratio", document.location.branch.capital_ratio),
        ("finance.reach", document.finance.reach),
    ):
        yield from _unknown(scenario, path, named, admins, "no such administration")
    if document.platform.site and document.platform.site not in region.sites:
        yield scenario.finding(
            "platform.site", "the region has no such site", found=document.platform.site,
            allowed=", ".join(region.sites), nearest=nearest(document.platform.site, list(region.sites)),
        )  # fmt: skip
    for name, park in document.parks.items():
        if park.open == "site" and name in region.sites and region.sites[name].opening is None:
            yield scenario.finding(
                f"parks.{name}.open", "the region knows no opening of this park", allowed="a month, or never"
            )


def _unknown(
    scenario: Scenario[Any], path: str, named: Iterable[str], known: list[str], message: str
) -> Iterator[Finding]:
    for name in named:
        if name not in known:
            yield scenario.finding(
                f"{path}.{name}", message, found=name, allowed=", ".join(known), nearest=nearest(name, known)
            )


CHECKS: list[Check] = [
    end_after_start, region_exists, not_too_long, shares_leave_room, the_chain_reaches_shares,
    park_dates_in_order, names_are_the_regions,
]  # fmt: skip
