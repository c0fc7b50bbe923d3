"""Keeping data safe."""
