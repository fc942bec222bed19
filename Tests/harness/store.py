"""The embedded store of a node, from outside: held so that nothing can be written."""

import sqlite3
from contextlib import contextmanager


@contextmanager
def held(data):
    """Holds the store's write lock; yields a function that gives it back before the end."""
    database = sqlite3.connect(data / "petnexus.db", isolation_level=None, timeout=30)
    try:
        database.execute("BEGIN IMMEDIATE")

        def release():
            if database.in_transaction:
                database.execute("ROLLBACK")

        yield release
        release()
    finally:
        database.close()
