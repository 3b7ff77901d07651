"""Where the runs of experiments are kept, so that none is lost, doubled, or read wrongly. It knows no model.

    <folder>/store.json              format, and what made it
             lock                    held by the one command that adds runs
             plans/<digest>/         plan.json (complete: any run can be computed from it), runs.parquet, points.parquet
             regions/<digest>/<key>/ the data of the region that the plans run on
             parts/<id>.parquet      series of about a hundred runs
             receipts/<id>.json      the commit point: what a part holds, with digests; and runs that failed
             audits.json             runs that were done again, and whether they gave the same
             damaged/                what was set aside because it was not what had been written

A run counts when its receipt stands. A part without a receipt was never acknowledged; a receipt whose part is missing
or differs by one bit is refused, and its runs are computed again. What can be read can be read while more is written.
"""

from sim.store.folder import Store
from sim.store.receipts import Receipt

__all__ = ["Receipt", "Store"]
