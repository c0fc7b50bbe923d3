"""How a row is held until the transaction ends: against change, and not against others that refer to it.

A plain FOR UPDATE also stops whoever stores a row that refers to the held one; who stores while they hold
what we want next would wait for us, and we for them. SQLite has one writer and needs no such lock.
"""

BESIDE_REFERENCES = {"key_share": True}
