"""Who buys what from whom: the market, direct offers, service contracts, the promotion centre."""
