"""Pictures, one file per figure; only here is Matplotlib imported."""
