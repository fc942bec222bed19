import { fullJitterMs } from "./backoff.js";
import { Subscription } from "./subscription.js";
import { milliseconds } from "./stomp.js";

const ERRORS_DESTINATION = "/user/queue/errors";
const ERRORS_ID = "errors";

// A connection that lasted this long was a good one: the next failure starts the back-off afresh.
const STABLE_MS = 10_000;
const RECEIPT_DEADLINE_MS = 20_000;
// Many clients come back online in the same moment when a network does.
const ONLINE_SPREAD_MS = 1_000;

const STALE_TOKEN_CODES = new Set(["token-expired", "revoked", "bad-credentials"]);
// ERROR codes that speak of the frame itself: sending it again would end the next connection too.
const FRAME_CODES = new Set(["bad-frame", "too-large", "forbidden", "no-such-destination"]);
const STALE_TOKEN_CLOSES = new Set([4001, 4002]);

/**
 * The connection that a signed-in person has, for as long as they are: it reconnects by itself,
 * resumes every subscription from its position, and empties the outbox.
 *
 * States: `signed-out`, `connecting`, `connected`, `waiting` (for the next attempt) and `offline`
 * (the browser knows no network; attempts go on, because browsers err). The `state` event's detail
 * is `{name, until, isRestart}`, `until` being the time of the next attempt and `isRestart` whether
 * the server said that it goes away, and was not met again since. Everything outside comes in
 * through the constructor, so tests run it without a network or a clock:
 * `open({token, handlers})` returns a `StompConnection`; `credentials({fresh})` promises a token,
 * and rejects with `{status: 401}` when the person has to sign in again.
 */
export class Realtime extends EventTarget {
    state = { name: "signed-out", until: null, isRestart: false };
    /** Which of a site's servers we are connected to, or were last; null where it has no name. */
    node = null;
    #open;
    #credentials;
    #clock;
    #random;
    #isOnline;
    #outbox = null;
    #connection = null;
    #subscriptions = new Map();
    #nextSubscription = 1;
    #attempt = 0;
    #staleToken = false;
    // Counts lives of the connection; an answer that belongs to an earlier one is dropped.
    #life = 0;
    #waitIsOurs = false;
    #isRestart = false;
    #sending = null;
    // What `ask` waits for: receipt → what rejects it.
    #asked = new Map();
    #timers = new Map();

    constructor({ open, credentials, clock, random = Math.random, isOnline = () => true }) {
        super();
        this.#open = open;
        this.#credentials = credentials;
        this.#clock = clock;
        this.#random = random;
        this.#isOnline = isOnline;
    }

    /** Connects, and stays connected until `stop`. Messages come from `outbox`. */
    start(outbox) {
        this.#outbox = outbox;
        outbox.addEventListener("change", ({ detail: { kind } }) => {
            if (kind === "added" || kind === "retried") this.#flush();
        });
        this.#attempt = 0;
        this.#connect();
    }

    /** Disconnects and stays so. */
    stop() {
        this.#abandon();
        this.#outbox = null;
        this.#enter("signed-out");
    }

    /** Attempts now instead of at the end of the wait. */
    retryNow() {
        if (this.state.name === "waiting" || this.state.name === "offline") this.#connect();
    }

    /** The page came to the front: somebody looks at it, so it should not wait. */
    pageShown() {
        if (this.#waitIsOurs) this.retryNow();
    }

    /** The browser found a network. */
    networkFound() {
        if (!this.#waitIsOurs) return;
        if (this.state.name === "waiting" || this.state.name === "offline") {
            this.#attempt = 0;
            this.#wait("waiting", Math.round(this.#random() * ONLINE_SPREAD_MS));
        }
    }

    /** The browser lost its network: a connection over it would only die slowly. */
    networkLost() {
        if (this.state.name === "signed-out") return;
        this.#abandon();
        this.#retryLater({});
    }

    /** Shows the server a fresh token before the session's own one expires. */
    presentToken(token) {
        if (this.state.name !== "connected") return;
        this.#connection.send("SEND", {
            destination: "/pub/session/token", Authorization: `Bearer ${token}`,
        });
    }

