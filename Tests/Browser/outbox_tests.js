import { Outbox, OUTBOX_MAX } from "/outbox.js";
import { equal } from "./doubles.js";

const HOUR_MS = 3_600_000;

export const outboxTests = {
    "one message is under way at a time, in the order written": () => {
        const outbox = new Outbox();
        outbox.add("1", "first", 0);
        outbox.add("1", "second", 0);
        equal(outbox.next(0).text, "first");
        equal(outbox.next(0), null);
        outbox.stored("a:1");
        equal(outbox.next(0).text, "second");
    },
    "an interrupted message is sent again with the same key": () => {
        const outbox = new Outbox();
        const { key } = outbox.add("1", "first", 0);
        outbox.next(0);
        outbox.interrupted();
        equal(outbox.next(0).key, key);
    },
    "a message that ends every connection is given up": () => {
        const outbox = new Outbox();
        const item = outbox.add("1", "poison", 0);
        outbox.add("1", "after", 0);
        for (let attempt = 0; attempt < 8; attempt += 1) {
            equal(outbox.next(0).text, "poison");
            outbox.interrupted();
        }
        equal(item.state, "failed");
        equal(outbox.next(0).text, "after");
    },
    "a temporary refusal pauses everything and keeps the order": () => {
        const outbox = new Outbox();
        outbox.add("1", "first", 0);
        outbox.add("1", "second", 0);
        outbox.next(0);
        outbox.refused("too-fast", 500, 100);
        equal(outbox.next(599), null);
        equal(outbox.pauseMs(599), 1);
        equal(outbox.next(600).text, "first");
    },
    "it says why everything waits, until it does not": () => {
        const outbox = new Outbox();
        const holds = [];
        outbox.addEventListener("change", ({ detail: { kind } }) => holds.push([kind, outbox.hold]));
        outbox.add("1", "first", 0);
        outbox.next(0);
        outbox.refused("too-fast", 500, 0);
        outbox.next(500);
        outbox.stored("a:1");
        equal(holds, [["added", null], ["held", "too-fast"], ["stored", null]]);
    },
    "a refused message fails, and a person may retry or discard it": () => {
        const outbox = new Outbox();
        const item = outbox.add("1", "first", 0);
        outbox.next(0);
        outbox.refused("forbidden", null, 0);
        equal([item.state, item.reason], ["failed", "forbidden"]);
        equal(outbox.next(0), null);
        outbox.retry(item.key);
        equal(outbox.next(0).key, item.key);
        outbox.refused("forbidden", null, 0);
        outbox.discard(item.key);
        equal(outbox.forRoom("1"), []);
    },
    "it is bounded": () => {
        const outbox = new Outbox();
        for (let count = 0; count < OUTBOX_MAX; count += 1) outbox.add("1", "text", 0);
        equal(outbox.add("1", "one more", 0), null);
    },
    "it comes back as it was saved": () => {
        let saved = null;
        const before = new Outbox({ save: (items) => { saved = JSON.stringify(items); } });
        const { key } = before.add("1", "first", 0);
        before.next(0);
        const after = new Outbox({ saved: JSON.parse(saved) });
        equal(after.next(0).key, key);
    },
    "what was sent too long ago waits for a person, because its key is forgotten": () => {
        const outbox = new Outbox();
        const old = outbox.add("1", "old", 0);
        outbox.next(0);
        outbox.interrupted();
        equal(outbox.next(24 * HOUR_MS), null);
        equal([old.state, old.reason], ["failed", "expired"]);
        outbox.retry(old.key);
        equal(outbox.next(24 * HOUR_MS).text, "old");
    },
};
