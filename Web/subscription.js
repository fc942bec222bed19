import { covers, isSameEpoch } from "./position.js";

/**
 * One destination that is listened to across connections, and how far it has been heard.
 *
 * `position` is where the next SUBSCRIBE resumes: it moves with each message and each confirmation;
 * null for a destination that keeps nothing.
 * `Realtime` makes these; the rest of the client reads `position` and calls `close`.
 */
export class Subscription {
    position;
    isClosed = false;
    /** The receipt that the latest SUBSCRIBE asked for. */
    receipt = null;
    // Whether that receipt came: the replay has ended then.
    #isLive = false;
    #handlers;
    #onClose;

    constructor(id, destination, position, handlers, onClose) {
        this.id = id;
        this.destination = destination;
        this.position = position;
        this.#handlers = handlers;
        this.#onClose = onClose;
    }

    /** The headers of a SUBSCRIBE that goes on where this one stands. */
    get headers() {
        const { id, destination, position } = this;
        return { id, destination, ack: "auto", position };
    }

    /** A SUBSCRIBE is on its way; its receipt has this id. */
    requested(receipt) {
        this.receipt = receipt;
        this.#isLive = false;
    }

    /** Stops listening. */
    close() {
        if (this.isClosed) return;
        this.isClosed = true;
        this.#onClose();
    }

    /** A MESSAGE arrived for it. Bodies that are not JSON are dropped. */
    received({ headers, body }) {
        let value;
        try {
            value = JSON.parse(body);
        } catch {
            console.warn(`${this.destination}: a body that is not JSON`);
            return;
        }
        // The store behind the server was replaced under an open connection: a reset by itself.
        const keepsPosition = this.position !== null && headers.position !== undefined;
        const isReset = this.#isLive && keepsPosition && !isSameEpoch(this.position, headers.position);
        this.#advance(headers.position);
        if (isReset) this.#handlers.resumed?.("reset", headers);
        this.#handlers.message?.(value, headers);
    }

    /** The SUBSCRIBE's RECEIPT: the replay has ended, live messages follow. */
    confirmed(headers) {
        const { position, resume = "complete" } = headers;
        this.#isLive = true;
        this.#advance(position);
        this.#handlers.resumed?.(resume, headers);
    }

    /** The server does not let us listen here, or no longer. */
    refused(code) {
        this.isClosed = true;
        this.#handlers.refused?.(code);
    }

    /** A replay may repeat what was heard; the position never goes back for it. */
    #advance(position) {
        if (this.position === null || position === undefined) return;
        if (!covers(this.position, position)) this.position = position;
    }
}
