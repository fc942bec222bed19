/**
 * A new idempotency key. `randomUUID` exists only where the page is served over TLS or from this
 * machine; elsewhere 128 random bits do the same service.
 */
export function newKey() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
