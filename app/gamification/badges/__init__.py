"""Badges: what members are recognised for, in up to three levels."""
