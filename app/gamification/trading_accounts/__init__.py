"""Whose trading accounts are: linked by whoever may say so, asked for by members, answered by the broker."""
