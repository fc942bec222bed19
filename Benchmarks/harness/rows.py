"""The table of targets: each row says what it needs measured, and judges what came of it."""

import dataclasses
import statistics
import typing

from harness import measurements
from harness.measurements import CHAT, Shape


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A row's figure in words, and whether it meets the target; None where that can't be said."""

    measured: str
    passes: bool | None
    details: str = ""


@dataclasses.dataclass(frozen=True)
class Row:
    """A target. `judge` gets the rounds of the row's measurement, each a dict by variant."""

    key: str
    title: str
    target: str
    measurement: str
    judge: typing.Callable[[list], Verdict]


MEASUREMENTS = {
    "fanout-20": measurements.fanout(Shape(1, 1_000, 20)),
    "fanout-100": measurements.fanout(Shape(1, 1_000, 100)),
    "chat": measurements.chat,
    "publishing": measurements.publishing,
    "saturated": measurements.saturated,
    "idle": measurements.idle,
    "storm": measurements.storm,
    "growth": measurements.growth,
    "loops": measurements.loops,
    "inside": measurements.inside,
}


def median(values):
    return statistics.median(values)


def figure(rounds, variant, *keys):
    """The median of one figure of one variant."""
    values = []
    for results in rounds:
        value = results[variant]
        for key in keys:
            value = value[key]
        values.append(value)
    return median(values)


def paired(rounds, calculate):
    """The median of what is calculated from each round on its own: what slows a whole round down
    is not in it."""
    return median([calculate(results) for results in rounds])


def cpu_us(result):
    return result["serverCPUPerDeliveryUs"]


# Judges.


def cpu_ratio(variant, base, most):
    def judge(rounds):
        ratio = paired(rounds, lambda results: cpu_us(results[variant]) / cpu_us(results[base]))
        each = [figure(rounds, name, "serverCPUPerDeliveryUs") for name in (variant, base)]
        details = f"{each[0]:.2f} against {each[1]:.2f} µs per delivery"
        if base == "floor" and "relay" in rounds[0]:
            relay = figure(rounds, "relay", "serverCPUPerDeliveryUs")
            details += f"; a floor that reads what it sends: {relay:.2f}"
        return Verdict(f"{ratio:.2f} ×", ratio <= most, details)
    return judge


def durable_extra(rounds):
    extra = paired(rounds, lambda results: CHAT.members * (
        cpu_us(results["durable"]) - cpu_us(results["topic"])))
    each = CHAT.members * figure(rounds, "durable", "serverCPUPerDeliveryUs")
    return Verdict(f"+ {extra:.0f} µs", extra <= 120, f"{each:.0f} µs for a whole publish")


def share(result, name):
    """What part of the server's CPU its busiest thread of that name used, in percent."""
    threads = result["threads"]
    used = [seconds for thread, seconds in threads if thread.startswith(name)]
    return 100 * max(used, default=0) / sum(seconds for _, seconds in threads)


def publishes_per_second(rounds):
    rate = figure(rounds, "petnexus", "publishesPerSecond")
    last = rounds[-1]["petnexus"]
    shares = ", ".join(
        f"{name} {share(last, name):.0f} %" for name in dict.fromkeys(
            thread for thread, _ in last["threads"][:3]))
    return Verdict(f"{rate:,.0f}/s", rate >= 15_000, f"CPU by thread: {shares}")


def saturated(rounds):
    ratio = paired(rounds, lambda results: cpu_us(results["relay"]) / cpu_us(results["petnexus"]))
    per_cpu_second = [
        1 / figure(rounds, name, "serverCPUPerDeliveryUs") for name in ("petnexus", "relay")]
    per_second = [
        figure(rounds, name, "deliveriesPerSecond") / 1e6 for name in ("petnexus", "relay")]
    return Verdict(
        f"{ratio:.2f} ×", ratio >= 1,
        f"{per_cpu_second[0]:.2f} against {per_cpu_second[1]:.2f} M deliveries per CPU second; "
        f"on the clock {per_second[0]:.2f} against {per_second[1]:.2f} M/s")


def topic_latency(rounds):
    def p99_ratio(base):
        return paired(rounds, lambda results: (
            results["topic"]["latency"]["p99"] / results[base]["latency"]["p99"]))

    ratio = p99_ratio("floor")
    p99 = [figure(rounds, name, "latency", "p99") for name in ("topic", "floor", "relay")]
    return Verdict(
        f"{ratio:.2f} ×", ratio <= 1.5,
        f"{p99[0]:.2f} against {p99[1]:.2f} ms; a floor that reads what it sends: {p99[2]:.2f} ms "
        f"({p99_ratio('relay'):.2f} ×)")


def durable_latency(rounds):
    p50 = figure(rounds, "durable", "latency", "p50")
    p99 = figure(rounds, "durable", "latency", "p99")
    return Verdict(f"{p50:.2f} / {p99:.2f} ms", p50 <= 1.5 and p99 <= 10)


def idle_few(rounds):
    each = figure(rounds, "few", "residentBytesPerConnection")
    count = rounds[0]["few"]["connections"]
    return Verdict(f"{each:,.0f} bytes", each <= 1_024, f"at {count:,} connections")


def idle_many(rounds):
    few, many = (
        figure(rounds, name, "residentBytesPerConnection") for name in ("few", "many"))
    count = rounds[0]["many"]["connections"]
    limited = ", as many as descriptors allow here" if count < measurements.IDLE_MANY else ""
    return Verdict(
        f"{many:,.0f} bytes", many <= 1_024 and many / few <= 1.1,
        f"at {count:,} connections{limited}; {many / few:.2f} × those of fewer")


