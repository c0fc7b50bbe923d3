"""Nothing lost, nobody where they don't belong: the figures of `tests.trust.figures`, each shown by tests.

Short in the usual run of tests; in full with INTERCODER_TRUST=full (`make trust`).
"""
