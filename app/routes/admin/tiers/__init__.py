"""Pages of the tier ladder: as it is in force, and its draft."""
