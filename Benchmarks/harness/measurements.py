"""What is measured: each function is one round of one comparison, all its servers taking turns."""

import dataclasses

from harness import machine
from harness.programs import drive, floor, micro, petnexus, relay

ACCOUNTS = 4
IDLE_FEW = 10_000
IDLE_MANY = 50_000
# Descriptors that a server with N connections needs besides.
DESCRIPTORS_BESIDE = 500


@dataclasses.dataclass(frozen=True)
class Shape:
    """Rooms of equal size, and messages a second in all."""

    rooms: int
    members: int
    rate: int

    def __str__(self):
        return f"{self.rooms:,} × {self.members:,}"

    @property
    def scenario(self):
        return "fanout" if self.rooms == 1 else "chat"

    @property
    def connections(self):
        return self.rooms * self.members

    def flags(self, rate=None):
        rooms = [] if self.rooms == 1 else ["--rooms", self.rooms]
        return ["--connections", self.connections, *rooms, "--rate", rate or self.rate]


class Bench:
    """How long to measure, and what later rounds know from earlier ones."""

    def __init__(self, is_quick):
        self.seconds = 2 if is_quick else 6
        self.is_quick = is_quick
        self.round = 0
        self.frame_bytes = {}
        self.descriptors = machine.raise_descriptor_limit()

    def alternating(self, variants):
        """Measures each of the named variants, in the other order every other round."""
        names = list(variants)
        if self.round % 2:
            names.reverse()
        return {name: variants[name]() for name in names}

    def timing(self, seconds=None):
        return ["--duration", f"{seconds or self.seconds}s", "--warmup", "1s"]

    def bytes_of(self, key, measure):
        """A whole frame of PetNexus's in this shape: the floor sends the same. Measured once."""
        if key not in self.frame_bytes:
            self.frame_bytes[key] = round(measure()["bytesPerDelivery"])
        return self.frame_bytes[key]

    # Parts of what follows.

    def topic(self, shape, *flags, seconds=None):
        with petnexus() as program:
            return drive(
                program, shape.scenario, *shape.flags(), *self.timing(seconds), "--accounts",
                ACCOUNTS, *flags)

    def durable(self, shape, *flags, seconds=None):
        return self.topic(shape, "--chat", *flags, seconds=seconds)

    def relayed(self, shape, frame_bytes, *flags, joins=False, rate=None):
        """The floor that relays. Its clients send what the other server would have sent them."""
        head_bytes = 2 if frame_bytes <= 127 else 4
        with relay(*(["--joined"] if joins else [])) as program:
            return drive(
                program, shape.scenario, *shape.flags(rate), *self.timing(), "--protocol",
                "websocket", "--size", frame_bytes - head_bytes, *flags)


def fanout(shape):
    """One durable room with many members, beside the floor."""
    def measure(bench):
        size = bench.bytes_of(("durable", shape), lambda: bench.durable(shape, seconds=1))
        return bench.alternating({
            "petnexus": lambda: bench.durable(shape),
            "floor": lambda: floor(
                shape.rooms, shape.members, shape.rate, size, bench.seconds),
        })
    return measure


CHAT = Shape(200, 10, 2_000)


def chat(bench):
    """Many small rooms with receipts: kept nowhere, durable, and beside both floors."""
    size = bench.bytes_of(("topic", CHAT), lambda: bench.topic(CHAT, seconds=1))
    return bench.alternating({
        "topic": lambda: bench.topic(CHAT, "--receipts"),
        "floor": lambda: floor(CHAT.rooms, CHAT.members, CHAT.rate, size, bench.seconds),
        "durable": lambda: bench.durable(CHAT, "--receipts"),
        "relay": lambda: bench.relayed(CHAT, size),
    })


SMALL_ROOMS = Shape(100, 2, 0)


def publishing(bench):
    """As many durable messages as the store takes, in rooms so small that delivering is little."""
    with petnexus() as server:
        return {"petnexus": drive(
            server, "chat", *SMALL_ROOMS.flags("max"), "--window", 256, *bench.timing(), "--chat",
            "--accounts", ACCOUNTS, "--receipts")}


