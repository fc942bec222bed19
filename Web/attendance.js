import { fullJitterMs } from "./backoff.js";
import { covers, isNextAfter } from "./position.js";

// So many people are known by name; beyond it, they are only counted.
const NAMES_MAX = 100;

// Between two lists at least this long: where events jump for one of many, they jump for all.
const ASK_INTERVAL_MS = 2_000;
const ASK_SPREAD_MS = 1_000;
// More than this while one list is on its way, and another one is asked for instead.
const WAITING_MAX = 500;

/**
 * Who is in a room now: the server's list, and who came and went after it.
 *
 * A list says the position in the stream of events that it is true for, so only later events are
 * applied to it. Positions that jump mean that events were joined together or dropped on their way
 * to us, `missed` that they were lost on the way to the server, and another epoch that nothing old
 * holds: in all these cases the list is asked for again. The owner tells it of each SUBSCRIBE's
 * receipt with `listening` and of each event with `heard`.
 *
 * Event: `change`. `count` is null until the first list is here.
 */
export class Attendance extends EventTarget {
    count = null;
    #roomId;
    #api;
    #clock;
    #random;
    #names = new Map();
    // How many names the latest list had.
    #listed = 0;
    #heard = null;
    // The position that a list has to be true for, at least; null while the present one is.
    #owed = null;
    #waiting = [];
    #isAsking = false;
    #askedAt = null;
    #cancel = null;
    #isClosed = false;

    constructor({ roomId, api, clock, random = Math.random }) {
        super();
        this.#roomId = roomId;
        this.#api = api;
        this.#clock = clock;
        this.#random = random;
    }

    /** The people known by name, `{id, name}`; `count` has them all. */
    get people() {
        return Array.from(this.#names, ([id, name]) => ({ id, name }));
    }

    /** The events after `position` will be heard from here on. */
    listening(position) {
        this.#heard = position;
        this.#owe(position);
    }

    /** Something happened in the room. Every event counts for the positions, of whatever type. */
    heard({ type, userId, user }, position) {
        const isJump = this.#heard !== null && !isNextAfter(this.#heard, position);
        this.#heard = position;
        if (type === "join" || type === "leave") {
            const event = { type, id: String(userId), name: String(user ?? ""), position };
            if (this.#isAsking) this.#wait(event);
            else if (this.count !== null) this.#apply([event]);
        }
        if (isJump || type === "missed") this.#owe(position);
    }

    close() {
        this.#isClosed = true;
        this.#cancel?.();
    }

    #wait(event) {
        if (this.#waiting.length >= WAITING_MAX) {
            this.#waiting = [];
            this.#owed = event.position;
        }
        this.#waiting.push(event);
    }

    #owe(position) {
        this.#owed = position;
        if (!this.#isAsking && this.#cancel === null) this.#askLater(0);
    }

    #askLater(attempt) {
        const now = this.#clock.now();
        const sinceMs = this.#askedAt === null ? Infinity : now - this.#askedAt;
        const spreadMs = this.#askedAt === null ? 0 : Math.round(this.#random() * ASK_SPREAD_MS);
        const backOffMs = attempt === 0 ? 0 : fullJitterMs(attempt, this.#random);
        const delayMs = Math.max(0, ASK_INTERVAL_MS - sinceMs) + spreadMs + backOffMs;
        if (delayMs === 0) this.#ask(attempt);
        else this.#cancel = this.#clock.after(delayMs, () => this.#ask(attempt));
    }

    async #ask(attempt) {
        this.#cancel = null;
        this.#isAsking = true;
        this.#askedAt = this.#clock.now();
        let list = null;
        let isRefused = false;
        try {
            list = await this.#api.members(this.#roomId, NAMES_MAX);
        } catch (error) {
            isRefused = error.status === 403 || error.status === 404;
        }
        this.#isAsking = false;
        // Who is refused here is refused the room too, and told so there.
        if (this.#isClosed || isRefused) return;
        if (list === null) {
            this.#askLater(attempt + 1);
            return;
        }
        if (covers(list.position, this.#owed)) this.#owed = null;
        this.#adopt(list);
        if (this.#owed !== null) this.#askLater(0);
    }

    #adopt({ members, count, position }) {
        this.#names = new Map(members.map(({ userId, name }) => [String(userId), String(name)]));
        this.count = count;
        this.#listed = members.length;
        const later = this.#waiting.filter((event) => !covers(position, event.position));
        this.#waiting = [];
        this.#apply(later);
    }

    #apply(events) {
        for (const { type, id, name } of events) {
            const isKnown = this.#names.has(id);
            if (type === "leave") {
                this.#names.delete(id);
                // Where not everybody is known by name, somebody unknown can leave.
                const isListed = this.count === this.#names.size + (isKnown ? 1 : 0);
                if (isKnown || !isListed) this.count -= 1;
            } else if (!isKnown) {
                this.count += 1;
                if (this.#names.size < NAMES_MAX) this.#names.set(id, name);
            }
        }
        // Those whom the list had no place for have one when most of the others have left.
        const isThin = this.#names.size < this.#listed / 2 && this.#names.size < this.count;
        if (isThin && this.#owed === null) this.#owe(this.#heard);
        this.dispatchEvent(new Event("change"));
    }
}
