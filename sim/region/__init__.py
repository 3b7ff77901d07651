"""A place as data: zones, cells, travel times and facts, read from a folder of `scenarios/data/`."""

from sim.region.data import DataFile
from sim.region.grid import Grid
from sim.region.load import load_region
from sim.region.records import Fact, Gap, LateSource, Level, Region, Term, Total
from sim.region.travel import Travel
from sim.region.zones import KINDS, Admin, Field, Outline, Site, Zones

__all__ = [
    "KINDS",
    "Admin",
    "DataFile",
    "Fact",
    "Field",
    "Gap",
    "Grid",
    "LateSource",
    "Level",
    "Outline",
    "Region",
    "Site",
    "Term",
    "Total",
    "Travel",
    "Zones",
    "load_region",
]
