import { covers } from "./position.js";

const PAGE = 50;
const SHOWN_MS = 10_000;
const HIDDEN_MS = 60_000;
const SPREAD = 0.2;

/**
 * The rooms that the reader is a member of, the latest activity first, with what they have not read.
 *
 * The list is asked for again every ten seconds while somebody looks at the page, every minute
 * while nobody does (the number in the tab's title is all there is to see then), and at once when
 * the page is shown, a connection is back or a room was entered or left. Listening to every room
 * instead would count the reader in as being there, and bring a phone what is said everywhere. What
 * the open room hears itself, and what another tab of this browser reads, is put in without asking.
 *
 * An entry is `{roomId, title, memberCount, unreadCount, lastMessage, position}`. Event: `change`.
 */
export class MyRooms extends EventTarget {
    /** The entries; null until the first list is here. */
    list = null;
    /** Whether there are more rooms than are listed. */
    hasMore = false;
    #api;
    #clock;
    #random;
    #isShown;
    #tabs;
    #pages = 1;
    // How far each room was read here; a list that was made before that says otherwise.
    #read = new Map();
    #loading = null;
    #isStale = false;
    #cancel = () => {};
    #isClosed = false;

    /** `tabs` is a `BroadcastChannel`, or what a test puts in its place; `isShown()` whether to hurry. */
    constructor({ api, clock, tabs, isShown, random = Math.random }) {
        super();
        this.#api = api;
        this.#clock = clock;
        this.#random = random;
        this.#isShown = isShown;
        this.#tabs = tabs;
        tabs.onmessage = ({ data: { roomId, position } }) => this.#markRead(roomId, position);
        this.refresh();
    }

    /** How many messages wait in all rooms. */
    get unread() {
        return (this.list ?? []).reduce((sum, { unreadCount }) => sum + unreadCount, 0);
    }

    /** Asks for the list now. Asked while an answer is on its way, it asks once more after that. */
    async refresh() {
        this.#isStale = true;
        this.#loading ??= this.#load().finally(() => { this.#loading = null; });
        await this.#loading;
    }

    /** Lists more of them. */
    async showMore() {
        this.#pages += 1;
        await this.refresh();
    }

    /** A message came in the open room; whoever wrote it has read it. */
    heard(roomId, { text, sender, senderId, createdAt, id }, position, isOwn) {
        const entry = this.#entry(roomId);
        if (entry === undefined || covers(entry.position, position)) return;
        const lastMessage = { id, senderId, sender, message: text, createdAt };
        Object.assign(entry, { lastMessage, position });
        if (isOwn) this.#read.set(roomId, position);
        else entry.unreadCount += 1;
        this.list = [entry, ...this.list.filter((other) => other !== entry)];
        this.#settle();
    }

    /** Everything in a room up to `position` was on the screen here. */
    read(roomId, position) {
        if (covers(this.#read.get(roomId), position)) return;
        this.#tabs.postMessage({ roomId, position });
        this.#markRead(roomId, position);
    }

    close() {
        this.#isClosed = true;
        this.#cancel();
        this.#tabs.close();
    }

    #entry(roomId) {
        return this.list?.find((entry) => entry.roomId === roomId);
    }

    #markRead(roomId, position) {
        this.#read.set(roomId, position);
        this.#settle();
    }

    /** Nothing is unread in a room that was read up to its newest message. */
    #settle() {
        for (const entry of this.list ?? []) {
            if (covers(this.#read.get(entry.roomId), entry.position)) entry.unreadCount = 0;
        }
        if (!this.#isClosed) this.dispatchEvent(new Event("change"));
    }

    async #load() {
        this.#cancel();
        while (this.#isStale && !this.#isClosed) {
            this.#isStale = false;
            try {
                await this.#ask();
            } catch {
                // What is listed stays; the next look is not far.
            }
        }
        if (this.#isClosed) return;
        const periodMs = this.#isShown() ? SHOWN_MS : HIDDEN_MS;
        // Spread, so that those who came together after a restart do not stay together.
        const delayMs = Math.round(periodMs * (1 + SPREAD * (this.#random() - 0.5)));
        this.#cancel = this.#clock.after(delayMs, () => this.refresh());
    }

    async #ask() {
        const entries = new Map();
        let total = 0;
        for (let page = 1; page <= this.#pages; page += 1) {
            const answer = await this.#api.myRooms(page, PAGE);
            total = answer.totalElements;
            for (const entry of answer.content) {
                const roomId = String(entry.roomId);
                entries.set(roomId, { ...entry, roomId });
            }
        }
        // What was heard while the answer was on its way is newer than the answer.
        for (const [roomId, entry] of entries) {
            const heard = this.#entry(roomId);
            if (heard !== undefined && isLater(heard.position, entry.position)) entries.set(roomId, heard);
        }
        this.list = [...entries.values()];
        this.hasMore = total > this.#pages * PAGE;
        this.#settle();
    }
}

function isLater(one, other) {
    return covers(one, other) && !covers(other, one);
}
