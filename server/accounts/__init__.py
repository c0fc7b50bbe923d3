"""People who can sign in: accounts, passwords, sessions, one-time links."""
