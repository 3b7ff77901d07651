"""Every number of the model, declared once with its unit, range, source and evidence grade.

One file a section of the scenario. Sources: a fact of the region's `facts.csv` as `fact:ID`, the origin as it was
read, or the literal "assumption". Grades: see `sim.core.params.GRADES`.
"""
