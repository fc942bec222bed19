/**
 * The time and its timers, as everything that waits here takes them: `now()` in milliseconds, and
 * `after(delayMs, action)`, which returns a function that cancels. Tests pass a manual one.
 *
 * Browsers slow the timers of hidden pages down to one a minute, and a server that enforces
 * heart-beats would then cut the connection of every tab in the background. Timers of a worker
 * keep their pace, so they run there.
 */
export class WorkerClock {
    #worker;
    #actions = new Map();
    #nextId = 1;

    constructor() {
        this.#worker = new Worker(new URL("./clock-worker.js", import.meta.url));
        this.#worker.onmessage = (event) => this.#fire(event.data);
        this.#worker.onerror = () => this.#fallBack();
    }

    now() {
        return Date.now();
    }

    after(delayMs, action) {
        const id = this.#nextId++;
        this.#actions.set(id, { action, due: this.now() + delayMs });
        if (this.#worker) this.#worker.postMessage({ id, delayMs });
        else setTimeout(() => this.#fire(id), delayMs);
        return () => this.#actions.delete(id);
    }

    #fire(id) {
        const timer = this.#actions.get(id);
        this.#actions.delete(id);
        timer?.action();
    }

    /** Slow timers are better than none: where the worker cannot be loaded, the page's are used. */
    #fallBack() {
        this.#worker = null;
        for (const [id, { due }] of this.#actions) setTimeout(() => this.#fire(id), due - this.now());
    }
}
