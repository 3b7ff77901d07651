"""What the origins find, and how it ages."""
