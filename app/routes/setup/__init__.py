"""The first start: until there is a programme, the setup is all that an installation answers."""
