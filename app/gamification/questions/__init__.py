"""Questions of members and what staff answer, with the decision that they are about."""
