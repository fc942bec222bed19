import { fullJitterMs } from "./backoff.js";
import { covers } from "./position.js";
import { readMessage, Timeline } from "./timeline.js";

const PAGE = 50;

// Beyond the first number of messages, the oldest are dropped down to the second.
const KEPT_MAX = 2_000;
const KEPT_AFTER_TRIM = 1_500;

/**
 * One room as its reader sees it: history, what is said now, and what they said themselves.
 *
 * A snapshot says the position it is true for and the subscription starts there, so nothing is
 * missed in between. Events, each with its `detail`:
 * `status` {name, room}, with name `loading`, `ready`, `failed`, `missing` (there is no such room),
 * `refused` (its reader may not enter) or `removed` (they may no longer stay); `messages` {places, isLive};
 * `joined` {name}; `divider` (messages may be missing here); `cleared`; `pending`.
 */
export class RoomFeed extends EventTarget {
    hasOlder = false;
    isLoadingOlder = false;
    #roomId;
    #user;
    #api;
    #realtime;
    #outbox;
    #clock;
    #announce;
    #timeline = new Timeline();
    #chat = null;
    #entries = null;
    // Own messages that the timeline does not show yet: key → {item, position, isEchoed}.
    #unseen = new Map();
    #isClosed = false;
    #cancelRetry = () => {};
    #onOutbox = (event) => this.#outboxChanged(event.detail);

    /** With `announce` the others in the room are told that its reader came. */
    constructor({ roomId, user, api, realtime, outbox, clock, announce }) {
        super();
        this.#roomId = roomId;
        this.#user = user;
        this.#api = api;
        this.#realtime = realtime;
        this.#outbox = outbox;
        this.#clock = clock;
        this.#announce = announce;
        for (const item of outbox.forRoom(roomId)) this.#unseen.set(item.key, unseen(item));
        outbox.addEventListener("change", this.#onOutbox);
    }

    /**
     * Loads the room and starts to listen. After `failed` it tries again by itself, or at once when
     * it is called again.
     */
    async open(attempt = 0) {
        const isCancelled = this.#begin();
        if (attempt === 0) this.#emit("status", { name: "loading" });
        try {
            await this.#api.join(this.#roomId);
            const [room, { chatList, position }] = await Promise.all([
                this.#api.room(this.#roomId),
                this.#api.history(this.#roomId, { limit: PAGE }),
            ]);
            if (isCancelled()) return;
            this.#subscribe(position);
            this.#emit("status", { name: "ready", room });
            this.hasOlder = chatList.length >= PAGE;
            this.#take(chatList);
            this.#emit("pending");
        } catch (error) {
            if (isCancelled()) return;
            const name = { 403: "refused", 404: "missing" }[error.status] ?? "failed";
            this.#emit("status", { name });
            if (name === "failed") this.#retry(attempt, () => this.open(attempt + 1));
        }
    }

    close() {
        this.#isClosed = true;
        this.#cancelRetry();
        this.#chat?.close();
        this.#entries?.close();
        this.#outbox.removeEventListener("change", this.#onOutbox);
    }

    /** Adds a page of history before the oldest message. */
    async loadOlder() {
        const oldest = this.#timeline.oldestId;
        if (!this.hasOlder || this.isLoadingOlder || oldest === null) return;
        this.isLoadingOlder = true;
        try {
            const { chatList } = await this.#api.history(this.#roomId, { limit: PAGE, before: oldest });
            // A trim or a reset meanwhile has moved the end that this page would join.
            if (this.#isClosed || this.#timeline.oldestId !== oldest) return;
            this.hasOlder = chatList.length >= PAGE;
            this.#take(chatList);
        } finally {
            this.isLoadingOlder = false;
        }
    }

    /** What has been heard up to here; null before the room is loaded. */
    get position() {
        return this.#chat?.position ?? null;
    }

    /** The newest message loaded with an id up to `id`, or null. */
    newestUpTo(id) {
        return this.#timeline.newestUpTo(id);
    }

    /** The newest of the reader's own messages that is loaded, or null. */
    get newestOwn() {
        return this.#timeline.newestOf(this.#user.id);
    }

    /** The id of the oldest message loaded, or null. */
    get oldestId() {
        return this.#timeline.oldestId;
    }

    /** The reader's own messages that are not in the timeline yet, in the order they were written. */
    get pending() {
        const shown = [...this.#unseen.values()].filter(({ isEchoed }) => !isEchoed);
        return shown.map(({ item, position }) => ({
            key: item.key,
            text: item.text,
            state: position === null ? item.state : "stored",
            reason: item.reason,
        }));
    }

    /** Drops the oldest messages when there are too many; returns what was dropped. */
    trim() {
        if (this.#timeline.length <= KEPT_MAX) return [];
        this.hasOlder = true;
        return this.#timeline.trim(KEPT_AFTER_TRIM);
    }

    #subscribe(position) {
        this.#chat = this.#realtime.subscribe(`/sub/chat/${this.#roomId}`, {
            position,
            message: (value) => this.#received(value),
            resumed: (kind) => this.#resumed(kind),
            refused: (code) => this.#end(code),
        });
        this.#entries = this.#realtime.subscribe(`/sub/enter/${this.#roomId}`, {
            message: ({ senderId, sender }) => {
                if (String(senderId) !== this.#user.id) this.#emit("joined", { name: String(sender) });
            },
            resumed: () => this.#announceOnce(),
        });
    }

