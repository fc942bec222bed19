import { ReadMarks, ReadReport } from "/reading.js";
import { Timeline } from "/timeline.js";
import { Typists, TypingSignal } from "/typing.js";
import { places } from "/views/readers.js";
import { typingWords } from "/views/writing-line.js";
import { equal, ManualClock, settle } from "./doubles.js";

function typing(name, isTyping = true) {
    return { userId: name.codePointAt(0), user: name, typing: isTyping, expiresInMs: 6_000 };
}

function typists(ownId = "0") {
    const clock = new ManualClock();
    return { clock, typists: new Typists(ownId, clock) };
}

function signal() {
    const clock = new ManualClock();
    const said = [];
    return { clock, said, signal: new TypingSignal((isTyping) => said.push(isTyping), clock) };
}

/** A `ReadReport` whose receipts a test gives by hand. */
function report() {
    const clock = new ManualClock();
    const told = [];
    const tell = (position) => new Promise((resolve, reject) => { told.push({ position, resolve, reject }); });
    return { clock, told, report: new ReadReport(tell, clock), positions: () => told.map((each) => each.position) };
}

/** What `places` asks of a feed, over messages given as `[id, senderId]`. */
function feed(messages, ownId) {
    const timeline = new Timeline();
    timeline.add(messages.map(([id, senderId]) => ({ id, senderId })));
    return { newestUpTo: (id) => timeline.newestUpTo(id), newestOwn: timeline.newestOf(ownId) };
}

function shown(standing) {
    return Array.from(standing, ([id, readers]) => [id, readers.map((reader) => reader.id)]);
}

export const lifeTests = {
    "who types is shown until they are not heard of in time": () => {
        const { clock, typists: those } = typists();
        those.heard(typing("Mina"));
        clock.advance(5_999);
        those.heard(typing("Mina"));
        clock.advance(5_999);
        equal(those.names, ["Mina"]);
        clock.advance(1);
        equal(those.names, []);
    },
    "who stops, or says it, types no more": () => {
        const { typists: those } = typists();
        those.heard(typing("Mina"));
        those.heard(typing("Jun"));
        those.heard(typing("Mina", false));
        those.ended(String("J".codePointAt(0)));
        equal(those.names, []);
    },
    "one's own typing, on another device, is not shown": () => {
        const { typists: those } = typists(String("M".codePointAt(0)));
        those.heard(typing("Mina"));
        equal(those.names, []);
    },
    "a change of those who type is told once": () => {
        const { typists: those } = typists();
        let changes = 0;
        those.addEventListener("change", () => { changes += 1; });
        those.heard(typing("Mina"));
        those.heard(typing("Mina"));
        those.heard(typing("Jun", false));
        equal(changes, 1);
    },
    "many who type are named by the first of them": () => {
        equal([[], ["Mina"], ["Mina", "Jun"], ["Mina", "Jun", "Ada"]].map(typingWords), [
            "", "Mina is typing…", "Mina and Jun are typing…", "Mina and 2 others are typing…",
        ]);
    },

    "writing is told when it begins, and again every 3.2 s while it goes on": () => {
        const { clock, said, signal: one } = signal();
        for (let passed = 0; passed < 7_500; passed += 500) {
            one.edited("hel");
            clock.advance(500);
        }
        equal(said, [true, true, true]);
    },
    "an empty composer is no writing, and is told where it was": () => {
        const { said, signal: one } = signal();
        one.edited(" ");
        one.edited("h");
        one.edited("");
        one.edited("");
        equal(said, [true, false]);
    },
    "what is begun again soon after its end is told again, once the others may hear of it": () => {
        const { clock, said, signal: one } = signal();
        one.edited("h");
        clock.advance(1_000);
        one.edited("");
        one.edited("h");
        clock.advance(2_199);
        equal(said, [true, false, true]);
        clock.advance(1);
        equal(said, [true, false, true, true]);
    },
    "what is begun again and ended is not told again": () => {
        const { clock, said, signal: one } = signal();
        for (const text of ["h", "", "h", ""]) one.edited(text);
        clock.advance(60_000);
        equal(said, [true, false, true, false]);
    },
    "what has expired by itself needs no end": () => {
        const { clock, said, signal: one } = signal();
        one.edited("h");
        clock.advance(6_000);
        one.ended();
        equal(said, [true]);
    },

    "one report is under way at a time, and what was read meanwhile goes in the next": async () => {
        const { clock, told, report: one, positions } = report();
        for (const position of ["a:1", "a:2", "a:3"]) one.read(position);
        equal(positions(), ["a:1"]);
        told[0].resolve();
        await settle();
        equal(positions(), ["a:1"]);
        clock.advance(1_000);
        equal(positions(), ["a:1", "a:3"]);
    },
    "what was told is not told again": async () => {
        const { clock, told, report: one } = report();
        one.read("a:2");
        told[0].resolve();
        await settle();
        one.read("a:2");
        one.read("a:1");
        clock.advance(60_000);
        equal(told.length, 1);
    },
    "a report that was lost is sent again, a refused one is not": async () => {
        const { clock, told, report: one, positions } = report();
        one.read("a:1");
        told[0].reject({ code: null, retryAfterMs: null });
        await settle();
        clock.advance(5_000);
        told[1].reject({ code: "too-fast", retryAfterMs: 700 });
        await settle();
        clock.advance(700);
        told[2].reject({ code: "forbidden", retryAfterMs: null });
        await settle();
        one.read("a:2");
        clock.advance(60_000);
        equal(positions(), ["a:1", "a:1", "a:1"]);
    },
    "leaving the room sends the last report at once": async () => {
        const { told, report: one, positions } = report();
        one.read("a:1");
        told[0].resolve();
        await settle();
        one.read("a:2");
        one.close();
        equal(positions(), ["a:1", "a:2"]);
    },

    "marks move forward only, within one epoch, and never for oneself": () => {
        const marks = new ReadMarks("7");
        marks.begin("a:9");
        marks.heard({ userId: 1, user: "Mina", position: "a:5" });
        marks.heard({ userId: 1, user: "Mina", position: "a:4" });
        marks.heard({ userId: 2, user: "Jun", position: "b:8" });
        marks.heard({ userId: 7, user: "Me", position: "a:9" });
        equal(marks.readers, [{ id: "1", name: "Mina", upTo: 5 }]);
        marks.said({ id: 6, senderId: "1", sender: "Mina" });
        equal(marks.readers[0].upTo, 6);
        marks.begin("b:1");
        equal(marks.readers, []);
    },
    "among few, each reader stands at the last message they read, but at none of their own": () => {
        const room = feed([[1, "me"], [2, "mina"], [4, "me"]], "me");
        const readers = [
            { id: "mina", upTo: 2 }, { id: "jun", upTo: 3 }, { id: "ada", upTo: 99 }, { id: "bo", upTo: 0 },
        ];
        equal(shown(places(readers, room)), [[2, ["jun"]], [4, ["ada"]]]);
    },
    "among many, those who have read one's newest message are one number": () => {
        const room = feed([[1, "me"], [2, "me"], [3, "mina"]], "me");
        const readers = Array.from({ length: 12 }, (_, index) => ({ id: `r${index}`, upTo: index < 5 ? 1 : 3 }));
        equal(shown(places(readers, room)).map(([id, those]) => [id, those.length]), [[2, 7]]);
        equal(places(readers, feed([[3, "mina"]], "me")).size, 0);
    },
};
