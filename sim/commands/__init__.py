"""Verbs of the command line that fill more than a page, one module a subject; `sim.cli` gathers them."""
