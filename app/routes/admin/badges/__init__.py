"""Badges at the desk: the form, the preview of the member's badge, who holds it."""
