"""Who acts: one file a kind, with its columns and how it comes into being."""
