"""What is counted of what members do: one kind a file. Challenges set it a target and a window, badges three levels."""
