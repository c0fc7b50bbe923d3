"""Access tokens: how programs sign in, for whom, where and for what."""
