"""The replication archive: what others need to compute the published numbers again."""
