import { newKey } from "./keys.js";

/** How many messages may wait at once; `add` returns null beyond it. */
export const OUTBOX_MAX = 100;

// A message that ended this many connections without an answer is taken to be the reason.
const ATTEMPTS_MAX = 8;
// The server forgets idempotency keys after 24 hours: after that, only a person may send again.
const KEY_LIFE_MS = 23 * 3_600_000;
const PAUSE_MS = 2_000;

/** These refusals say "not now"; every other one says "not this". */
export const TEMPORARY_CODES = new Set(["too-fast", "store-unavailable"]);

/**
 * The messages a person wrote which the server has not confirmed, in the order they were written.
 *
 * It decides and sends nothing: the owner of the connection asks `next` and reports what became of
 * it. One message is under way at a time, which is what keeps the order when one is refused. An item
 * is `{key, roomId, text, createdAt, state: "pending" | "failed", reason}`; `key` is its idempotency
 * key, so sending it any number of times stores it once.
 *
 * Events: `change` with `detail: {kind, item, position?}`, kind one of `added`, `held` (see `hold`),
 * `failed`, `retried`, `discarded`, `stored` (the item is no longer here then).
 */
export class Outbox extends EventTarget {
    /** The code for which the server asked everything to wait; null once it takes messages again. */
    hold = null;
    #items = [];
    #underWay = null;
    #pausedUntil = 0;
    #save;

    /** `saved` is what `save` was given last, in an earlier life of the page. */
    constructor({ saved = [], save = () => {} } = {}) {
        super();
        this.#items = saved.map((item) => ({ ...item }));
        this.#save = save;
    }

    /** Takes a message in. Returns its item, or null when the outbox is full. */
    add(roomId, text, now) {
        if (this.#items.length >= OUTBOX_MAX) return null;
        const item = {
            key: newKey(), roomId, text, createdAt: now,
            state: "pending", reason: null, attempts: 0, firstSentAt: null,
        };
        this.#items.push(item);
        this.#changed("added", item);
        return item;
    }

    /** What waits for this room, in order. */
    forRoom(roomId) {
        return this.#items.filter((item) => item.roomId === roomId);
    }

    /** The message to send now, which then counts as under way; null when there is none. */
    next(now) {
        if (this.#underWay !== null || now < this.#pausedUntil) return null;
        for (const item of this.#items) {
            if (item.state !== "pending") continue;
            if (item.firstSentAt !== null && now - item.firstSentAt > KEY_LIFE_MS) {
                this.#fail(item, "expired");
                continue;
            }
            this.#underWay = item;
            item.attempts += 1;
            item.firstSentAt ??= now;
            this.#save(this.#items);
            return item;
        }
        return null;
    }

    /** How long `next` refuses everything, because the server asked for a pause. */
    pauseMs(now) {
        return Math.max(0, this.#pausedUntil - now);
    }

    /** The message under way is stored, at `position`. */
    stored(position) {
        const item = this.#settle();
        if (item === null) return;
        this.hold = null;
        this.#items = this.#items.filter((other) => other !== item);
        this.#changed("stored", item, { position });
    }

    /** The server refused the message under way with one of its codes. */
    refused(code, retryAfterMs, now) {
        const item = this.#settle();
        if (item === null) return;
        if (TEMPORARY_CODES.has(code)) {
            this.#pausedUntil = now + (retryAfterMs ?? PAUSE_MS);
            item.attempts = 0;
            this.hold = code;
            this.#changed("held", item);
        } else {
            this.hold = null;
            this.#fail(item, code);
        }
    }

    /** The connection ended; what was under way may or may not be stored, and is sent again. */
    interrupted() {
        const item = this.#settle();
        if (item !== null && item.attempts >= ATTEMPTS_MAX) this.#fail(item, "unanswered");
    }

    /** A person wants a failed message sent again. */
    retry(key) {
        const item = this.#items.find((each) => each.key === key && each.state === "failed");
        if (item === undefined) return;
        if (item.reason === "expired") item.firstSentAt = null;
        Object.assign(item, { state: "pending", reason: null, attempts: 0 });
        this.#changed("retried", item);
    }

    /** A person gives a failed message up. */
    discard(key) {
        const item = this.#items.find((each) => each.key === key && each.state === "failed");
        if (item === undefined) return;
        this.#items = this.#items.filter((other) => other !== item);
        this.#changed("discarded", item);
    }

    #settle() {
        const item = this.#underWay;
        this.#underWay = null;
        return item;
    }

    #fail(item, reason) {
        Object.assign(item, { state: "failed", reason });
        this.#changed("failed", item);
    }

    #changed(kind, item, more = {}) {
        this.#save(this.#items);
        this.dispatchEvent(new CustomEvent("change", { detail: { kind, item, ...more } }));
    }
}
