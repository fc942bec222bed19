/**
 * A place in a room's stream, `epoch:offset` on the wire: everything up to and including the offset
 * has been seen. Offsets are comparable within one epoch only.
 */

/** True when a client that has seen everything up to `seen` has seen what is stored at `stored`. */
export function covers(seen, stored) {
    const [seenEpoch, seenOffset] = split(seen);
    const [storedEpoch, storedOffset] = split(stored);
    return seenEpoch !== null && seenEpoch === storedEpoch && seenOffset >= storedOffset;
}

/** True when the two belong to one numbering, so that ids seen in one still hold in the other. */
export function isSameEpoch(one, other) {
    return split(one)[0] === split(other)[0];
}

/** True when nothing lies between the two: `position` is the very next one after `seen`. */
export function isNextAfter(seen, position) {
    return isSameEpoch(seen, position) && split(position)[1] === split(seen)[1] + 1n;
}

/** The offset as a number, as a message's id is one. */
export function offsetOf(position) {
    return Number(split(position)[1]);
}

function split(position) {
    const match = /^([0-9a-f]+):(\d+)$/i.exec(position ?? "");
    return match === null ? [null, 0n] : [match[1].toLowerCase(), BigInt(match[2])];
}
