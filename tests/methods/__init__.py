"""Tests of the methods text."""
