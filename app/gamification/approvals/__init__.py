"""Four eyes: what one person proposes and another approves, exactly as it was proposed."""
