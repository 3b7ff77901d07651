"""Links in both directions (A11): joint R&D, capital into the source, talent; something returns to the source."""
