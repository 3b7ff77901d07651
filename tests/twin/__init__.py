"""The model a second time, written to be read: Mesa agents, loops over objects, and the same keyed draws.

Begin with `model.py`: its `step` is the month. Then one file a system, each with the agents and things that live by it:

    organisations.py  enterprises, institutes, makers     firms.py         what firms have in common
    demography.py     firms come and go                   research.py      achievements are found and grow stale
    exchange.py       the market, deals, licences         centre.py        the promotion centre
    choice.py         how founders choose a place         branches.py      branches are founded, live and close
    parks.py          parks and their programmes          ventures.py      researchers found ventures
    needs.py          what own cash does not cover        chain.py         how finance is found for it
    instruments.py    what each instrument does           financiers.py    funds, banks, insurers, lessors, members
    debts.py          what a debt is                      servicing.py     how it is served, or ends badly
    developments.py   deals become technologies           technologies.py  and find adopters
    knowledge.py      R&D is felt nearby, and taught      environment.py   what activity makes of a zone
    government.py     taxes and what becomes of them      links.py         joint R&D, capital, talent
    money.py          a plain ledger, bills and cash      draws.py         keyed random numbers
    zones.py          where everybody is                  arithmetic.py    exp, log, power, rounding

Nothing of this is fast, and nothing is shared with the fast code but the scenario, the region's data, the calendar, and
the state of the first month, which `start.py` copies once. From there the twin goes its own way; `comparing.py` holds
the two against each other after every month and names the first difference.
"""