SATURATED = Shape(1, 1_000, 0)
# Of the members, 20 check what they receive; the others count it, so that the clients keep up.
SATURATED_FLAGS = ["--window", 64, "--sample", 20]


def saturated_topic(bench):
    with petnexus() as program:
        return drive(
            program, "fanout", *SATURATED.flags("max"), *SATURATED_FLAGS, *bench.timing(),
            "--accounts", ACCOUNTS)


def saturated(bench):
    """A closed loop with 64 messages in flight, beside the floor that joins."""
    size = bench.bytes_of(("saturated", SATURATED), lambda: saturated_topic(bench))
    return bench.alternating({
        "petnexus": lambda: saturated_topic(bench),
        "relay": lambda: bench.relayed(
            SATURATED, size, *SATURATED_FLAGS, joins=True, rate="max"),
    })


# In small rooms a send carries about one message, however many loops there are.
LOOPS_SHAPES = {"rooms": (CHAT, ["--window", 64]), "room": (SATURATED, SATURATED_FLAGS)}


def loops(bench):
    """The same closed loops against one event loop and against two, on all cores."""
    def measure(count, shape, flags):
        with petnexus(loops=count, cores=machine.ALL_CORES) as program:
            return drive(
                program, shape.scenario, *shape.flags("max"), *flags, *bench.timing(),
                "--accounts", ACCOUNTS, cores=machine.ALL_CORES, yields=True)

    return bench.alternating({
        f"{name} {count}": lambda count=count, shape=shape, flags=flags: measure(
            count, shape, flags)
        for name, (shape, flags) in LOOPS_SHAPES.items() for count in (1, 2)
    })


def idle(bench):
    """What clients that subscribed and say nothing cost: some, and as many as descriptors allow."""
    def subscribed(count):
        with petnexus() as server:
            return drive(
                server, "idle", "--connections", count, "--accounts", ACCOUNTS, "--duration",
                "2s")

    most = (bench.descriptors - DESCRIPTORS_BESIDE) // 500 * 500
    few, many = (1_000, 2_000) if bench.is_quick else (IDLE_FEW, IDLE_MANY)
    return {"few": subscribed(min(few, most)), "many": subscribed(min(many, most))}


def storm(bench):
    """Everybody's connection breaks at once; all come back and resume, on two cores."""
    connections = 1_000 if bench.is_quick else 10_000
    with petnexus(loops=2, cores=machine.ALL_CORES) as server:
        return {"petnexus": drive(
            server, "storm", "--connections", connections, "--missed", 20, "--chat",
            "--accounts", ACCOUNTS, cores=machine.ALL_CORES)}


# The same 20,000 deliveries a second throughout.
GROWING_MEMBERS = [
    Shape(1, 10, 2_000), Shape(1, 100, 200), Shape(1, 1_000, 20), Shape(1, 10_000, 2)]
GROWING_ROOMS = [
    Shape(1, 10, 2_000), Shape(100, 10, 2_000), Shape(1_000, 10, 2_000),
    Shape(10_000, 1, 20_000)]


def growth(bench):
    """The same deliveries a second in shapes that grow, each beside the floor that relays."""
    results = {}
    for shape in dict.fromkeys(GROWING_MEMBERS + GROWING_ROOMS):
        if bench.is_quick and shape.connections > 1_000:
            continue
        size = bench.bytes_of(("topic", shape), lambda shape=shape: bench.topic(shape, seconds=1))
        pair = bench.alternating({
            "petnexus": lambda shape=shape: bench.topic(shape),
            "relay": lambda shape=shape, size=size: bench.relayed(shape, size),
        })
        results |= {f"{shape} {variant}": result for variant, result in pair.items()}
    return results


ROUTE = "publish.route"
PUBLISH = "publish.topic.10-members"
PUBLISH_TO_MANY = "publish.topic.1000-members"


def inside(_bench):
    """What the parts of a publish cost inside the process, by micro-benchmarks."""
    return {"micro": micro([ROUTE, PUBLISH, PUBLISH_TO_MANY])}
