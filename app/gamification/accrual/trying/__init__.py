"""Trying a rule on what members really did, without writing anything."""
