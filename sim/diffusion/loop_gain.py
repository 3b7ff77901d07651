"""The loop gain of the environment's feedback: how much of a change of E comes back in E* once activity has answered.

G = dE*/dE, zone by zone, from the shares of a run's own flows: of a logit choice with outside option, d ln n_z / dE_y
is theta (1[z = y] - sum_o w_oz P_oy), with P_oy the share of the choosers of zone o that go to y, and w_oz the share of
those in z that came from o. Where quotas bind or the promotion centre chooses, activity answers less: G errs on the
high side. Below a spectral radius of 1 the feedback is damped; what it adds is (1 - G)^-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.agents.attributes import Reals
from sim.agents.branches import RND
from sim.core.counting import count_where, sum_by, sum_cells
from sim.diffusion import environment, spillovers
from sim.world import World


@dataclass(frozen=True)
class Flows:
    """What went from zone to zone in a run, as counts [origin, target], and what went elsewhere or was not sold."""

    deals: Reals
    offers_lost: Reals
    "Offers that were not sold in the region, by zone of the owner."
    ventures: Reals
    branches: Reals
    branches_elsewhere: Reals


def spectral_radius(world: World, flows: Flows) -> float:
    """Largest modulus of an eigenvalue of G, with activity as it is now."""
    return float(np.abs(np.linalg.eigvals(gain(world, flows))).max(initial=0.0))


def gain(world: World, flows: Flows) -> Reals:
    """dE*_z / dE_z' [zones, zones]; zones without a reference have no part in it."""
    p = world.scenario.diffusion.environment
    founders = _share(flows.ventures, axis=0).T  # founding itself answers to the environment of the institute's zone
    own = np.eye(world.zones)
    deals = _response(flows.deals, flows.offers_lost)
    ventures = _response(flows.ventures, np.zeros(world.zones)) + founders
    branches = _response(flows.branches, flows.branches_elsewhere)
    finance = ventures + own  # more ventures ask, and more of them are approved
    of_ventures, of_branches = _shares_of_spending(world)
    knowledge = of_ventures[:, None] * ventures + of_branches[:, None] * branches
    activity, (floor, named) = environment.activity(world), environment.floors(world)
    firm = activity / np.maximum(activity + floor, 1e-300)  # d ln (x + floor) / d ln x
    parts = np.array([deals, ventures, finance, knowledge])
    total = p.effect * np.einsum("k,kz,kzy->zy", np.array(p.weights), firm, parts)
    return np.asarray(total * named[:, None] * named)


def _response(flow: Reals, lost: Reals) -> Reals:
    """d ln n_z / d u_z' of a logit choice with these outcomes."""
    chosen = flow / np.maximum(flow.sum(axis=1) + lost, 1.0)[:, None]
    return np.asarray(np.eye(flow.shape[0]) - _share(flow, axis=0).T @ chosen)


def _share(flow: Reals, axis: int) -> Reals:
    return np.asarray(flow / np.maximum(flow.sum(axis=axis, keepdims=True), 1.0))


def _shares_of_spending(world: World) -> tuple[Reals, Reals]:
    """Share of ventures and of R&D branches in the R&D of each zone."""
    p, branches, ventures = world.scenario.diffusion.spillovers, world.branches, world.ventures
    total = np.maximum(12.0 * sum_cells(world.region.grid.zone, spillovers.spending(world), world.zones), 1.0)
    each = 1e6 * world.scenario.location.venture.spending
    paid = sum_by(branches.zone, branches.paid * (branches.alive & (branches.type == RND)), world.zones)
    return each * count_where(ventures.zone, ventures.alive, world.zones) / total, p.branch_rnd * paid / total