def storm(rounds):
    seconds = figure(rounds, "petnexus", "resumedSeconds")
    refused = max(results["petnexus"]["refused"] for results in rounds)
    p99 = figure(rounds, "petnexus", "receiptLatency", "p99")
    return Verdict(
        f"{seconds:.2f} s", seconds <= 3 and refused == 0,
        f"{refused} publishes refused meanwhile, receipts after {p99:.0f} ms at p99")


def growth(shapes):
    """Every shape's cost against the floor's may be 10 % off the middle of the smallest and the
    largest at most."""
    def judge(rounds):
        ratios = {
            shape: paired(rounds, lambda results, shape=shape: (
                cpu_us(results[f"{shape} petnexus"]) / cpu_us(results[f"{shape} relay"])))
            for shape in shapes if f"{shape} relay" in rounds[0]}
        middle = (max(ratios.values()) + min(ratios.values())) / 2
        spread = 100 * (max(ratios.values()) / middle - 1)
        costs = "; ".join(
            f"{shape}: {figure(rounds, f'{shape} petnexus', 'serverCPUPerDeliveryUs'):.2f} µs, "
            f"{ratio:.2f} ×" for shape, ratio in ratios.items())
        return Verdict(f"± {spread:.0f} %", spread <= 10, costs)
    return judge


def critical_us(result):
    """CPU per delivery on the busiest event loop: what a core of its own would need for it."""
    return cpu_us(result) * share(result, "loop-") / 100


def two_loops(rounds):
    def faster(name):
        return paired(rounds, lambda results: (
            critical_us(results[f"{name} 1"]) / critical_us(results[f"{name} 2"])))

    ratio = faster("rooms")
    each = [
        1_000 / median([critical_us(results[f"rooms {count}"]) for results in rounds])
        for count in (1, 2)]
    return Verdict(
        f"{ratio:.2f} ×", ratio >= 1.7,
        f"{each[1]:.0f} against {each[0]:.0f} k deliveries per second of the busiest loop's CPU, "
        f"200 rooms; in one room of 1,000, where joining differs, too: {faster('room'):.2f} ×")


def nanoseconds(name, most):
    def judge(rounds):
        each = figure(rounds, "micro", name, "nanoseconds")
        return Verdict(f"{each:.0f} ns", each <= most, f"micro --only {name}")
    return judge


def allocations_per_delivery(rounds):
    """What 990 more members of a room add to a publish, for each of them."""
    few, many = (
        figure(rounds, "micro", name, "allocations")
        for name in (measurements.PUBLISH, measurements.PUBLISH_TO_MANY))
    each = (many - few) / 990
    return Verdict(
        f"{each:.2f}", each < 0.005, f"{few:.2f} for a publish to 10 members, {many:.2f} to 1,000")


def allocations_per_publish(rounds):
    each = figure(rounds, "micro", measurements.PUBLISH, "allocations")
    return Verdict(f"{each:.2f}", each <= 10, f"micro --only {measurements.PUBLISH}")


ROWS = [
    Row("fanout-20", "CPU per delivery, fanout 1 × 1,000 at 20 msg/s, durable", "≤ 1.10 × floor",
        "fanout-20", cpu_ratio("petnexus", "floor", 1.10)),
    Row("fanout-100", "CPU per delivery, fanout 1 × 1,000 at 100 msg/s, durable",
        "≤ 1.10 × floor", "fanout-100", cpu_ratio("petnexus", "floor", 1.10)),
    Row("chat", "CPU per delivery, chat 200 × 10 at 2,000 msg/s, /topic, receipts",
        "≤ 1.15 × floor", "chat", cpu_ratio("topic", "floor", 1.15)),
    Row("chat-durable", "the same, durable: CPU per publish above /topic", "≤ 120 µs", "chat",
        durable_extra),
    Row("publishing", "durable publishes with receipts, saturated, small rooms", "≥ 15,000/s",
        "publishing", publishes_per_second),
    Row("saturated",
        "saturated deliveries per CPU second, fanout 1 × 1,000, /topic, 64 in flight",
        "≥ 1.0 × joining floor", "saturated", saturated),
    Row("latency", "p99 latency, chat at 2,000 msg/s, /topic", "≤ 1.5 × floor", "chat",
        topic_latency),
    Row("latency-durable", "p50 / p99 latency, chat at 2,000 msg/s, durable", "≤ 1.5 / 10 ms",
        "chat", durable_latency),
    Row("idle-10k", "memory per idle, subscribed, authenticated connection, 10,000", "≤ 1 KiB",
        "idle", idle_few),
    Row("idle-50k", "the same, 50,000: linear", "≤ 1 KiB", "idle", idle_many),
    Row("storm", "storm: 10,000 clients reconnect, resume 20 messages each", "≤ 3 s", "storm",
        storm),
    Row("members",
        "growth, 10 to 10,000 members: CPU per delivery, ratio to the floor's at the same shape",
        "spread ± 10 %", "growth", growth(measurements.GROWING_MEMBERS)),
    Row("rooms",
        "growth, 1 to 10,000 rooms: CPU per delivery, ratio to the floor's at the same shape",
        "spread ± 10 %", "growth", growth(measurements.GROWING_ROOMS)),
    Row("loops", "two loops against one, saturated deliveries, small rooms", "≥ 1.7 ×", "loops",
        two_loops),
    Row("route", "a masked frame with a 200-byte STOMP SEND, to routed publication", "≤ 300 ns",
        "inside", nanoseconds(measurements.ROUTE, 300)),
    Row("allocations-delivery", "allocations per delivery", "0", "inside",
        allocations_per_delivery),
    Row("allocations-publish", "allocations per publish", "≤ 10", "inside",
        allocations_per_publish),
]
