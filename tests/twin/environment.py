"""The environment of innovation of a zone: it follows the zone's activity, and draws activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.arithmetic import MILLION, log

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.zones import Zone


def follow_activity(model: TwinModel) -> None:
    """Each zone's environment closes part of the gap to what its activity makes of it."""
    deals = {zone: model.tally["deals", zone.number] for zone in model.zones}
    finance = {zone: model.tally["financed_yuan", zone.number] for zone in model.zones}
    model.last_year.append((deals, finance))
    del model.last_year[:-12]
    for zone in model.zones:
        aim = what_activity_makes(model, zone)
        zone.environment += model.scenario.diffusion.environment.speed * (aim - zone.environment)


def activity(model: TwinModel, zone: Zone) -> list[float]:
    """Deals of a year, ventures alive, finance of a year and knowledge (m yuan), at scale 1."""
    years = len(model.last_year) / 12
    deals = sum(month[0][zone] for month in model.last_year) / years
    finance = sum(month[1][zone] for month in model.last_year) / years
    ventures = sum(venture.zone is zone for venture in model.ventures)
    cells = {cell for cell, _ in zone.cells}
    knowledge = sum(amount for (cell, _), amount in sorted(model.knowledge.stock.items()) if cell in cells)
    return [x / model.scenario.scale for x in (deals, ventures, finance / MILLION, knowledge / MILLION)]


def what_activity_makes(model: TwinModel, zone: Zone) -> float:
    """Weighted log of activity over its frozen reference, both smoothed per head; 0 for a zone without a reference."""
    references, p = model.scenario.levels.environment, model.scenario.diffusion.environment
    key = model.region.zones.key[zone.number]
    if key not in references:
        return 0.0
    people = sum(other.people for other in model.zones if model.region.zones.key[other.number] in references)
    total = 0.0
    for k, now in enumerate(activity(model, zone)):
        mean = sum(reference[k] for reference in references.values()) / people
        smoothing = p.smoothing * mean * zone.people
        if smoothing > 0.0:
            total += p.weights[k] * log((now + smoothing) / (references[key][k] + smoothing))
    return total
