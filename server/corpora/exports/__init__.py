"""The exports that are known by themselves, so that nobody need say which column holds what."""
