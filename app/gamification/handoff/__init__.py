"""Signing in by the broker: a link that its own site signs, whom it brings, and the keys it is checked with."""
