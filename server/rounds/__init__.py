"""Rounds of coding: who codes which posts, under which codebook."""
