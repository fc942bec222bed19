/**
 * A room's messages in their order: sorted by id, each once.
 *
 * The list keeps no DOM and no pending messages; it answers where each new message belongs.
 */
export class Timeline {
    #messages = [];
    #known = new Set();

    get length() {
        return this.#messages.length;
    }

    get oldestId() {
        return this.#messages[0]?.id ?? null;
    }

    /**
     * Adds what is new of `messages`. Returns for each new one `{message, before, after}`: its
     * neighbours, the message it belongs before and the one it belongs after, null at the ends.
     */
    add(messages) {
        const fresh = messages.filter(({ id }) => !this.#known.has(id));
        fresh.sort((one, other) => one.id - other.id);
        const places = [];
        for (const message of fresh) {
            if (this.#known.has(message.id)) continue;
            const index = this.#indexOf(message.id);
            places.push({
                message,
                before: this.#messages[index] ?? null,
                after: this.#messages[index - 1] ?? null,
            });
            this.#messages.splice(index, 0, message);
            this.#known.add(message.id);
        }
        return places;
    }

    /** The newest message with an id up to `id`, or null. */
    newestUpTo(id) {
        return this.#messages[this.#indexOf(id + 1) - 1] ?? null;
    }

    /** The newest message of one sender, or null. */
    newestOf(senderId) {
        return this.#messages.findLast((message) => message.senderId === senderId) ?? null;
    }

    has(id) {
        return this.#known.has(id);
    }

    /** True when a live message with this id keeps the order: newer than all before it. */
    isNext(id) {
        return this.length === 0 || id > this.#messages.at(-1).id;
    }

    /** Forgets the oldest messages beyond `keep`; returns them. */
    trim(keep) {
        const dropped = this.#messages.splice(0, Math.max(0, this.length - keep));
        for (const { id } of dropped) this.#known.delete(id);
        return dropped;
    }

    clear() {
        this.#messages = [];
        this.#known.clear();
    }

    /** How many of the messages are older than `id`. */
    #indexOf(id) {
        let low = 0;
        let high = this.#messages.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.#messages[middle].id < id) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}

/** A message as the wire has it, checked; null when it is not one. */
export function readMessage(value) {
    const isMessage = Number.isSafeInteger(value?.id) && typeof value.message === "string";
    if (!isMessage) {
        console.warn("not a message:", value);
        return null;
    }
    return {
        id: value.id,
        senderId: String(value.senderId ?? ""),
        sender: String(value.sender ?? ""),
        text: value.message,
        createdAt: new Date(value.createdAt ?? NaN),
    };
}
