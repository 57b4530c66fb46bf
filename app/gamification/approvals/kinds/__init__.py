"""One file for each thing that needs a second person."""
