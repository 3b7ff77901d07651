"""What governments take, share and spend."""
