"""Challenges at the desk: the form, the preview of the member's card, who takes part."""
