"""What becomes of a transferred achievement: technologies, their adopters, knowledge, and the environment."""
