import { TEMPORARY_CODES } from "./outbox.js";
import { covers, isSameEpoch, offsetOf } from "./position.js";

// Between two reports at least this long: who scrolls through a busy room reports its end, mostly.
const REPORT_INTERVAL_MS = 1_000;
const RETRY_MS = 5_000;

/**
 * How far each of the others has read in a room: the id of the last message, which is its offset.
 *
 * Marks move forward only; those of another epoch say nothing about the messages here. Who says
 * something has read what was said before. Event: `change`.
 */
export class ReadMarks extends EventTarget {
    #ownId;
    #marks = new Map();
    #position = null;

    constructor(ownId) {
        super();
        this.#ownId = ownId;
    }

    /** Everyone with a mark, `{id, name, upTo}`. */
    get readers() {
        return Array.from(this.#marks, ([id, { name, upTo }]) => ({ id, name, upTo }));
    }

    /** The messages shown are those of this position's epoch. */
    begin(position) {
        if (this.#position !== null && !isSameEpoch(this.#position, position)) {
            this.#marks.clear();
            this.#changed();
        }
        this.#position = position;
    }

    /** A `read` event of the room. */
    heard({ userId, user, position }) {
        if (isSameEpoch(this.#position, position)) {
            this.#move(String(userId), String(user ?? ""), offsetOf(position));
        }
    }

    /** Somebody's message is in the room. */
    said({ id, senderId, sender }) {
        this.#move(senderId, sender, id);
    }

    #move(id, name, upTo) {
        if (id === this.#ownId || (this.#marks.get(id)?.upTo ?? 0) >= upTo) return;
        this.#marks.set(id, { name, upTo });
        this.#changed();
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}

/**
 * Tells the server how far the reader has read, one report at a time and not too often: the newest
 * position is what counts, so those in between are left out. `tell(position)` promises the receipt,
 * and rejects with a refusal's `{code}`, null where there was no connection.
 */
export class ReadReport {
    #tell;
    #clock;
    #wanted = null;
    #told = null;
    #isUnderWay = false;
    #cancel = null;
    #isClosed = false;
    #isRefused = false;

    constructor(tell, clock) {
        this.#tell = tell;
        this.#clock = clock;
    }

    /** Everything up to `position` was on the screen. */
    read(position) {
        if (this.#isRefused || covers(this.#wanted ?? this.#told, position)) return;
        this.#wanted = position;
        this.#next();
    }

    /** A last report goes out even where the next one was not due yet. */
    close() {
        this.#cancel?.();
        this.#cancel = null;
        this.#isClosed = true;
        this.#next();
    }

    async #next() {
        if (this.#isUnderWay || this.#cancel !== null || this.#wanted === null) return;
        const position = this.#wanted;
        let pauseMs = REPORT_INTERVAL_MS;
        this.#isUnderWay = true;
        try {
            await this.#tell(position);
            this.#told = position;
        } catch ({ code = null, retryAfterMs = null }) {
            // A lack of time or of a connection passes; no other refusal does.
            const passes = code === null || TEMPORARY_CODES.has(code);
            this.#isRefused = !passes || this.#isClosed;
            pauseMs = retryAfterMs ?? RETRY_MS;
        }
        this.#isUnderWay = false;
        if (this.#isRefused || covers(this.#told, this.#wanted)) this.#wanted = null;
        if (this.#isRefused) return;
        if (this.#isClosed) {
            this.#next();
            return;
        }
        this.#cancel = this.#clock.after(pauseMs, () => {
            this.#cancel = null;
            this.#next();
        });
    }
}