    /**
     * Subscribes now and on every connection to come. With a `position` it resumes after it, and
     * each time after the last message received. `handlers`: `message(body, headers)`,
     * `resumed(kind, headers)` with `complete`, `gap` or `reset` and the receipt's headers, and
     * `refused(code)`, which ends it: it was not granted, or is taken away.
     */
    subscribe(destination, { position = null, ...handlers }) {
        const id = `s${this.#nextSubscription++}`;
        const subscription = new Subscription(id, destination, position, handlers, () => {
            this.#subscriptions.delete(id);
            if (this.state.name === "connected") this.#connection.send("UNSUBSCRIBE", { id });
        });
        this.#subscriptions.set(id, subscription);
        if (this.state.name === "connected") this.#request(subscription);
        return subscription;
    }

    /** Sends something that is worth nothing later: dropped unless connected now. */
    sendIfConnected(destination, body) {
        if (this.state.name !== "connected") return;
        this.#connection.send("SEND", { destination, "content-type": "application/json" }, body);
    }

    /**
     * Sends something and promises the headers of its receipt. Rejects with `{code, retryAfterMs}`
     * when it is refused; both are null when there is no connection, or it ended before the answer.
     */
    ask(destination, body) {
        if (this.state.name !== "connected") return Promise.reject(refusal(null));
        return new Promise((resolve, reject) => {
            const headers = { destination, "content-type": "application/json" };
            const receipt = this.#connection.send("SEND", headers, body, (answer) => {
                this.#asked.delete(receipt);
                resolve(answer);
            });
            this.#asked.set(receipt, reject);
        });
    }

    async #connect() {
        this.#abandon();
        const life = this.#life;
        this.#enter("connecting");
        let token;
        try {
            token = await this.#credentials({ fresh: this.#staleToken });
        } catch (error) {
            if (life !== this.#life) return;
            if (error.status === 401) this.stop();
            else this.#retryLater({});
            return;
        }
        if (life !== this.#life) return;
        this.#staleToken = false;
        this.#connection = this.#open({ token, handlers: {
            connected: (headers) => this.#connected(headers),
            message: (frame) => this.#receive(frame),
            closed: (reason) => {
                if (life === this.#life) this.#closed(reason);
            },
        } });
    }

    #connected(headers) {
        this.node = headers.node ?? null;
        this.#arm("stable", STABLE_MS, () => { this.#attempt = 0; });
        this.#connection.send("SUBSCRIBE", { id: ERRORS_ID, destination: ERRORS_DESTINATION });
        // Those that the state's listeners add ask for themselves.
        const subscriptions = [...this.#subscriptions.values()];
        this.#enter("connected");
        for (const subscription of subscriptions) this.#request(subscription);
        this.#flush();
    }

    #request(subscription) {
        if (this.state.name !== "connected" || subscription.isClosed) return;
        const confirm = (headers) => subscription.confirmed(headers);
        subscription.requested(this.#connection.send("SUBSCRIBE", subscription.headers, "", confirm));
    }

    #receive(frame) {
        const id = frame.headers.subscription;
        if (id === ERRORS_ID) this.#refuse(frame.headers);
        else this.#subscriptions.get(id)?.received(frame);
    }

    /** A frame of ours was refused, or a subscription taken away; the connection goes on. */
    #refuse({ code, "receipt-id": receipt, "subscription-id": ended, "retry-after-ms": retryAfter }) {
        const retryAfterMs = milliseconds(retryAfter);
        if (this.#subscriptions.has(ended)) {
            const subscription = this.#subscriptions.get(ended);
            this.#subscriptions.delete(ended);
            subscription.refused(code);
            return;
        }
        this.#connection.forget(receipt);
        if (this.#sending !== null && receipt === this.#sending) {
            this.#settle();
            this.#outbox.refused(code, retryAfterMs, this.#clock.now());
            this.#flush();
            return;
        }
        if (this.#asked.has(receipt)) {
            this.#reject(receipt, code, retryAfterMs);
            return;
        }
        for (const subscription of this.#subscriptions.values()) {
            if (subscription.receipt !== receipt) continue;
            if (code === "too-fast" || code === "store-unavailable") {
                const delayMs = retryAfterMs ?? fullJitterMs(2, this.#random);
                this.#arm(subscription.id, delayMs, () => this.#request(subscription));
            } else {
                this.#subscriptions.delete(subscription.id);
                subscription.refused(code);
            }
            return;
        }
    }

    /** Sends what the outbox has next; each answer calls it again. */
    #flush() {
        if (this.state.name !== "connected") return;
        const now = this.#clock.now();
        const item = this.#outbox.next(now);
        if (item === null) {
            const pauseMs = this.#outbox.pauseMs(now);
            if (pauseMs > 0) this.#arm("pause", pauseMs, () => this.#flush());
            return;
        }
        this.#sending = this.#connection.send("SEND", {
            destination: `/pub/chat/message/${item.roomId}`,
            "content-type": "application/json",
            "idempotency-key": item.key,
        }, JSON.stringify({ message: item.text }), (headers) => {
            this.#settle();
            this.#outbox.stored(headers.position ?? null);
            this.#flush();
        });
        // Sending again is safe, so a server that stays silent is left rather than waited for.
        this.#arm("receipt", RECEIPT_DEADLINE_MS, () => this.#connection.close());
    }

    #reject(receipt, code, retryAfterMs = null) {
        const reject = this.#asked.get(receipt);
        this.#asked.delete(receipt);
        reject?.(refusal(code, retryAfterMs));
    }

    #settle() {
        this.#sending = null;
        this.#disarm("receipt");
    }

    #closed({ code, closeCode, receiptId, reconnectAfterMs }) {
        this.#connection = null;
        if (receiptId !== null && receiptId === this.#sending && FRAME_CODES.has(code)) {
            this.#outbox.refused(code, null, this.#clock.now());
        }
        if (FRAME_CODES.has(code)) this.#reject(receiptId, code);
        this.#abandon();
        this.#staleToken = STALE_TOKEN_CODES.has(code) || STALE_TOKEN_CLOSES.has(closeCode);
        if (code === "going-away") this.#isRestart = true;
        this.#retryLater({ reconnectAfterMs });
    }

    #retryLater({ reconnectAfterMs = null }) {
        const delayMs = reconnectAfterMs ?? fullJitterMs(this.#attempt, this.#random);
        this.#attempt += 1;
        this.#wait(this.#isOnline() ? "waiting" : "offline", delayMs);
        // The server spreads its clients over time when it goes away: only a person overrules that.
        this.#waitIsOurs = reconnectAfterMs === null;
    }

    #wait(name, delayMs) {
        this.#enter(name, this.#clock.now() + delayMs);
        this.#waitIsOurs = true;
        this.#arm("reconnect", delayMs, () => this.#connect());
    }

    /** Leaves the present connection, if any, and everything that belongs to it. */
    #abandon() {
        this.#life += 1;
        this.#sending = null;
        this.#outbox?.interrupted();
        for (const receipt of [...this.#asked.keys()]) this.#reject(receipt, null);
        for (const name of [...this.#timers.keys()]) this.#disarm(name);
        const connection = this.#connection;
        this.#connection = null;
        connection?.close();
    }

    #enter(name, until = null) {
        if (name === "connected" || name === "signed-out") this.#isRestart = false;
        this.state = { name, until, isRestart: this.#isRestart };
        this.dispatchEvent(new CustomEvent("state", { detail: this.state }));
    }

    #arm(name, delayMs, action) {
        this.#disarm(name);
        this.#timers.set(name, this.#clock.after(delayMs, action));
    }

    #disarm(name) {
        this.#timers.get(name)?.();
        this.#timers.delete(name);
    }
}

/** What `ask` rejects with. */
function refusal(code, retryAfterMs = null) {
    return Object.assign(new Error(code ?? "not connected"), { code, retryAfterMs });
}
