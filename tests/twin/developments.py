"""Industrialisation: a buyer develops what it bought in three stages, each paid for, lasting and uncertain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.arithmetic import log, logistic, yuan
from twin.draws import child
from twin.patience import PatientBill
from twin.technologies import Technology

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.organisations import Manufacturer, Origin

STAGES = 3


@dataclass(eq=False, slots=True)
class Development:
    """An achievement on its way to a technology."""

    uid: int
    buyer: Manufacturer
    seller: Origin | None
    field: int
    position: int
    quality: float
    fit: float
    "Cognitive fit with the buyer at signing."
    price: int
    stage: int
    "Stages behind it."
    funded: bool
    "Whether the present stage is paid for."
    waits: int
    "Months for which it has waited for money."
    born: int

    def ask(self) -> None:
        """For the cost of the next stage."""
        if not self.funded:
            model = self.buyer.model
            cost = yuan(model.scenario.diffusion.development.cost * self.price)
            model.request(StageBill(self.uid, self.buyer.account, cost, self.buyer, self))

    def is_paid(self) -> None:
        self.funded = True

    def end(self) -> None:
        del self.buyer.model.developments[self.uid]

    def advance(self) -> None:
        """A stage that is paid for ends with a constant chance, in failure, the next stage, or a technology."""
        model, p = self.buyer.model, self.buyer.model.scenario.diffusion.development
        if not model.draws.happens(p.completion, "stages.complete", self.uid, model.month):
            return
        if not self.succeeds():
            model.count("developments_failed", self.buyer.zone)
            self.end()
            return
        self.stage += 1
        self.funded = False
        if self.stage == STAGES:
            self.launch()
            self.end()

    def succeeds(self) -> bool:
        """More often where the buyer can absorb it, where it fits, where it had not to wait, in a good environment."""
        model, buyer = self.buyer.model, self.buyer
        p = model.scenario.diffusion.development
        odds = log(p.success) - log(1.0 - p.success)
        odds += p.absorption * (buyer.absorption - model.mean_absorption)
        odds += p.fit * log(self.fit)
        odds += model.drawn_by_environment(buyer.zone)
        if self.waits > 0:
            odds -= p.delay
        return model.draws.happens(logistic(odds), "stages.succeed", child(self.uid, self.stage))

    def launch(self) -> None:
        """A technology of the buyer, whose sales rise and who has learned."""
        model, buyer = self.buyer.model, self.buyer
        uid = child(self.uid, (1 << 43) + model.month)  # the same thing may be licensed and developed again
        model.technologies[uid] = Technology(model, uid, buyer, self.quality)
        buyer.grow_by(1.0 + model.scenario.diffusion.development.uplift * math.sqrt(self.quality))
        buyer.lessons += 1
        model.count("technologies_launched", buyer.zone)


class StageBill(PatientBill):
    """Of a stage."""

    seniority = 1
    need = "stage"
    purpose = "development"


def industrialise(model: TwinModel) -> None:
    """Stages end; what was signed this month begins, but nobody develops the same thing twice at a time."""
    for development in list(model.developments.values()):
        if development.funded:
            development.advance()
    for deal in model.signed:
        uid = child(deal.achievement, deal.buyer.uid)
        if uid not in model.developments:
            model.developments[uid] = Development(
                uid=uid, buyer=deal.buyer, seller=deal.seller, field=deal.field, position=deal.position,
                quality=deal.quality, fit=deal.fit, price=deal.price, stage=0, funded=False, waits=0,
                born=model.month,
            )  # fmt: skip
            model.count("developments_started", deal.buyer.zone)
