"""How pages that are open learn of what changes."""
