"""Technologies and their adopters: manufacturers like the pioneer take one up, sooner near others that have it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.arithmetic import power, yuan
from twin.draws import child
from twin.patience import PatientBill
from twin.research import POSITIONS

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.organisations import Manufacturer
    from twin.zones import Zone


class Technology:
    """A development that succeeded.

    In each zone a hazard cumulates; a firm comes to want the technology when it passes the firm's own threshold, which
    is exponential, and lower for who can absorb more.
    """

    def __init__(self, model: TwinModel, uid: int, pioneer: Manufacturer, quality: float) -> None:
        self.model = model
        self.uid = uid
        self.pioneer: Manufacturer | None = pioneer
        self.zone = pioneer.zone
        self.field = pioneer.field
        self.position = pioneer.position
        self.quality = quality
        self.born = model.month
        self.adopters = 1
        self.known = False
        self.hazard: Counter[Zone] = Counter()
        self.adopters_in: Counter[Zone] = Counter()
        self.concerned_in: Counter[Zone] = Counter()
        self.waiting: defaultdict[Zone, list[tuple[float, Manufacturer]]] = defaultdict(list)
        "Who does not want it yet, by threshold."

    def become_known(self) -> None:
        """To manufacturers of its field and near its position; its pioneer has it already."""
        self.known = True
        pioneer, scope = self.pioneer, self.model.scenario.diffusion.adoption.scope
        for firm in self.model.manufacturers:
            steps = abs(firm.position - self.position)
            near = min(steps, POSITIONS - steps) <= scope
            if firm is pioneer or firm.field != self.field or not near or firm.absorption <= 0.0:
                continue
            u = self.model.draws.uniform("adoption.threshold", child(self.uid, firm.uid))
            threshold = -math.log(u) * (self.model.mean_absorption / firm.absorption)
            self.waiting[firm.zone].append((threshold, firm))
            self.concerned_in[firm.zone] += 1
        for firms in self.waiting.values():
            firms.sort(key=lambda pair: pair[0])
        self.concerned_in[pioneer.zone] += 1
        self.adopters_in[pioneer.zone] += 1
        pioneer.adopted += 1

    def spread(self) -> None:
        """A month's hazard passes: some of its own, and more with the share of adopters near the zone."""
        model, p = self.model, self.model.scenario.diffusion.adoption
        gone: Counter[Zone] = Counter()
        for zone in model.zones:
            if not self.waiting[zone]:
                continue
            near = {other: power(model.hours(zone, other), -p.travel) for other in model.zones}
            have = sum(near[other] * self.adopters_in[other] for other in model.zones)
            reach = sum(near[other] * self.concerned_in[other] for other in model.zones)
            self.hazard[zone] += p.innovation / 12 + p.imitation / 12 * have / reach
            while self.waiting[zone] and self.waiting[zone][0][0] < self.hazard[zone]:
                _, firm = self.waiting[zone].pop(0)
                if firm.is_there:
                    uid = child(self.uid, firm.uid)
                    model.adoptions[uid] = Adoption(uid, self, firm)
                else:  # counts as an adopter: the share stays that among the living
                    gone[zone] += 1
        self.adopters_in += gone


@dataclass(eq=False, slots=True)
class Adoption:
    """A manufacturer wants a technology, and has still to pay for it."""

    uid: int
    technology: Technology
    firm: Manufacturer
    paid: bool = False
    waits: int = 0

    def ask(self) -> None:
        model = self.firm.model
        cost = yuan(model.scenario.diffusion.adoption.cost * self.firm.sales)
        model.request(AdoptionBill(self.uid, self.firm.account, cost, self.firm, self))

    def is_paid(self) -> None:
        self.paid = True

    def end(self) -> None:
        del self.firm.model.adoptions[self.uid]


class AdoptionBill(PatientBill):
    """Of an adoption."""

    seniority = 2
    need = purpose = "adoption"


def adopt(model: TwinModel) -> None:
    """What is paid for comes into use: sales rise, the firm has learned, and others see it."""
    gains: defaultdict[Manufacturer, list[float]] = defaultdict(list)
    for adoption in list(model.adoptions.values()):
        if adoption.paid:
            firm, technology = adoption.firm, adoption.technology
            gains[firm].append(1.0 + model.scenario.diffusion.adoption.uplift * math.sqrt(technology.quality))
            firm.lessons += 1
            firm.adopted += 1
            technology.adopters += 1
            technology.adopters_in[firm.zone] += 1
            model.count("adoptions", firm.zone)
            adoption.end()
    for firm, factors in gains.items():
        firm.grow_by(*factors)
    for technology in model.technologies.values():
        if not technology.known:
            technology.become_known()
    for technology in model.technologies.values():
        technology.spread()
