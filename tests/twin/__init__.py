"""The model a second time, written to be read: Mesa agents, loops over objects, and the same keyed draws.

Begin with `model.py`: its `step` is the month. Then one file a system, in the order of the month:

    organisations.py  who earns, spends and pays           research.py   achievements are found and grow stale
    exchange.py       the market, deals, licences          centre.py     the promotion centre
    choice.py         how founders choose a place          branches.py   branches are founded, live and close
    parks.py          parks and their programmes           ventures.py   researchers found ventures
    firms.py          ages and sizes of firms              demography.py firms come and go
    finance.py        funds invest                         money.py      a plain ledger, and whose bills are paid
    draws.py          keyed random numbers                 arithmetic.py exp, log, power, rounding

Nothing of this is fast, and nothing is shared with the fast code but the scenario, the region's data, the calendar, and
the state of the first month, which `start.py` copies once. From there the twin goes its own way; `comparing.py` holds
the two against each other after every month and names the first difference.
"""
