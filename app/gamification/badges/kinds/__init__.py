"""The gauges, one file each."""
