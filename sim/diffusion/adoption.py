"""Adoption: manufacturers like the pioneer take a technology up, sooner near others (MODEL.md, (19)).

The chance that firm j comes to want a technology in a month is 1 - exp(-(A_j / mean A) (p + q n) / 12), with n the
share of adopters near its zone. It wants it when the hazard of its zone, cumulated since the technology was launched,
passes a keyed exponential threshold over A_j / mean A: a policy never delays an adoption on which it has no bearing.
"""

from __future__ import annotations

import math

import numpy as np

from sim.agents.attributes import POSITIONS
from sim.agents.manufacturers import resize
from sim.core.clock import monthly_flow
from sim.core.compiled import kernel
from sim.core.counting import count_at, count_in
from sim.core.schedule import Process
from sim.core.streams import mix, pairs, purpose, u01
from sim.diffusion import patience
from sim.world import World

THRESHOLD = purpose("adoption.threshold")

KIND = "adoption"


def _ask(world: World) -> None:
    adoptions, firms = world.adoptions, world.manufacturers
    row = adoptions.rows
    firm = adoptions.firm[row]
    amount = np.rint(world.scenario.diffusion.adoption.cost * firms.sales[firm]).astype(np.int64)
    world.requests.ask(
        KIND, adoptions.uid[row], firms.account[firm], amount, seniority=2, divisible=False, adoption=row
    )


def _pay(world: World) -> None:
    adoptions = world.adoptions
    patience.settle(world, KIND, "adoption", adoptions, adoptions.firm, adoptions.paid)


def _spread(world: World) -> None:
    _adopt(world)
    _list_the_new(world)
    _want(world)


def _adopt(world: World) -> None:
    """What is paid for is in use: sales rise, the firm has learned, and others see it."""
    adoptions, technologies, firms = world.adoptions, world.technologies, world.manufacturers
    row = np.flatnonzero(adoptions.alive & adoptions.paid)
    technology, firm = adoptions.technology[row], adoptions.firm[row]
    factor = 1.0 + world.scenario.diffusion.adoption.uplift * np.sqrt(technologies.quality[technology])
    resize(firms, firm, factor, world.scenario.populations)
    count_in(firms.lessons, firm)
    count_in(firms.adopted, firm)
    count_in(technologies.adopters, technology)
    count_at(world.audiences.adopters, technologies.serial[technology], firms.zone[firm])
    world.tally.add("adoptions", firms.zone[firm])
    adoptions.retire(row)


def _list_the_new(world: World) -> None:
    """List whom the technologies of this month concern, but for their pioneers, who have them already."""
    technologies, firms, audiences = world.technologies, world.manufacturers, world.audiences
    new = np.flatnonzero(technologies.serial >= audiences.used)
    new = new[np.argsort(technologies.serial[new])]
    if not new.size:
        return
    pioneer = technologies.pioneer[new]
    able = firms.alive & (firms.absorption > 0.0)
    of, firm = _concerned(
        technologies.field[new], technologies.position[new], pioneer, able, firms.field, firms.position,
        world.scenario.diffusion.adoption.scope, POSITIONS, len(world.region.fields),
    )  # fmt: skip
    threshold = _thresholds(world.key, THRESHOLD, technologies.uid[new][of], firms.uid[firm])
    threshold *= world.absorption_mean / firms.absorption[firm]
    first = audiences.used
    audiences.enlist(new.size, of, firms.zone[firm], firms.serial[firm], threshold)
    serial = first + np.arange(new.size)
    count_at(audiences.concerned, serial, firms.zone[pioneer])
    count_at(audiences.adopters, serial, firms.zone[pioneer])
    count_in(firms.adopted, pioneer)


