"""Lessons: a text to read and a few questions; passing one earns, under every law."""
