"""The posts of a project: how they are read, imported and taken down."""
