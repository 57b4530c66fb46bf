"""The staff area: pages of the desk, each open by the right that routes/access.py names."""
