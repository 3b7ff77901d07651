"""Industrialisation: a buyer develops what it bought in three stages, each paid for and uncertain (MODEL.md, (18))."""

from __future__ import annotations

import numpy as np

from sim.agents.developments import STAGES
from sim.agents.manufacturers import resize
from sim.core.columns import Rows
from sim.core.counting import among, count_in
from sim.core.schedule import Process
from sim.core.streams import pairs, purpose, uniforms
from sim.diffusion import patience
from sim.world import World

COMPLETE = purpose("stages.complete")
SUCCEED = purpose("stages.succeed")

KIND = "stage"


def _ask(world: World) -> None:
    developments, firms = world.developments, world.manufacturers
    row = np.flatnonzero(developments.alive & ~developments.funded)
    amount = np.rint(world.scenario.diffusion.development.cost * developments.price[row]).astype(np.int64)
    payer = firms.account[developments.buyer[row]]
    world.requests.ask(KIND, developments.uid[row], payer, amount, seniority=1, divisible=False, development=row)


def _pay(world: World) -> None:
    developments = world.developments
    patience.settle(world, KIND, "development", developments, developments.buyer, developments.funded)


def _advance(world: World) -> None:
    _complete(world)
    _begin(world)


def _complete(world: World) -> None:
    """Paid stages end with a constant chance; then the development dies, goes on, or has become a technology."""
    developments, firms = world.developments, world.manufacturers
    row = np.flatnonzero(developments.alive & developments.funded)
    done = uniforms(world.key, COMPLETE, developments.uid[row], world.month, 0)
    row = row[done < world.scenario.diffusion.development.completion]
    good = _succeeds(world, row)
    failed, row = row[~good], row[good]
    world.tally.add("developments_failed", firms.zone[developments.buyer[failed]])
    developments.retire(failed)
    developments.stage[row] += 1
    developments.funded[row] = False
    ready = row[developments.stage[row] == STAGES]
    _launch(world, ready)
    developments.retire(ready)


def _succeeds(world: World, row: Rows) -> np.ndarray:
    """Whether the present stage of each development succeeds."""
    p, environment = world.scenario.diffusion.development, world.scenario.diffusion.environment
    developments, firms = world.developments, world.manufacturers
    buyer = developments.buyer[row]
    with np.errstate(divide="ignore"):
        odds = (
            np.log(p.success) - np.log1p(-p.success)
            + p.absorption * (firms.absorption[buyer] - world.absorption_mean)
            + p.fit * np.log(developments.fit[row])
            - p.delay * (developments.waits[row] > 0)
            + environment.effect * world.environment[firms.zone[buyer]]
        )  # fmt: skip
    draw = uniforms(world.key, SUCCEED, pairs(developments.uid[row], developments.stage[row].astype(np.uint64)), 0, 0)
    return np.asarray(draw < 1.0 / (1.0 + np.exp(-odds)))


def _launch(world: World, row: Rows) -> None:
    """A development becomes a technology of its buyer, whose sales rise and who has learned."""
    developments, firms, p = world.developments, world.manufacturers, world.scenario.diffusion.development
    buyer, quality = developments.buyer[row], developments.quality[row]
    # A firm that has paid its licence off may license and develop the same thing again: the month tells the two apart.
    uid = pairs(developments.uid[row], np.full(row.size, (1 << 43) + world.month, np.uint64))
    zone = firms.zone[buyer]
    world.technologies.grow(
        uid,
        field=firms.field[buyer],
        position=firms.position[buyer],
        quality=quality,
        pioneer=buyer,
        zone=zone,
        born=world.month,
        adopters=1,
    )
    resize(firms, buyer, 1.0 + p.uplift * np.sqrt(quality), world.scenario.populations)
    count_in(firms.lessons, buyer)
    world.tally.add("technologies_launched", zone)
    world.log("technology", uid=uid, buyer=firms.uid[buyer], zone=zone, field=firms.field[buyer])


def _begin(world: World) -> None:
    """What was signed this month is developed; nobody develops the same thing twice at a time."""
    developments, firms = world.developments, world.manufacturers
    if not world.signed:
        return
    uid = np.concatenate([batch["uid"] for batch in world.signed])
    new = ~among(uid, developments.alive, developments.uid)
    columns = {
        name: np.concatenate([batch[name] for batch in world.signed])[new]
        for name in ("buyer", "seller", "field", "position", "quality", "fit", "price")
    }
    developments.grow(uid[new], born=world.month, **columns)
    world.tally.add("developments_started", firms.zone[columns["buyer"]])


ASK = Process(
    name="stage_bills",
    phase="proposals",
    run=_ask,
    reads=("developments.alive", "developments.funded", "developments.price", "developments.buyer",
           "developments.uid", "manufacturers.account"),
    writes=("requests",),
    system="A10",
    doc="developers ask for the cost of the next stage",
    tier="chain",
)  # fmt: skip
PAY = Process(
    name="stage_payments",
    phase="execution",
    run=_pay,
    reads=("requests", "developments.buyer", "manufacturers.account", "manufacturers.zone"),
    writes=("developments.alive", "developments.funded", "developments.waits", "accounts", "tally"),
    system="A10",
    doc="stages are paid; who has waited too long gives up",
    tier="chain",
)
ADVANCE = Process(
    name="industrialisation",
    phase="pipeline",
    run=_advance,
    reads=("signed", "environment", "manufacturers.zone", "manufacturers.field", "manufacturers.position",
           "manufacturers.absorption", "manufacturers.uid"),
    writes=("developments.*", "technologies.*", "manufacturers.sales", "manufacturers.size", "manufacturers.margin",
            "manufacturers.outlay", "manufacturers.reserve", "manufacturers.lessons", "tally", "events"),
    system="A10",
    doc="stages end, in failure or success; the third success makes a technology; signed deals begin",
    tier="chain",
)  # fmt: skip
