"""Lets schemathesis ask a server whatever its OpenAPI document allows, with and without a name.

    rest.py SCHEMATHESIS DIRECTORY

The last line says how it went; the exit status is 0 only where nothing was found.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from harness.people import MANY_LOGINS, NO_RATE, join
from harness.program import Server

CHECKS = (
    "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance")
# Streams do not end; the others end the session that asks.
LEFT_OUT = r"connect$|stream$|logout"
ENDS_THE_SESSION = ("delete-api-profile", "put-api-profile")


def asked(schemathesis, url, token):
    """Asks everything; whether nothing was found."""
    command = [
        schemathesis, "run", f"{url}/v3/api-docs", "--checks", CHECKS, "--max-examples", "25",
        "--seed", "1", "--exclude-path-regex", LEFT_OUT]
    for operation in ENDS_THE_SESSION:
        command += ["--exclude-operation-id", operation]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    return subprocess.run(command, timeout=900).returncode == 0


def main(schemathesis, directory):
    data = Path(directory)
    shutil.rmtree(data, ignore_errors=True)
    data.parent.mkdir(parents=True, exist_ok=True)
    schemathesis = str(Path(schemathesis).resolve())
    lifetime = ("--access-token-lifetime", "1h")
    with Server(data, "--demo", *lifetime, *MANY_LOGINS, *NO_RATE) as server:
        is_good = [asked(schemathesis, server.url, token) for token in (None, join(server).token)]
    failed = is_good.count(False)
    print(f"REST conformance: {len(is_good) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
