"""Programme templates: complete sets of rules and a ladder to start from, one file each in `kinds/`."""
