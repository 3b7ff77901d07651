"""Running debts: loans, insured loans, leases and loans against patents, one row each, whoever owes them."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

COLUMNS = {
    "instrument": Column(np.int8, "1", "index in the list of instruments"),
    "lender": Column(np.int32, "1", "row of the bank or lessor", refers="financiers"),
    "insurer": Column(np.int32, "1", "row of the insurer, or -1", refers="financiers"),
    "debtor": Column(np.int32, "1", "account that owes", refers="accounts"),
    "zone": Column(np.int16, "1", "zone of the debtor"),
    "principal": Column(np.int64, "yuan", "sum lent", low=0),
    "outstanding": Column(np.int64, "yuan", "still owed", low=0),
    "instalment": Column(np.int64, "yuan", "due each month, interest included", low=0),
    "rate": Column(np.float64, "/month", "interest of a month", low=0),
    "remaining": Column(np.int16, "month", "months still to run"),
    "missed": Column(np.int16, "month", "bills in a row that were not paid in full"),
    "cover": Column(np.float64, "share", "share of the lender's loss that is insured", low=0),
    "collateral": Column(np.int64, "yuan", "what pledged patents were appraised at", low=0),
    "born": Column(np.int16, "month", "month of lending"),
}


def population(capacity: int = 16) -> Population:
    """No debts yet."""
    return Population("credits", COLUMNS, capacity)
