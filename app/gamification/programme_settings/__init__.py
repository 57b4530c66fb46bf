"""The settings of the programme: saved under lock by its owner, and the bounds that two people loosen."""