@kernel
def _concerned(tech_field, tech_position, pioneer, able, field, position, scope, positions, fields):  # type: ignore[no-untyped-def]
    """Pairs of a new technology (its ordinal) and the row of a firm able to absorb that it concerns."""
    number = np.zeros((fields, positions), np.int64)  # how many of the new ones concern a firm of a field and position
    which = np.empty((fields, positions, tech_field.size), np.int64)
    for t in range(tech_field.size):
        f = tech_field[t]
        for x in range(positions):
            gap = (x - tech_position[t]) % positions
            if min(gap, positions - gap) <= scope:
                which[f, x, number[f, x]] = t
                number[f, x] += 1
    total = 0
    for j in range(able.size):
        if able[j]:
            total += number[field[j], position[j]]
    technology = np.empty(total, np.int64)
    firm = np.empty(total, np.int64)
    n = 0
    for j in range(able.size):
        if able[j]:
            for k in range(number[field[j], position[j]]):
                t = which[field[j], position[j], k]
                if j != pioneer[t]:
                    technology[n] = t
                    firm[n] = j
                    n += 1
    return technology[:n], firm[:n]


@kernel
def _thresholds(key, what, technology, firm):  # type: ignore[no-untyped-def]
    """A standard exponential for each pair."""
    out = np.empty(firm.size)
    for i in range(firm.size):
        out[i] = -math.log(u01(key, what, mix(technology[i], firm[i]), 0, 0))
    return out


def _want(world: World) -> None:
    """The hazard of the month passes in each zone; who is passed wants the technology.

    Those gone count as adopters: thresholds know nothing of exits, so that the share stays that among the living.
    """
    technologies, firms, p = world.technologies, world.manufacturers, world.scenario.diffusion.adoption
    serial, zone, wanted_by = world.audiences.advance(
        world.hours**-p.travel, monthly_flow(p.innovation), monthly_flow(p.imitation)
    )
    technology = _rows_by_serial(technologies.serial, technologies.alive, technologies.entered)[serial]
    firm = _rows_by_serial(firms.serial, firms.alive, firms.entered)[wanted_by]
    gone = firm < 0
    count_at(world.audiences.adopters, serial[gone], zone[gone])
    technology, firm = technology[~gone], firm[~gone]
    uid = pairs(technologies.uid[technology], firms.uid[firm])
    world.adoptions.grow(uid, technology=technology, firm=firm)


@kernel
def _rows_by_serial(serial, alive, entered):  # type: ignore[no-untyped-def]
    """Row of each entity by its serial number, -1 if it is gone."""
    out = np.full(entered, -1, np.int32)
    for i in range(alive.size):
        if alive[i]:
            out[serial[i]] = i
    return out


ASK = Process(
    name="adoption_bills",
    phase="proposals",
    run=_ask,
    reads=("adoptions.alive", "adoptions.uid", "adoptions.firm", "manufacturers.sales", "manufacturers.account"),
    writes=("requests",),
    system="A10",
    doc="who wants a technology asks for its cost",
    tier="chain",
)
PAY = Process(
    name="adoption_payments",
    phase="execution",
    run=_pay,
    reads=("requests", "adoptions.firm", "manufacturers.account", "manufacturers.zone"),
    writes=("adoptions.alive", "adoptions.paid", "adoptions.waits", "accounts", "tally"),
    system="A10",
    doc="adoptions are paid; who has waited too long gives up",
    tier="chain",
)
SPREAD = Process(
    name="adoption",
    phase="adoption",
    run=_spread,
    reads=("technologies.alive", "technologies.uid", "technologies.serial", "technologies.field",
           "technologies.position", "technologies.quality", "technologies.pioneer", "manufacturers.alive",
           "manufacturers.uid", "manufacturers.serial", "manufacturers.zone", "manufacturers.field",
           "manufacturers.position", "manufacturers.absorption"),
    writes=("adoptions.*", "technologies.adopters", "audiences", "manufacturers.sales", "manufacturers.size",
            "manufacturers.margin", "manufacturers.outlay", "manufacturers.reserve", "manufacturers.lessons",
            "manufacturers.adopted", "tally"),
    system="A10",
    doc="technologies come into use, new ones become known, and manufacturers come to want them",
    tier="chain",
)  # fmt: skip
