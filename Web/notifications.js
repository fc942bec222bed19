const DESTINATION = "/user/queue/notifications";
const RETRY_MS = 5_000;

/**
 * What the reader was told: comments, likes, buyers, and messages in rooms that they have not open.
 *
 * REST gives the list and the position that it is true for; from there every change comes over the
 * connection, on all of the reader's devices. Of what is said about one notification the highest
 * `version` counts, and `deleted` above all. A change of one that is not listed here, or a gap, is
 * answered by asking for the list again.
 *
 * An entry is what REST lists (Docs/API.md, "Notifications"). Event: `change`.
 */
export class Notifications extends EventTarget {
    /** The newest entries, the newest first; null until the first list is here. */
    list = null;
    /** How many are unread, listed or not. */
    unread = 0;
    /** Whether there are more than are listed. */
    hasMore = false;
    #api;
    #realtime;
    #clock;
    #size;
    #subscription = null;
    #loading = null;
    #isStale = false;
    #cancel = () => {};
    #isClosed = false;

    constructor({ api, realtime, clock, size = 30 }) {
        super();
        this.#api = api;
        this.#realtime = realtime;
        this.#clock = clock;
        this.#size = size;
        this.refresh();
    }

    /** Asks for the list now. Asked while an answer is on its way, it asks once more after that. */
    async refresh() {
        this.#isStale = true;
        this.#loading ??= this.#load().finally(() => { this.#loading = null; });
        await this.#loading;
    }

    /** Lists more of them. */
    async showMore() {
        this.#size = Math.min(2 * this.#size, 100);
        await this.refresh();
    }

    /** Marks one as read; the server's word of it is what changes the list. */
    read(id) {
        return this.#api.readNotification(id);
    }

    readAll() {
        return this.#api.readNotifications();
    }

    remove(id) {
        return this.#api.deleteNotification(id);
    }

    close() {
        this.#isClosed = true;
        this.#cancel();
        this.#subscription?.close();
    }

    async #load() {
        this.#cancel();
        while (this.#isStale && !this.#isClosed) {
            this.#isStale = false;
            try {
                this.#take(await this.#api.notifications(this.#size));
            } catch {
                // What is listed stays until the next answer.
                this.#cancel = this.#clock.after(RETRY_MS, () => this.refresh());
            }
        }
    }

    #take({ content, totalElements, unreadCount, position }) {
        if (this.#isClosed) return;
        this.list = content;
        this.unread = unreadCount;
        this.hasMore = totalElements > content.length && this.#size < 100;
        // Anew from each list: what was heard meanwhile comes again, and changes nothing twice.
        this.#subscription?.close();
        this.#subscription = this.#realtime.subscribe(DESTINATION, {
            position,
            message: (entry) => this.#heard(entry),
            resumed: (kind) => {
                if (kind !== "complete") this.refresh();
            },
        });
        this.dispatchEvent(new Event("change"));
    }

    #heard(entry) {
        const known = this.list.find(({ id }) => id === entry.id);
        if (known === undefined ? entry.deleted : !entry.deleted && entry.version <= known.version) return;
        const isFirst = known === undefined && entry.version === 1;
        if (known === undefined && !isFirst) {
            // Whether it was read before is not known here.
            this.refresh();
            return;
        }
        this.unread += Number(!entry.deleted && !entry.isRead) - Number(known !== undefined && !known.isRead);
        const others = this.list.filter((other) => other !== known);
        this.list = entry.deleted ? others : inserted(entry, others);
        this.dispatchEvent(new Event("change"));
    }
}

/** The list with an entry in its place: by time, the newest first. */
function inserted(entry, list) {
    const place = list.findIndex(({ createdAt }) => createdAt <= entry.createdAt);
    return place < 0 ? [...list, entry] : [...list.slice(0, place), entry, ...list.slice(place)];
}
