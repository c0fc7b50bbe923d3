"""Tests of the replication archive."""
