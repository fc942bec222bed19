/**
 * The STOMP 1.2 wire form: frames to text, and bytes to frames.
 *
 * A frame is `{command, headers, body}`; `headers` is a plain object without a prototype, `body` a
 * string. Decoding works on bytes because `content-length` counts bytes, not UTF-16 units.
 */

const LF = 10;
const CR = 13;
const NUL = 0;

/** The most bytes one received frame may take; a larger one is a `FrameError`. */
export const FRAME_BYTES_MAX = 1 << 20;

const ESCAPES = { "\\": "\\\\", "\r": "\\r", "\n": "\\n", ":": "\\c" };
const UNESCAPES = { "\\\\": "\\", "\\r": "\r", "\\n": "\n", "\\c": ":" };

// STOMP 1.2, Value Encoding: these two frames stay unescaped, for STOMP 1.0 peers.
const UNESCAPED_COMMANDS = new Set(["CONNECT", "CONNECTED"]);

/** What a peer did that STOMP 1.2 does not allow; the connection cannot go on after it. */
export class FrameError extends Error {
    name = "FrameError";
}

/** A frame's wire form. Header values that are null or undefined are left out. */
export function encodeFrame(command, headers = {}, body = "") {
    const encode = UNESCAPED_COMMANDS.has(command) ? String : escapeHeader;
    let text = `${command}\n`;
    for (const [name, value] of Object.entries(headers)) {
        if (value === undefined || value === null) continue;
        text += `${encode(name)}:${encode(String(value))}\n`;
    }
    if (body !== "") text += `content-length:${new TextEncoder().encode(body).length}\n`;
    return `${text}\n${body}\0`;
}

/** Turns received pieces, cut anywhere, into frames. */
export class FrameDecoder {
    #pending = new Uint8Array(0);
    #encoder = new TextEncoder();
    #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

    /**
     * The frames that `piece` (text or bytes) completes; what is left waits for the next piece.
     * Line ends between frames are heart-beats and yield nothing.
     */
    push(piece) {
        const bytes = typeof piece === "string" ? this.#encoder.encode(piece) : piece;
        const input = this.#pending.length === 0 ? bytes : joined(this.#pending, bytes);
        const frames = [];
        let start = 0;
        for (;;) {
            while (input[start] === LF || input[start] === CR) start += 1;
            const parsed = this.#parse(input, start);
            if (parsed === null) break;
            frames.push(parsed.frame);
            start = parsed.end;
        }
        if (input.length - start > FRAME_BYTES_MAX) throw new FrameError("frame too large");
        this.#pending = input.slice(start);
        return frames;
    }

    /** The frame that starts at `start` and where it ends, or null while bytes are missing. */
    #parse(input, start) {
        const lines = [];
        let at = start;
        for (;;) {
            const end = input.indexOf(LF, at);
            if (end < 0) return null;
            const lineEnd = end > at && input[end - 1] === CR ? end - 1 : end;
            const line = this.#text(input.subarray(at, lineEnd));
            at = end + 1;
            if (line === "") break;
            lines.push(line);
        }
        const command = lines.shift() ?? "";
        const headers = parseHeaders(command, lines);
        const bodyEnd = findBodyEnd(input, at, headers["content-length"]);
        if (bodyEnd === null) return null;
        const body = this.#text(input.subarray(at, bodyEnd));
        return { frame: { command, headers, body }, end: bodyEnd + 1 };
    }

    #text(bytes) {
        try {
            return this.#decoder.decode(bytes);
        } catch {
            throw new FrameError("not UTF-8");
        }
    }
}

function parseHeaders(command, lines) {
    const decode = UNESCAPED_COMMANDS.has(command) ? String : unescapeHeader;
    const headers = Object.create(null);
    for (const line of lines) {
        const colon = line.indexOf(":");
        if (colon < 0) throw new FrameError("header without a colon");
        const name = decode(line.slice(0, colon));
        // STOMP 1.2, Repeated Header Entries: the first one counts.
        if (!(name in headers)) headers[name] = decode(line.slice(colon + 1));
    }
    return headers;
}

/** The index of the NUL that ends the body, or null while it has not arrived. */
function findBodyEnd(input, start, contentLength) {
    if (contentLength === undefined) {
        const end = input.indexOf(NUL, start);
        return end < 0 ? null : end;
    }
    if (!/^\d{1,9}$/.test(contentLength)) throw new FrameError("bad content-length");
    const bodyBytes = Number(contentLength);
    if (bodyBytes > FRAME_BYTES_MAX) throw new FrameError("frame too large");
    const end = start + bodyBytes;
    if (end >= input.length) return null;
    if (input[end] !== NUL) throw new FrameError("no NUL after the body");
    return end;
}

function escapeHeader(text) {
    return String(text).replace(/[\\\r\n:]/g, (character) => ESCAPES[character]);
}

function unescapeHeader(text) {
    return text.replace(/\\(.|$)/gs, (sequence) => {
        const character = UNESCAPES[sequence];
        if (character === undefined) throw new FrameError("undefined escape in a header");
        return character;
    });
}

function joined(first, second) {
    const all = new Uint8Array(first.length + second.length);
    all.set(first);
    all.set(second, first.length);
    return all;
}
