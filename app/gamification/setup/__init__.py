"""A new programme: the one-time link, what the last step founds, and what is left to do until it is live."""
