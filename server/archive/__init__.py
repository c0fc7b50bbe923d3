"""The replication archive: everything that others need to compute every published number again."""
