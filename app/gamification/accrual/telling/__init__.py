"""A rule in words: as one sentence, and what one revision changes against another."""
