"""The broker's look: colours that can be read, pictures that are safe, names and links; kept by the owner."""
