"""How innovation moves from a source city into its region: an agent-based simulation with sourced numbers.

    >>> import sim
    >>> scenario = sim.load("baseline", {"scale": 0.1})
    >>> folder = sim.run(scenario, replicates=4)
    >>> sim.open_result(folder).window("branches_opened", "2016-01", "2016-07", "HB")

The names below are imported when they are first used, so that `import sim` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiments.running import run
    from sim.experiments.sweep import sweep
    from sim.model import DiffusionModel
    from sim.results import open_result
    from sim.scenario import load

__version__ = "0.1.0"
__all__ = ["DiffusionModel", "load", "open_result", "run", "sweep"]

_HOME = {
    "DiffusionModel": "sim.model",
    "load": "sim.scenario",
    "open_result": "sim.results",
    "run": "sim.experiments.running",
    "sweep": "sim.experiments.sweep",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
