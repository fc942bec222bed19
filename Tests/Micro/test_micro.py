"""What `micro` counts: no operation may need more allocations than the repository allows it."""

import json
import os
import subprocess

import pytest

from harness.program import ROOT, binary

THRESHOLDS = ROOT / "Benchmarks" / "Micro" / "thresholds.json"
ALLOWED = json.loads(THRESHOLDS.read_text())


def micro(*arguments):
    """Runs the program to its end; it takes some seconds at most where it only counts."""
    return subprocess.run(
        [binary("MICRO"), *map(str, arguments)], capture_output=True, text=True, timeout=60,
        env=dict(os.environ),
    )


def check(thresholds, scratch, only):
    """Holds some benchmarks to thresholds of the test's own."""
    path = scratch / "thresholds.json"
    path.write_text(json.dumps(thresholds))
    return micro("--check", path, "--only", only)


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A run of everything: its result, and its figures by name."""
    path = tmp_path_factory.mktemp("micro") / "figures.json"
    result = micro("--check", THRESHOLDS, "--json", path)
    figures = json.loads(path.read_text()) if path.exists() else []
    return result, {figure["name"]: figure for figure in figures}


@pytest.mark.parametrize("name", ALLOWED)
def test_an_operation_allocates_no_more_than_it_may(name, checked):
    result, figures = checked
    assert name in figures, result.stdout + result.stderr
    # Timers that fire meanwhile, and queues between threads, allocate a little now and then.
    assert figures[name]["allocations"] <= ALLOWED[name] + 0.05


def test_the_repository_has_a_threshold_for_every_benchmark(checked):
    result, figures = checked
    assert set(figures) == set(ALLOWED)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_member_more_costs_no_allocation(checked):
    _, figures = checked
    ten = figures["publish.topic.10-members"]
    thousand = figures["publish.topic.1000-members"]
    assert thousand["allocations"] <= ten["allocations"]
    assert thousand["sends"] == 100 * ten["sends"]


def test_a_token_that_is_remembered_is_not_looked_at_again(checked):
    _, figures = checked
    first = figures["sign-in.token.first-time"]
    remembered = figures["sign-in.token.remembered"]
    assert remembered["allocations"] <= first["allocations"] / 4


def test_what_was_counted_once_is_counted_again(checked, tmp_path):
    _, figures = checked
    path = tmp_path / "figures.json"
    micro("--check", THRESHOLDS, "--only", "stomp", "--json", path)
    again = json.loads(path.read_text())
    assert again == [figure for figure in figures.values() if figure["name"].startswith("stomp")]


def test_one_allocation_too_many_fails(tmp_path):
    result = check({"stomp.parse.send-200": 0}, tmp_path, "stomp.parse")
    assert result.returncode == 1
    assert "stomp.parse.send-200 allocates" in result.stdout


def test_a_benchmark_without_a_threshold_fails(tmp_path):
    result = check({}, tmp_path, "utf8.validate.ascii-200")
    assert result.returncode == 1
    assert "utf8.validate.ascii-200 has no threshold" in result.stdout


def test_a_threshold_without_a_benchmark_fails(tmp_path):
    result = check({"utf8.validate.ascii-200": 0, "nothing": 1}, tmp_path, "utf8.validate.ascii-200")
    assert result.returncode == 1
    assert "nothing is no benchmark" in result.stdout


def test_a_threshold_that_could_be_lower_is_told_and_passes(tmp_path):
    result = check({"utf8.validate.ascii-200": 1}, tmp_path, "utf8.validate.ascii-200")
    assert result.returncode == 0
    assert "utf8.validate.ascii-200 allocates 0.0 times" in result.stdout


def test_what_is_allowed_anew_is_held_to(tmp_path):
    path = tmp_path / "thresholds.json"
    assert micro("--allow", path).returncode == 0
    assert micro("--check", path).returncode == 0


def test_a_name_that_begins_no_benchmark_is_refused():
    result = micro("--only", "nothing")
    assert result.returncode == 2
    assert result.stderr == "micro: --only: 'nothing' begins no benchmark's name\n"


def test_a_trace_names_the_functions_that_allocate():
    result = micro("--trace", "websocket.parse.masked-208")
    assert result.returncode == 0, result.stderr
    assert "1.00 an operation, 232 bytes each" in result.stdout
    assert "WebSocketParser.append(" in result.stdout
