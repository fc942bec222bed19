"""Waiting for what another process will do."""

import time


def until(condition, what, seconds=10.0):
    """Asks `condition` again and again, and returns its first true answer.

    Fails with the words `what` when there is none in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.01)
