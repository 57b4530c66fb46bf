"""Streaks: weeks of practice in a row. Planned rest counts, freezes protect, trades never count."""
