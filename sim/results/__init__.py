"""Reading results: it imports no model code, so that a result outlives the version that made it."""

from sim.results.reading import Result, open_result

__all__ = ["Result", "open_result"]
