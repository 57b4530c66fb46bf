"""The journal: what members write about their trades and days. Theirs alone: nobody of the staff reads it."""
