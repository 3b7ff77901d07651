"""Joint R&D (MODEL.md, (26)): an institute and a manufacturer elsewhere share the cost, and both places learn.

The partner is of the institute's own field; zone, cell and firm win races over the weights of the market's tables,
but for the cognitive distance that fits best, which lies further out than in a sale.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import POSITIONS, Reals
from sim.agents.manufacturers import TERCILES
from sim.agents.origins import ENTERPRISE
from sim.core.clock import monthly_flow
from sim.core.columns import Rows
from sim.core.compiled import kernel
from sim.core.counting import sum_by
from sim.core.schedule import Process
from sim.core.streams import mix, normals, offspring, poissons, purpose, race, race_of
from sim.world import World

COUNT = purpose("joint.count")
ZONE = purpose("joint.zone")
CELL = purpose("joint.cell")
FIRM = purpose("joint.firm")
COST = purpose("joint.cost")

INSTITUTE_PART, FIRM_PART = "joint_institute", "joint_firm"
FIRST = 1 << 43


def fit(world: World) -> Reals:
    """Cognitive fit by circular distance (32) and tercile, with its optimum further out."""
    p, further = world.scenario.exchange, world.scenario.links.joint_research.further
    steps = np.arange(POSITIONS)
    distance = 2.0 * np.minimum(steps, POSITIONS - steps) / POSITIONS
    optimum = p.optimum_base + p.optimum_slope * (np.arange(TERCILES) + 0.5) / TERCILES + further
    return np.asarray(np.exp(-((distance[:, None] - optimum) ** 2) / (2 * p.fit_width**2)))


def _propose(world: World) -> None:
    crowd, firms, p = world.origins, world.manufacturers, world.scenario.links.joint_research
    institute = np.flatnonzero(crowd.alive & (crowd.kind != ENTERPRISE))
    expected = math.fsum(crowd.births[institute])
    if expected == 0.0:
        return
    mean = monthly_flow(p.projects) * world.scale * crowd.births[institute] / expected
    count = poissons(world.key, COUNT, crowd.uid[institute], world.month, mean)
    parent, uid = offspring(crowd.uid[institute], count, FIRST + (world.month << 20))
    row = institute[parent]
    m = world.tables["market"]
    partner = _partners(
        world.key, world.month, uid, crowd.zone[row], crowd.field[row], crowd.position[row], world.receiving,
        m.pull, m.mass, fit(world), m.start, m.row, firms.uid, m.weight,
    )  # fmt: skip
    found = partner >= 0
    row, partner, uid = row[found], partner[found], uid[found]
    cost = 1e6 * p.cost * np.exp(p.cost_sigma * normals(world.key, COST, uid, 0, 0))
    whole = np.rint(cost).astype(np.int64)
    part = np.rint(p.firm_share * cost).astype(np.int64)
    world.requests.ask(FIRM_PART, uid, firms.account[partner], part, seniority=1, divisible=False, firm=partner)
    world.requests.ask(
        INSTITUTE_PART, uid, crowd.account[row], whole - part, seniority=1, divisible=False, institute=row
    )


@kernel
def _partners(  # type: ignore[no-untyped-def]
    key, month, uid, zone, field, position, receiving, pull, mass, fit, start, row, firm_uid, weight
):
    """Row of the manufacturer that each project finds, or -1 where there is none of the field."""
    zones, fields, positions, terciles = mass.shape
    out = np.full(uid.size, -1, np.int64)
    by_zone = np.empty(zones)
    by_cell = np.empty(positions * terciles)
    for i in range(uid.size):
        f = field[i]
        x = position[i]
        for z in range(zones):
            by_zone[z] = 0.0
            if receiving[z]:
                for y in range(positions):
                    for t in range(terciles):
                        by_zone[z] += mass[z, f, y, t] * fit[(x - y) & (positions - 1), t]
                by_zone[z] *= pull[zone[i], z]
        z = race(key, ZONE, uid[i], month, by_zone)
        if z < 0:
            continue
        for y in range(positions):
            for t in range(terciles):
                by_cell[y * terciles + t] = mass[z, f, y, t] * fit[(x - y) & (positions - 1), t]
        cell = race(key, CELL, mix(uid[i], z), month, by_cell)
        at = (z * fields + f) * positions * terciles + cell
        there = row[start[at] : start[at + 1]]
        out[i] = there[race_of(key, FIRM, uid[i], month, firm_uid[there], weight[there])]
    return out


def _execute(world: World) -> None:
    """A project that both can pay is carried out; what is found out is known in both places."""
    ours, theirs = world.requests.granted(INSTITUTE_PART), world.requests.granted(FIRM_PART)
    if not ours:
        return
    crowd, firms, ledger = world.origins, world.manufacturers, world.ledger
    done = (ours["granted"] == ours["amount"]) & (theirs["granted"] == theirs["amount"])
    row, partner = ours["institute"][done], theirs["firm"][done]
    paid, added = ours["amount"][done], theirs["amount"][done]
    ledger.post("joint_rnd", crowd.account[row], ledger.outside, paid)
    ledger.post("joint_rnd", firms.account[partner], ledger.outside, added)
    field = crowd.field[row]
    _learn(world, np.append(crowd.cell[row], firms.cell[partner]), np.append(field, field), np.tile(paid + added, 2))
    world.tally.add("joint_projects", firms.zone[partner])
    world.tally.add("joint_yuan", firms.zone[partner], paid + added)
    world.tally.move("joint_projects", crowd.zone[row], firms.zone[partner], paid + added)
    world.log("joint_project", institute=crowd.uid[row], firm=firms.uid[partner], zone=firms.zone[partner],
              yuan=paid + added)  # fmt: skip


def _learn(world: World, cell: Rows, field: NDArray[Any], yuan: NDArray[np.int64]) -> None:
    """Add R&D to the knowledge of cells and fields: whole yuan, so that no order of projects can matter."""
    fields = world.knowledge.shape[1]
    gained = sum_by(cell.astype(np.int64) * fields + field, yuan, world.knowledge.size)
    world.knowledge = world.knowledge + gained.reshape(world.knowledge.shape)


PROPOSE = Process(
    name="joint_proposals",
    phase="proposals",
    run=_propose,
    reads=("origins.alive", "origins.kind", "origins.uid", "origins.births", "origins.zone", "origins.field",
           "origins.position", "origins.account", "manufacturers.account", "manufacturers.uid", "tables.market"),
    writes=("requests",),
    system="A11",
    doc="institutes seek manufacturers elsewhere for joint R&D",
    tier="full",
)  # fmt: skip
EXECUTE = Process(
    name="joint_research",
    phase="execution",
    run=_execute,
    reads=("requests", "origins.account", "origins.cell", "origins.field", "origins.zone", "origins.uid",
           "manufacturers.account", "manufacturers.cell", "manufacturers.zone", "manufacturers.uid"),
    writes=("knowledge", "accounts", "tally", "events"),
    system="A11",
    doc="projects that both sides can pay are carried out, and both places learn",
    tier="full",
)  # fmt: skip
