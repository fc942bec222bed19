/** What the tests put in the place of time, chance, sockets and connections. */

/** Throws unless the two are the same as JSON. */
export function equal(actual, expected) {
    const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (one !== other) throw new Error(`expected ${other}, got ${one}`);
}

/** A clock that moves when it is told to. */
export class ManualClock {
    #now = 1_000_000;
    #timers = [];

    now() {
        return this.#now;
    }

    after(delayMs, action) {
        const timer = { due: this.#now + delayMs, action };
        this.#timers.push(timer);
        return () => { this.#timers = this.#timers.filter((other) => other !== timer); };
    }

    /** Lets time pass, timer by timer. */
    advance(durationMs) {
        const end = this.#now + durationMs;
        for (;;) {
            const due = this.#timers.filter((timer) => timer.due <= end);
            const [next] = due.sort((one, other) => one.due - other.due);
            if (next === undefined) break;
            this.#timers = this.#timers.filter((timer) => timer !== next);
            this.#now = next.due;
            next.action();
        }
        this.#now = end;
    }
}

/** A WebSocket that goes nowhere; `opened` has the latest. */
export class FakeSocket {
    static opened = null;
    readyState = 0;
    sent = [];
    isClosed = false;

    constructor(url, protocols) {
        Object.assign(this, { url, protocols });
        FakeSocket.opened = this;
    }

    send(text) {
        this.sent.push(text);
    }

    close() {
        this.isClosed = true;
    }

    open() {
        this.readyState = 1;
        this.onopen();
    }

    receive(data) {
        this.onmessage?.({ data });
    }
}

/** A connection that a test answers for: `sent` are the frames, each with its receipt's action. */
export class FakeConnection {
    sent = [];
    #receipts = 0;

    constructor({ token, handlers }) {
        this.token = token;
        this.handlers = handlers;
    }

    send(command, headers = {}, body = "", onReceipt = null) {
        const receipt = onReceipt === null ? null : `r${++this.#receipts}`;
        this.sent.push({ command, headers, body, receipt, onReceipt });
        return receipt;
    }

    forget() {}

    close() {
        this.end();
    }

    end(reason = {}) {
        this.handlers.closed({
            code: null, closeCode: null, receiptId: null, reconnectAfterMs: null,
            wasConnected: true, ...reason,
        });
    }

    /** The frames sent to one destination. */
    to(destination) {
        return this.sent.filter(({ headers }) => headers.destination === destination);
    }
}

/** Lets everything that waits for a promise go on. */
export function settle() {
    return new Promise((resolve) => { setTimeout(resolve); });
}
