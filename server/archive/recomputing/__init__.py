"""The published numbers of a study, computed again from the files of its archive.

These modules go into the archive as they stand here. They need Python 3.11 and numpy, and nothing else of
the program that made the archive.
"""
