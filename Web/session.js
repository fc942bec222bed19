import { ApiError, call } from "./api.js";

// A token is renewed this long before it ends, or in the last fifth of a short life.
const RENEW_AHEAD_MS = 60_000;
const RENEW_RETRY_MS = 5_000;

/**
 * Who is signed in here, and their access token, which is kept in memory alone.
 *
 * The refresh token is a cookie that scripts cannot read. Each renewal uses it up, and using one
 * twice signs the person out everywhere, so renewals run one at a time, across tabs too.
 *
 * Events: `changed` (somebody signed in or out; see `user`), `token` (a fresh `token` of the same
 * person), and, after `changed`, `left` (they signed out by their own will, here or in another tab;
 * `detail` is their id).
 */
export class Session extends EventTarget {
    /** `{id, email, nickname, …}`, or null while nobody is signed in. */
    user = null;
    /** Whether the last one here was signed out by the server, rather than by their own will. */
    wasEnded = false;
    #clock;
    #token = null;
    #renewAt = 0;
    #renewal = null;
    #cancelRenewal = () => {};
    #tabs = new BroadcastChannel("petnexus-session");

    constructor(clock) {
        super();
        this.#clock = clock;
        this.#tabs.onmessage = () => this.#leave();
    }

    get token() {
        return this.#token;
    }

    async signUp(email, password, username) {
        const body = { email, password, username: username || undefined };
        await call("POST", "/api/user/signup", { body });
        await this.signIn(email, password);
    }

    async signIn(email, password) {
        const grant = await call("POST", "/api/user/login", { body: { email, password } });
        await this.#adopt(grant);
    }

    /** Takes up the session that the cookie still holds, if it holds one. */
    async restore() {
        try {
            await this.#renew();
        } catch (error) {
            if (error.status !== 401) throw error;
        }
    }

    async signOut() {
        const token = this.#token;
        this.#leave();
        this.#tabs.postMessage("signed-out");
        // Best effort: without a network there is no telling the server, and the person leaves anyway.
        await call("POST", "/api/user/logout", { token, keepalive: true }).catch(() => {});
    }

    /**
     * A token that is good for now. With `fresh` a new one in any case; `notThis` was refused.
     * Rejects with status 401 when the person has to sign in again; they are signed out then.
     */
    async credentials({ fresh = false, notThis = null } = {}) {
        if (this.user === null) throw new ApiError(401);
        const isStale = this.#token === null || this.#clock.now() >= this.#renewAt;
        if (fresh || isStale || this.#token === notThis) await this.#renew();
        return this.#token;
    }

    /** One renewal for everyone who asks while it runs. */
    #renew() {
        this.#renewal ??= this.#renewAcrossTabs().finally(() => { this.#renewal = null; });
        return this.#renewal;
    }

    async #renewAcrossTabs() {
        const renew = async () => {
            // It outlives the page: a cookie whose successor is lost on a reload would be used twice.
            await this.#adopt(await call("POST", "/api/user/token", { keepalive: true }));
        };
        try {
            // Pages without TLS have no locks; there, one tab's order has to do.
            await (navigator.locks ? navigator.locks.request("petnexus-token", renew) : renew());
        } catch (error) {
            if (!isRefusal(error)) throw error;
            this.wasEnded = this.user !== null;
            this.#forget();
            throw new ApiError(401);
        }
    }

    async #adopt({ accessToken, expiresIn }) {
        const previous = this.user;
        const user = await call("GET", "/api/profile", { token: accessToken });
        // They signed out while the answer was on its way: it must not sign them in again.
        if (previous !== null && this.user === null) throw new ApiError(401);
        if (previous !== null && String(user.id) !== previous.id) {
            // Another tab signed somebody else in: nothing on this page is theirs.
            location.reload();
            await new Promise(() => {});
        }
        const lifeMs = expiresIn * 1000;
        const aheadMs = Math.min(RENEW_AHEAD_MS, lifeMs / 5);
        this.#token = accessToken;
        this.#renewAt = this.#clock.now() + lifeMs - aheadMs;
        this.#renewLater(lifeMs - aheadMs);
        this.user = { ...user, id: String(user.id) };
        this.wasEnded = false;
        this.dispatchEvent(new Event(previous === null ? "changed" : "token"));
    }

    #renewLater(delayMs) {
        this.#cancelRenewal();
        this.#cancelRenewal = this.#clock.after(delayMs, () => {
            this.#renew().catch(() => {
                if (this.user !== null) this.#renewLater(RENEW_RETRY_MS);
            });
        });
    }

    #leave() {
        const id = this.user?.id;
        this.wasEnded = false;
        this.#forget();
        if (id !== undefined) this.dispatchEvent(new CustomEvent("left", { detail: id }));
    }

    #forget() {
        this.#cancelRenewal();
        this.#token = null;
        this.#renewAt = 0;
        if (this.user === null) return;
        this.user = null;
        this.dispatchEvent(new Event("changed"));
    }
}

/** True when the server answered, and will answer the same again: there is no session to take up. */
function isRefusal({ status }) {
    return status >= 400 && status < 500 && status !== 429;
}
