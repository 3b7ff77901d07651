"""What a manufacturer waits for rather than drop: it is paid for in full or not at all, and given up in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from twin.money import Request

if TYPE_CHECKING:
    from twin.developments import Development
    from twin.organisations import Manufacturer
    from twin.technologies import Adoption


@dataclass
class PatientBill(Request):
    """The whole cost of a step, or nothing; who has waited too long gives up."""

    firm: Manufacturer
    wanted: Development | Adoption
    purpose: ClassVar[str]
    "What is wanted: payments and counts are called after it."

    def settle(self) -> None:
        firm, wanted, model = self.firm, self.wanted, self.firm.model
        if self.in_full:
            firm.pay(self.purpose, model.ledger.outside, self.yuan)
            model.count(f"{self.purpose}_yuan", firm.zone, self.yuan)
            wanted.is_paid()
            return
        wanted.waits += 1
        if wanted.waits > model.scenario.diffusion.patience:
            model.count(f"{self.purpose}s_unfunded", firm.zone)
            wanted.end()
