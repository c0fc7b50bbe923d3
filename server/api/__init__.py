"""The JSON interface for programs: what the pages show, by token, under `/api/v1`."""
