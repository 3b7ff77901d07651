"""The model a second time, written to be read: plain objects and loops, with the same keyed draws.

Nothing here is fast and nothing here is shared with the fast code but the keyed uniforms, the names of purposes, and
the scenario. A process has its twin once its rules are said here again; the test runs both from the same state.
"""
