"""How firms come, grow and go."""
