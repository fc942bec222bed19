const DEADLINE_MS = 15_000;

/** A request that did not succeed. `status` is 0 where no answer came. */
export class ApiError extends Error {
    name = "ApiError";

    constructor(status, { errorCode = "", errorMessage = "", fields = [] } = {}, retryAfterS = null) {
        super(errorMessage || `status ${status}`);
        this.status = status;
        /** The server's code, such as `U003`, or an empty string. */
        this.code = errorCode;
        /** The server's words, or an empty string. */
        this.words = errorMessage;
        /** `{field, reason}` for each field that was refused. */
        this.fields = fields;
        this.retryAfterS = retryAfterS;
    }
}

/** One request and its JSON answer (null where it has none). Throws `ApiError`, nothing else. */
export async function call(method, path, { body, token, idempotencyKey, keepalive = false } = {}) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = `Bearer ${token}`;
    if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
    let response;
    let answer;
    try {
        response = await fetch(path, {
            method, headers, keepalive, body: body && JSON.stringify(body), cache: "no-store",
            credentials: "same-origin", signal: AbortSignal.timeout(DEADLINE_MS),
        });
        answer = await response.text();
    } catch {
        throw new ApiError(0);
    }
    const value = parsed(answer);
    if (response.ok) return value;
    const retryAfterS = Number(response.headers.get("Retry-After")) || null;
    throw new ApiError(response.status, value ?? {}, retryAfterS);
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        // A proxy's page in place of our server's answer: the status has to speak for it.
        return null;
    }
}

/** The requests of a signed-in person. An expired token is renewed once and unseen. */
export class Api {
    #session;

    constructor(session) {
        this.#session = session;
    }

    /** A page (from 1) of the open rooms, newest first. */
    rooms(page, size) {
        return this.#request("GET", `/api/openchat?page=${page}&size=${size}`);
    }

    room(id) {
        return this.#request("GET", `/api/openchat/${id}`);
    }

    /** Creates a room; the same key creates it once. */
    createRoom(title, content, idempotencyKey) {
        return this.#request("POST", "/api/openchat", { body: { title, content }, idempotencyKey });
    }

    /** Becomes a member; who is one already stays one. */
    async join(id) {
        try {
            await this.#request("POST", `/api/openchat/${id}/join`);
        } catch (error) {
            if (error.status !== 409) throw error;
        }
    }

    /** `{members: [{userId, name}], count, position}`: who is in the room now. */
    members(id, limit) {
        return this.#request("GET", `/api/openchat/${id}/members?limit=${limit}`);
    }

    /** Removes somebody from a room and keeps them out. */
    kick(id, userId) {
        return this.#request("POST", `/api/openchat/${id}/kick`, { body: { userId: Number(userId) } });
    }

    /** Lets somebody in again who was removed. */
    unkick(id, userId) {
        return this.#request("DELETE", `/api/openchat/${id}/kick/${userId}`);
    }

    /** A page (from 1) of the open chats that one is a member of, the latest activity first. */
    myRooms(page, size) {
        return this.#request("GET", `/api/chat/rooms?kind=OPEN&page=${page}&size=${size}`);
    }

    leave(id) {
        return this.#request("POST", `/api/openchat/${id}/leave`);
    }

    /** The newest of what one was told, how many are unread, and the position they are true for. */
    notifications(size) {
        return this.#request("GET", `/api/notifications?size=${size}`);
    }

    readNotification(id) {
        return this.#request("PATCH", `/api/notifications/${id}`);
    }

    /** Marks all as read. */
    readNotifications() {
        return this.#request("PATCH", "/api/notifications");
    }

    deleteNotification(id) {
        return this.#request("DELETE", `/api/notifications/${id}`);
    }

    /** `{chatList, position}`: the newest messages, or those before the message `before`. */
    history(roomId, { limit, before = null }) {
        const range = before === null ? "" : `&before=${before}`;
        return this.#request("GET", `/api/openchat/room/${roomId}?limit=${limit}${range}`);
    }

    async #request(method, path, options = {}) {
        const token = await this.#session.credentials();
        try {
            return await call(method, path, { ...options, token });
        } catch (error) {
            if (error.status !== 401) throw error;
            const fresh = await this.#session.credentials({ notThis: token });
            return call(method, path, { ...options, token: fresh });
        }
    }
}
