"""Levers: one file each, named like its key in a scenario.

A lever is a value of the scenario plus `describe(value)`, the timeline in words, and `RESTS_ON`, the parameters that
its effect rests on, so that a policy table can say how good the evidence is. It changes inputs of processes (dates,
capacities, paths), never their insides, and at zero strength it is as if it were not there.
"""

from __future__ import annotations

from types import ModuleType

from sim.policy import (
    alliance,
    border,
    decap_pressure,
    interest_subsidy,
    loan_quota,
    parks,
    platform,
    premium_subsidy,
    risk_pool,
    tax_sharing,
    transport,
    venture_powder,
)

LEVERS: dict[str, ModuleType] = {
    "parks": parks,
    "platform": platform,
    "border": border,
    "decap_pressure": decap_pressure,
    "tax_sharing": tax_sharing,
    "transport": transport,
    "venture_powder": venture_powder,
    "loan_quota": loan_quota,
    "interest_subsidy": interest_subsidy,
    "premium_subsidy": premium_subsidy,
    "risk_pool": risk_pool,
    "alliance": alliance,
}
