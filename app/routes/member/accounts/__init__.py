"""Trading accounts, as members meet them: what is linked, what they ask for, and the statements they bring."""
