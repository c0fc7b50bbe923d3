"""Intercoder: a server on which a research team codes posts together."""

import os

# Before numpy is imported: its threads wait for each other by spinning, so that beside other work on the
# same cores a multiplication of five milliseconds took half a second. Requests have threads of their own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
