"""What all agents have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.money import Account


class Actor(mesa.Agent):
    """A Mesa agent with a lineage (`uid`), by which its draws are keyed, and attributes given by name."""

    model: TwinModel
    uid: int

    def __init__(self, model: TwinModel, **attributes: Any) -> None:
        super().__init__(model)
        vars(self).update(attributes)


class Organisation(Actor):
    """An actor with money."""

    account: Account
    is_there = True
    "Until it is wound up."

    @property
    def cash(self) -> int:
        return self.model.ledger.balance[self.account]

    def pay(self, tag: str, payee: Account, yuan: int) -> None:
        self.model.ledger.pay(tag, self.account, payee, yuan)

    def wind_up(self, heir: Account) -> None:
        """Leave what is left to the heir, close the account, and be gone."""
        self.pay("liquidation", heir, self.cash)
        self.model.ledger.close(self.account)
        self.is_there = False
        self.remove()

    def receive(self, tag: str, payer: Account, yuan: int) -> None:
        self.model.ledger.pay(tag, payer, self.account, yuan)
