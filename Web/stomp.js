import { encodeFrame, FrameDecoder } from "./stomp-frames.js";

const HEART_BEAT_MS = 10_000;
const CONNECT_DEADLINE_MS = 15_000;
// A beat may be late by the network's and the browser's delays; two missing ones are not a delay.
const MISSED_BEATS = 2;

/** The address of the STOMP endpoint that belongs to the page at `location`. */
export function stompURL(location) {
    return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/stomp/chat`;
}

/**
 * One STOMP 1.2 session over one WebSocket: CONNECT, heart-beats both ways, receipts.
 *
 * It never reconnects; when it ends, `handlers.closed` is called exactly once and nothing after it.
 * The handlers are `connected(headers)`, `message(frame)` and
 * `closed({code, closeCode, receiptId, reconnectAfterMs, wasConnected})`, where `code` is the ERROR
 * frame's code, or null when the connection ended without one.
 */
export class StompConnection {
    #socket;
    #clock;
    #handlers;
    #decoder = new FrameDecoder();
    #receipts = new Map();
    #nextReceipt = 1;
    #connected = false;
    #ended = false;
    #sentAt = 0;
    #receivedAt = 0;
    #timers = new Map();

    constructor({ url, token, clock, handlers, WebSocketType = WebSocket }) {
        this.#clock = clock;
        this.#handlers = handlers;
        this.#socket = new WebSocketType(url, ["v12.stomp"]);
        this.#socket.binaryType = "arraybuffer";
        this.#socket.onopen = () => this.#connect(new URL(url).host, token);
        this.#socket.onmessage = (event) => this.#receive(event.data);
        this.#socket.onclose = (event) => this.#end({ closeCode: event.code });
        this.#arm("deadline", CONNECT_DEADLINE_MS, () => this.#end({}));
    }

    /**
     * Sends a frame. With `onReceipt` the frame asks for a receipt, and `onReceipt` gets that
     * RECEIPT's headers, in order with the messages around it. Returns the receipt's id, or null.
     */
    send(command, headers = {}, body = "", onReceipt = null) {
        let receipt = null;
        if (onReceipt !== null) {
            receipt = `r${this.#nextReceipt++}`;
            this.#receipts.set(receipt, onReceipt);
        }
        this.#write(encodeFrame(command, receipt === null ? headers : { ...headers, receipt }, body));
        return receipt;
    }

    /** Stops waiting for a receipt: the server refused that frame. */
    forget(receiptId) {
        this.#receipts.delete(receiptId);
    }

    /** Ends the session in good order; `handlers.closed` is still called, before this returns. */
    close() {
        if (this.#connected) this.#write(encodeFrame("DISCONNECT"));
        this.#end({ closeCode: 1000 });
    }

    #connect(host, token) {
        this.#write(encodeFrame("CONNECT", {
            "accept-version": "1.2",
            host,
            "heart-beat": `${HEART_BEAT_MS},${HEART_BEAT_MS}`,
            Authorization: `Bearer ${token}`,
        }));
    }

    #write(text) {
        if (this.#ended || this.#socket.readyState !== 1) return;
        this.#sentAt = this.#clock.now();
        this.#socket.send(text);
    }

    #receive(data) {
        this.#receivedAt = this.#clock.now();
        let frames;
        try {
            frames = this.#decoder.push(typeof data === "string" ? data : new Uint8Array(data));
        } catch (error) {
            console.warn("STOMP:", error.message);
            this.#end({});
            return;
        }
        for (const frame of frames) {
            if (this.#ended) return;
            this.#accept(frame);
        }
    }

    #accept(frame) {
        switch (frame.command) {
        case "CONNECTED":
            this.#begin(frame.headers);
            break;
        case "MESSAGE":
            this.#handlers.message(frame);
            break;
        case "RECEIPT": {
            const id = frame.headers["receipt-id"];
            const onReceipt = this.#receipts.get(id);
            this.#receipts.delete(id);
            onReceipt?.(frame.headers);
            break;
        }
        case "ERROR":
            this.#end({
                code: frame.headers.message ?? "internal",
                receiptId: frame.headers["receipt-id"] ?? null,
                reconnectAfterMs: milliseconds(frame.headers["reconnect-after-ms"]),
            });
            break;
        default:
            console.warn("STOMP: unknown frame", frame.command);
        }
    }

    #begin(headers) {
        if (this.#connected) return;
        this.#connected = true;
        this.#disarm("deadline");
        const [sends, wants] = (headers["heart-beat"] ?? "0,0").split(",").map(Number);
        // STOMP 1.2, Heart-beating: each direction beats at the slower of what its two ends named.
        if (wants > 0) this.#beat(Math.max(wants, HEART_BEAT_MS));
        if (sends > 0) this.#watch(Math.max(sends, HEART_BEAT_MS) * MISSED_BEATS);
        this.#handlers.connected(headers);
    }

    /** Sends a line end whenever nothing was sent for most of `intervalMs`. */
    #beat(intervalMs) {
        // Early by a fifth, so that a beat delayed on its way still arrives within the interval.
        const periodMs = intervalMs * 0.8;
        const idleMs = this.#clock.now() - this.#sentAt;
        if (idleMs >= periodMs) this.#write("\n");
        this.#arm("beat", idleMs >= periodMs ? periodMs : periodMs - idleMs, () => this.#beat(intervalMs));
    }

    /** Ends the session when nothing was received for `limitMs`. */
    #watch(limitMs) {
        const silentMs = this.#clock.now() - this.#receivedAt;
        if (silentMs >= limitMs) this.#end({});
        else this.#arm("watch", limitMs - silentMs, () => this.#watch(limitMs));
    }

    #end({ code = null, closeCode = null, receiptId = null, reconnectAfterMs = null }) {
        if (this.#ended) return;
        this.#ended = true;
        for (const name of [...this.#timers.keys()]) this.#disarm(name);
        this.#receipts.clear();
        // A close handshake over a dead network takes long: nobody waits for it.
        this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
        this.#socket.close(1000);
        this.#handlers.closed({
            code, closeCode, receiptId, reconnectAfterMs, wasConnected: this.#connected,
        });
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

/** A header's value in milliseconds, or null where it is absent or no such number. */
export function milliseconds(text) {
    return /^\d{1,9}$/.test(text ?? "") ? Number(text) : null;
}
