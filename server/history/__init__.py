"""Who did what when: append-only, one hash chain a project."""
