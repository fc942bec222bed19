// The server says "typing" to the others every 3 s at most, and they forget it after 6 s: said a
// little later than that, each time counts.
const REPEAT_MS = 3_200;
const LIFE_MS = 6_000;
// A server's word for how long somebody types is believed up to here.
const LIFE_MAX_MS = 30_000;

/**
 * Who is writing in a room now, apart from the reader themselves. Each stops being so by themselves
 * when nothing more is heard in time. Event: `change`.
 */
export class Typists extends EventTarget {
    #ownId;
    #clock;
    #people = new Map();

    constructor(ownId, clock) {
        super();
        this.#ownId = ownId;
        this.#clock = clock;
    }

    /** Their names, who began first being the first. */
    get names() {
        return Array.from(this.#people.values(), ({ name }) => name);
    }

    /** A `typing` event of the room. */
    heard({ userId, user, typing, expiresInMs }) {
        const id = String(userId);
        if (id === this.#ownId) return;
        if (!typing) {
            this.ended(id);
            return;
        }
        const lifeMs = Math.min(Number(expiresInMs) || LIFE_MS, LIFE_MAX_MS);
        const before = this.#people.get(id);
        before?.cancel();
        const name = String(user ?? "");
        this.#people.set(id, { name, cancel: this.#clock.after(lifeMs, () => this.ended(id)) });
        if (before?.name !== name) this.#changed();
    }

    /** They said what they were writing, stopped, or left. */
    ended(id) {
        this.#people.get(id)?.cancel();
        if (this.#people.delete(id)) this.#changed();
    }

    /** Nothing more can be heard of them. */
    clear() {
        for (const id of [...this.#people.keys()]) this.ended(id);
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}

/**
 * Tells the room that the reader is writing: when they begin, again while they go on, and when they
 * stop. `send(typing)` carries it; what is lost on the way expires by itself.
 */
export class TypingSignal {
    #send;
    #clock;
    #isTyping = false;
    #saidAt = -Infinity;
    #cancel = () => {};

    constructor(send, clock) {
        this.#send = send;
        this.#clock = clock;
    }

    /** The text being written changed to `text`. */
    edited(text) {
        const sinceMs = this.#clock.now() - this.#saidAt;
        if (text.trim() === "") {
            this.ended();
        } else if (!this.#isTyping) {
            this.#isTyping = true;
            this.#say();
            // Begun again so soon, it may be told to nobody.
            if (sinceMs < REPEAT_MS) {
                this.#cancel = this.#clock.after(REPEAT_MS - sinceMs, () => this.#say());
            }
        } else if (sinceMs >= REPEAT_MS) {
            this.#say();
        }
    }

    /** Nothing is being written any more: it was sent, or deleted, or left behind. */
    ended() {
        this.#cancel();
        if (this.#isTyping && this.#clock.now() - this.#saidAt < LIFE_MS) this.#send(false);
        this.#isTyping = false;
    }

    #say() {
        this.#saidAt = this.#clock.now();
        this.#send(true);
    }
}
