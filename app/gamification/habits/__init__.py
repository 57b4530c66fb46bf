"""What members set themselves: planned rest, a limit of risk, a trading plan."""
