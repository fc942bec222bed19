import { Attendance } from "/attendance.js";
import { equal, ManualClock, settle } from "./doubles.js";

/** A room's `Attendance` whose lists a test answers by hand, in the order they were asked for. */
function attending() {
    const world = { clock: new ManualClock(), asked: [], changes: 0 };
    const members = () => new Promise((resolve, reject) => { world.asked.push({ resolve, reject }); });
    world.attendance = new Attendance({ roomId: "1", api: { members }, clock: world.clock, random: () => 1 });
    world.attendance.addEventListener("change", () => { world.changes += 1; });
    world.answer = async (names, position, count = names.length) => {
        const people = names.map((name) => ({ userId: idOf(name), name }));
        world.asked.at(-1).resolve({ members: people, count, position });
        await settle();
    };
    world.names = () => world.attendance.people.map(({ name }) => name);
    return world;
}

function idOf(name) {
    return name.codePointAt(0);
}

function event(type, name) {
    return { type, userId: idOf(name), user: name };
}

export const attendanceTests = {
    "the list is asked for once we hear what happens after it": async () => {
        const world = attending();
        equal([world.asked.length, world.attendance.count], [0, null]);
        world.attendance.listening("a:5");
        await world.answer(["Mina", "Jun"], "a:5");
        equal([world.names(), world.attendance.count], [["Mina", "Jun"], 2]);
    },
    "people come and go after the list": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina"], "a:5");
        world.attendance.heard(event("join", "Jun"), "a:6");
        equal([world.names(), world.attendance.count], [["Mina", "Jun"], 2]);
        world.attendance.heard(event("leave", "Mina"), "a:7");
        equal([world.names(), world.attendance.count], [["Jun"], 1]);
    },
    "what the list knows already is not applied to it again, and what is later is": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        world.attendance.heard(event("join", "Jun"), "a:6");
        world.attendance.heard(event("leave", "Jun"), "a:7");
        world.attendance.heard(event("join", "Ada"), "a:8");
        await world.answer(["Mina"], "a:7");
        equal([world.names(), world.attendance.count], [["Mina", "Ada"], 2]);
    },
    "joining twice and leaving unseen change nothing": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina"], "a:5");
        world.attendance.heard(event("join", "Mina"), "a:6");
        world.attendance.heard(event("leave", "Jun"), "a:7");
        equal([world.names(), world.attendance.count], [["Mina"], 1]);
    },
    "events of other types count for the positions": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina"], "a:5");
        world.attendance.heard(event("typing", "Jun"), "a:6");
        world.attendance.heard(event("read", "Jun"), "a:7");
        world.clock.advance(60_000);
        equal(world.asked.length, 1);
    },
    "a jump in the positions asks for the list again, and not more often than every 2 s": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina"], "a:5");
        world.attendance.heard(event("typing", "Jun"), "a:9");
        world.attendance.heard(event("typing", "Jun"), "a:12");
        world.clock.advance(2_999);
        equal(world.asked.length, 1);
        world.clock.advance(1);
        equal(world.asked.length, 2);
        await world.answer(["Mina", "Ada"], "a:12");
        equal(world.names(), ["Mina", "Ada"]);
        world.clock.advance(60_000);
        equal(world.asked.length, 2);
    },
    "a list that is older than a jump is not enough": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        world.attendance.heard(event("typing", "Jun"), "a:9");
        await world.answer(["Mina"], "a:7");
        world.clock.advance(3_000);
        await world.answer(["Jun"], "a:9");
        equal([world.names(), world.asked.length], [["Jun"], 2]);
    },
    "events that were lost on the way to the server ask for the list again": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina"], "a:5");
        world.attendance.heard({ type: "missed" }, "a:6");
        world.clock.advance(3_000);
        equal(world.asked.length, 2);
    },
    "another epoch asks for the list again": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina"], "a:5");
        world.attendance.heard(event("join", "Jun"), "b:1");
        world.clock.advance(3_000);
        await world.answer(["Jun"], "b:1");
        equal(world.names(), ["Jun"]);
    },
    "each connection asks for the list again": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina"], "a:5");
        world.clock.advance(10_000);
        world.attendance.listening("a:90");
        world.clock.advance(1_000);
        await world.answer(["Jun"], "a:90");
        equal(world.names(), ["Jun"]);
    },
    "a list that fails is asked for later; one that is refused is not": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        world.asked[0].reject({ status: 0 });
        await settle();
        world.clock.advance(60_000);
        equal(world.asked.length, 2);
        world.asked[1].reject({ status: 403 });
        await settle();
        world.clock.advance(60_000);
        equal([world.asked.length, world.attendance.count], [2, null]);
    },
    "in a crowd most people are only counted": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina", "Jun"], "a:5", 4);
        world.attendance.heard(event("leave", "Somebody unnamed"), "a:6");
        world.attendance.heard(event("join", "Ada"), "a:7");
        equal([world.names(), world.attendance.count], [["Mina", "Jun", "Ada"], 4]);
    },
    "when most of those known by name have left, the list is asked for again": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        await world.answer(["Mina", "Jun", "Ada"], "a:5", 100);
        world.attendance.heard(event("leave", "Mina"), "a:6");
        world.clock.advance(60_000);
        equal(world.asked.length, 1);
        world.attendance.heard(event("leave", "Jun"), "a:7");
        world.clock.advance(60_000);
        equal(world.asked.length, 2);
    },
    "after its end nothing is asked or told": async () => {
        const world = attending();
        world.attendance.listening("a:5");
        world.attendance.close();
        await world.answer(["Mina"], "a:5");
        equal([world.changes, world.attendance.count], [0, null]);
    },
};
