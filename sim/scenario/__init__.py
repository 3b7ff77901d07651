"""Scenario files: read with limits, resolved to a complete document, checked, compared and described."""

from sim.scenario.library import library
from sim.scenario.resolved import Scenario
from sim.scenario.resolving import load, load_document, region_folder
from sim.scenario.sizes import refuse_if_impossible

__all__ = ["Scenario", "library", "load", "load_document", "refuse_if_impossible", "region_folder"]
