"""What is drafted and published for members to play: one list, one form's life, one chart's frame for every noun."""
