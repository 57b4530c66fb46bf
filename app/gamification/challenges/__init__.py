"""Challenges: what members join, how far they come, and what it brings them."""