    /**
     * The room is there no more for its reader. The server ends the other subscriptions to it too,
     * so they are not given up from here before the page is left.
     */
    #end(code) {
        this.#cancelRetry();
        this.#emit("status", { name: code === "forbidden" ? "removed" : "missing" });
    }

    #announceOnce() {
        if (!this.#announce) return;
        this.#announce = false;
        this.#realtime.sendIfConnected(`/pub/chat/enter/${this.#roomId}`, "{}");
    }

    #received(value) {
        const message = readMessage(value);
        if (message === null) return;
        if (!this.#timeline.has(message.id)) {
            if (!this.#timeline.isNext(message.id)) console.warn("out of order:", message.id);
            this.#emit("messages", { places: this.#timeline.add([message]), isLive: true });
            this.#noticeEcho(message);
        }
        this.#settleSeen();
    }

    /**
     * Our own message may come back through the room before its receipt does. Until the receipt
     * says which one it was, the first that reads the same stands for it.
     */
    #noticeEcho({ senderId, text }) {
        if (senderId !== this.#user.id) return;
        for (const entry of this.#unseen.values()) {
            const { item, isEchoed } = entry;
            if (isEchoed || item.attempts === 0 || item.state === "failed" || item.text !== text) continue;
            entry.isEchoed = true;
            this.#emit("pending");
            return;
        }
    }

    #outboxChanged({ kind, item, position }) {
        if (item.roomId !== this.#roomId) return;
        const entry = this.#unseen.get(item.key);
        if (kind === "added") this.#unseen.set(item.key, unseen(item));
        else if (kind === "discarded") this.#unseen.delete(item.key);
        else if (kind === "failed" && entry) entry.isEchoed = false;
        else if (kind === "stored" && position === null) this.#unseen.delete(item.key);
        else if (kind === "stored" && entry) entry.position = position;
        this.#settleSeen();
        this.#emit("pending");
    }

    /** What is stored at a place that we have heard up to is in the timeline. */
    #settleSeen() {
        const seen = this.#chat?.position ?? null;
        let changed = false;
        for (const [key, { position }] of this.#unseen) {
            if (position !== null && covers(seen, position)) changed = this.#unseen.delete(key);
        }
        if (changed) this.#emit("pending");
    }

    #resumed(kind) {
        this.#settleSeen();
        if (kind === "complete") return;
        if (kind === "reset") {
            // Another epoch may use the same ids for other messages: nothing old can be kept.
            this.#timeline.clear();
            this.hasOlder = true;
            for (const [key, { position }] of this.#unseen) {
                if (position !== null) this.#unseen.delete(key);
            }
            this.#emit("cleared");
            this.#emit("pending");
        }
        this.#emit("divider");
        this.#reload();
    }

    /** Fetches the newest messages until that succeeds: a later resume would not bring them. */
    async #reload(attempt = 0) {
        const isCancelled = this.#begin();
        try {
            const { chatList } = await this.#api.history(this.#roomId, { limit: PAGE });
            if (!isCancelled()) this.#take(chatList);
        } catch {
            if (!isCancelled()) this.#retry(attempt, () => this.#reload(attempt + 1));
        }
    }

    /** Puts an end to the load before this one; the returned function says when this one's has come. */
    #begin() {
        this.#cancelRetry();
        let isCancelled = false;
        this.#cancelRetry = () => { isCancelled = true; };
        return () => isCancelled || this.#isClosed;
    }

    #retry(attempt, action) {
        this.#cancelRetry = this.#clock.after(fullJitterMs(attempt + 1, Math.random), action);
    }

    #take(chatList) {
        const messages = chatList.map(readMessage).filter((message) => message !== null);
        this.#emit("messages", { places: this.#timeline.add(messages), isLive: false });
    }

    #emit(name, detail = {}) {
        if (!this.#isClosed) this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}

function unseen(item) {
    return { item, position: null, isEchoed: false };
}
