"""Pictures that the programme draws itself, to be kept and shown elsewhere."""
