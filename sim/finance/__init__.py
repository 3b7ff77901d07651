"""Cash: what organisations earn and spend, whose requests are paid, and one file an instrument."""
