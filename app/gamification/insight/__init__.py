"""Figures for staff: tallied with every transaction, folded by day, read by the overview."""
