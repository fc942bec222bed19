"""Adds up JUnit reports: tally.py STEPS_FAILED REPORT=STATUS…

Prints `N passed, N failed` and exits with 1 when anything failed. A runner that crashed, found no
tests or left no report counts as one failure, where its report shows none.
"""

import sys
import xml.etree.ElementTree


def count(report):
    """The passed and the failed tests of a report; none where it is missing or cut off."""
    try:
        cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError):
        return 0, 0
    failed = sum(
        case.find("failure") is not None or case.find("error") is not None for case in cases
    )
    skipped = sum(case.find("skipped") is not None for case in cases)
    return len(cases) - failed - skipped, failed


def main(steps_failed, *runs):
    passed, failed = 0, int(steps_failed)
    for run in runs:
        report, _, status = run.rpartition("=")
        run_passed, run_failed = count(report)
        if run_failed == 0 and (status != "0" or run_passed == 0):
            run_failed = 1
        passed += run_passed
        failed += run_failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
