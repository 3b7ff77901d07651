"""How innovation moves from a source city into its region: an agent-based simulation with sourced numbers."""

__version__ = "0.1.0"
