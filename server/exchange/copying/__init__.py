"""A new project that begins as a copy of another."""
