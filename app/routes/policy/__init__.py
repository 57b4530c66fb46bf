"""The access policy, part by part: each `LINES` says of every `METHOD endpoint` whom it is for."""
