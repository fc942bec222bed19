import { h, icon } from "../dom.js";
import { t } from "../strings.js";
import { avatar } from "./avatar.js";

// With more people than this who read along, faces that wander from message to message are noise.
const CALM_MAX = 8;
// And more than this at one message do not fit beside it.
const FACES_MAX = 3;
const PAUSE_MS = 300;

/**
 * Which readers stand at which message: a Map from message ids to readers.
 *
 * Among few, each stands at the last message they have read, except at one of their own. Among many
 * there is one place: the reader's own newest message, with everyone who has read it.
 */
export function places(readers, feed) {
    const standing = new Map();
    if (readers.length > CALM_MAX) {
        const own = feed.newestOwn;
        const those = own === null ? [] : readers.filter(({ upTo }) => upTo >= own.id);
        if (those.length > 0) standing.set(own.id, those);
        return standing;
    }
    for (const reader of readers) {
        const message = feed.newestUpTo(reader.upTo);
        if (message === null || message.senderId === reader.id) continue;
        if (!standing.has(message.id)) standing.set(message.id, []);
        standing.get(message.id).push(reader);
    }
    return standing;
}

/** Shows how far the others have read, beside the messages, where it moves none of them. */
export class Readers {
    #feed;
    #marks;
    #itemOf;
    #shown = new Map();
    #timer = null;
    #onChange = () => this.place();

    /** `itemOf(id)` is the element of a message on the page. */
    constructor(feed, marks, itemOf) {
        this.#feed = feed;
        this.#marks = marks;
        this.#itemOf = itemOf;
        marks.addEventListener("change", this.#onChange);
    }

    /** Puts everyone where they belong, soon: marks come in crowds. */
    place() {
        this.#timer ??= setTimeout(() => {
            this.#timer = null;
            this.#place();
        }, PAUSE_MS);
    }

    close() {
        clearTimeout(this.#timer);
        this.#marks.removeEventListener("change", this.#onChange);
    }

    #place() {
        const standing = places(this.#marks.readers, this.#feed);
        for (const [id, { element }] of this.#shown) {
            if (standing.has(id)) continue;
            element.remove();
            this.#shown.delete(id);
        }
        for (const [id, readers] of standing) this.#show(id, readers);
    }

    #show(id, readers) {
        const row = this.#itemOf(id)?.querySelector(".bubble-row");
        if (!row) return;
        const key = readers.map((reader) => `${reader.id} ${reader.name}`).join("\n");
        const before = this.#shown.get(id);
        if (before?.key === key && before.element.isConnected) return;
        before?.element.remove();
        const element = readersElement(readers);
        row.append(element);
        this.#shown.set(id, { key, element });
    }
}

function readersElement(readers) {
    const isFew = readers.length <= FACES_MAX;
    const words = isFew ? t("readBy", { names: readers.map(({ name }) => name).join(", ") })
        : t("readByMany", { n: readers.length });
    const drawing = isFew ? readers.map(({ id, name }) => avatar(name, id))
        : [icon("checks"), h("span", { "aria-hidden": "true" }, String(readers.length))];
    return h("span", { class: isFew ? "readers" : "readers many", "data-testid": "readers", title: words },
        ...drawing, h("span", { class: "visually-hidden" }, words));
}
