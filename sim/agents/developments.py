"""Developments: achievements that their buyers turn into technologies, in three stages."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

STAGES = 3

COLUMNS = {
    "buyer": Column(np.int32, "1", "row of the manufacturer that develops it", refers="manufacturers"),
    "seller": Column(np.int32, "1", "row of the origin that sold it, or -1", refers="origins"),
    "field": Column(np.int8, "1", "field of the achievement"),
    "position": Column(np.int8, "1", "technology position of the achievement"),
    "quality": Column(np.float64, "1", "quality of the achievement"),
    "fit": Column(np.float64, "1", "cognitive fit with the buyer at signing"),
    "price": Column(np.int64, "yuan", "price of the achievement"),
    "stage": Column(np.int8, "1", "stages behind it, 0 to 2"),
    "funded": Column(np.bool_, "1", "the cost of the present stage is paid"),
    "waits": Column(np.int16, "month", "months for which it has waited for money"),
    "born": Column(np.int16, "month", "month of the deal"),
}


def population(capacity: int = 16) -> Population:
    """No developments yet."""
    return Population("developments", COLUMNS, capacity)
