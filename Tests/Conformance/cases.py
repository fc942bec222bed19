"""Runs Autobahn's cases against a server: cases.py ECHO_SERVER WSTEST REPORTS

Every case there is, none excluded. Leaves Autobahn's reports in the folder REPORTS, tells each case
that is neither OK nor informational, and exits with 1 where there is one or where one is missing.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

AGENT = "PetNexus"
ACCEPTED = {"OK", "INFORMATIONAL"}


def main(echo_server, wstest, reports):
    reports = pathlib.Path(reports)
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    started = time.monotonic()
    with subprocess.Popen([echo_server], stdout=subprocess.PIPE, text=True) as server:
        try:
            port = server.stdout.readline().strip()
            if not port.isdecimal():
                print("conformance: the server did not say its port")
                return 1
            case_count = run_client(wstest, f"ws://127.0.0.1:{port}", reports)
            if server.poll() is not None:
                print(f"conformance: the server ended by itself, status {server.returncode}")
        finally:
            server.terminate()
    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    print(f"{case_count} cases in {minutes} min {seconds} s; see {reports}/index.html")
    return summarise(case_count, reports)


def run_client(wstest, url, reports):
    """Runs the fuzzing client to its end and shows how far it is; the number of cases it has."""
    spec = reports / "fuzzingclient.json"
    servers = [{"agent": AGENT, "url": url}]
    spec.write_text(json.dumps({"outdir": str(reports), "servers": servers, "cases": ["*"]}))
    case_count = begun_count = 0
    section = None
    with (
        open(reports / "wstest.log", "w") as log,
        subprocess.Popen(
            [wstest, "--mode", "fuzzingclient", "--spec", str(spec)],
            env=os.environ | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        ) as client,
    ):
        for line in client.stdout:
            log.write(line)
            if announced := re.match(r"Ok, will run (\d+) test cases", line):
                case_count = int(announced[1])
            elif running := re.match(r"Running test case ID ([\d.]+)", line):
                begun_count += 1
                begun = running[1].rpartition(".")[0]
                if begun != section:
                    section = begun
                    print(f"  {begun_count} of {case_count}: {section}", flush=True)
    if client.returncode != 0:
        print(f"conformance: the client ended with status {client.returncode}; see {log.name}")
    return case_count


def summarise(case_count, reports):
    """Prints the outcomes; the exit status."""
    try:
        cases = json.loads((reports / "index.json").read_text())[AGENT]
    except (OSError, ValueError, KeyError):
        cases = {}
    for title, key in (("behaviour", "behavior"), ("closing", "behaviorClose")):
        counts = collections.Counter(case[key] for case in cases.values()).most_common()
        print(f"  {title}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts))
    failed = {
        name: case
        for name, case in cases.items()
        if not {case["behavior"], case["behaviorClose"]} <= ACCEPTED
    }
    for name, case in sorted(failed.items(), key=lambda item: numbers(item[0])):
        print(f"  {name}: {case['behavior']}, closing {case['behaviorClose']}")
        details = json.loads((reports / case["reportfile"]).read_text())
        print(f"      {details['result']}\n      {details['resultClose']}")
    missing_count = case_count - len(cases)
    if missing_count:
        print(f"  without a report: {missing_count}")
    failed_count = len(failed) + missing_count
    print(f"{len(cases) - len(failed)} passed, {failed_count} failed")
    return 0 if cases and failed_count == 0 else 1


def numbers(name):
    """A case's place in the order of sections: 9.2 before 9.10."""
    return [int(part) for part in name.split(".")]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
