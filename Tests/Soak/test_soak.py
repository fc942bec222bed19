"""A short soak: what `make soak` does for long."""

import os
import random

from soaking import Plan, Soak


def test_nothing_is_lost_doubled_or_reordered_while_clients_and_server_come_and_go(tmp_path):
    seed = int(os.environ.get("SOAK_SEED", random.randrange(10**9)))
    print(f"SOAK_SEED={seed}")
    plan = Plan(clients=200, seconds=16, kill_every=6, rate=100, stay="4s", seed=seed)
    with Soak(plan, tmp_path) as soak:
        outcome = soak.run()
    print(soak.text + outcome.table)
    assert outcome.wrong == []
    tally = outcome.report["tally"]
    # It was one: the server was away, clients came back and sent again what had no receipt.
    assert len(outcome.lives) > 1
    assert tally["cutOff"] + tally["toldGoingAway"] > 0
    assert tally["resumes"] > 0 and tally["resent"] > 0
    assert tally["receipts"] == tally["published"] == outcome.compared
