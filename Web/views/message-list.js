import { h, icon } from "../dom.js";
import { t } from "../strings.js";
import { decorate, messageItem, noticeItem, pendingItem } from "./message-item.js";
import { Readers } from "./readers.js";

// Within this distance of the end, a reader is taken to follow what is said.
const FOLLOW_PX = 80;

/**
 * The messages of a `RoomFeed` on the page. It follows the newest one while the reader is at the
 * end, and holds the reader's place while they are not.
 */
export class MessageList {
    element;
    #feed;
    #userId;
    #actions;
    #onEnd;
    #readers;
    #items = new Map();
    #pendingItems = new Map();
    #list = h("ol", { class: "messages" });
    #pendingList = h("ol", { class: "messages pending" });
    #older = h("button", { type: "button", class: "button quiet older", hidden: true }, t("older"));
    #beginning = h("p", { class: "beginning", hidden: true }, t("beginning"));
    #scroller;
    #jump;
    #isFollowing = true;
    #scrollTop = 0;
    #followRequest = null;
    #sentinel;
    #resizes;

    /**
     * `actions` are what can be done to a message that was not sent, `marks` how far the others have
     * read. `onEnd` is called when the newest message is on the screen, as far as the list knows.
     */
    constructor(feed, userId, { actions, marks, onEnd }) {
        this.#feed = feed;
        this.#userId = userId;
        this.#actions = actions;
        this.#onEnd = onEnd;
        this.#readers = new Readers(feed, marks, (id) => this.#items.get(id));
        // What is new is spoken by the room's own live region; here it would read history aloud.
        this.#scroller = h("div", {
            class: "message-scroller", tabindex: 0,
            role: "log", "aria-live": "off", "aria-label": t("messages"),
        }, this.#older, this.#beginning, this.#list, this.#pendingList);
        this.#jump = h("button", {
            type: "button", class: "jump", hidden: true, onclick: () => this.followEnd(),
        }, icon("arrowDown"), t("newMessages"));
        this.element = h("div", { class: "message-area" }, this.#scroller, this.#jump);

        this.#older.addEventListener("click", () => this.#loadOlder());
        this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
        this.#sentinel = new IntersectionObserver((entries) => {
            if (entries.some(({ isIntersecting }) => isIntersecting)) this.#loadOlder();
        }, { root: this.#scroller, rootMargin: "500px 0px 0px" });
        this.#resizes = new ResizeObserver(() => this.#follow());
        this.#resizes.observe(this.#scroller);

        feed.addEventListener("messages", ({ detail }) => this.#insert(detail.places, detail.isLive));
        feed.addEventListener("joined", ({ detail }) => {
            this.#append(noticeItem(t("joined", detail), "notice"));
        });
        feed.addEventListener("divider", () => this.#append(noticeItem(t("mayBeMissing"), "divider")));
        feed.addEventListener("cleared", () => this.#clear());
        feed.addEventListener("pending", () => this.#showPending());
    }

    /** Whether the reader is at the newest message. */
    get isAtEnd() {
        return this.#isFollowing;
    }

    /** Goes to the newest message and stays with it. */
    followEnd() {
        this.#isFollowing = true;
        this.#jump.hidden = true;
        this.#follow();
    }

    close() {
        cancelAnimationFrame(this.#followRequest);
        this.#readers.close();
        this.#sentinel.disconnect();
        this.#resizes.disconnect();
    }

    #insert(places, isLive) {
        const hold = this.#isFollowing ? () => {} : this.#anchor();
        for (const { message, before, after } of places) {
            const item = messageItem(message, message.senderId === this.#userId);
            this.#items.set(message.id, item);
            const successor = before === null ? null : this.#items.get(before.id);
            this.#list.insertBefore(item, successor);
            decorate(item, message, after);
            if (before !== null) decorate(successor, before, message);
        }
        hold();
        this.#showEdges();
        if (this.#isFollowing) this.#trim();
        else if (isLive) this.#jump.hidden = false;
        this.#readers.place();
        this.#follow();
    }

    #append(item) {
        this.#list.append(item);
        this.#follow();
    }

    #clear() {
        this.#items.clear();
        this.#list.replaceChildren();
        this.#showEdges();
    }

    #trim() {
        const dropped = this.#feed.trim();
        if (dropped.length === 0) return;
        for (const { id } of dropped) this.#items.delete(id);
        const oldest = this.#items.get(this.#feed.oldestId);
        while (this.#list.firstChild !== oldest) this.#list.firstChild.remove();
        this.#showEdges();
    }

    #showPending() {
        const pending = this.#feed.pending;
        const keys = new Set(pending.map(({ key }) => key));
        for (const [key, { element }] of this.#pendingItems) {
            if (keys.has(key)) continue;
            element.remove();
            this.#pendingItems.delete(key);
        }
        for (const entry of pending) {
            let item = this.#pendingItems.get(entry.key);
            if (item === undefined) {
                item = pendingItem(entry.key, entry.text, this.#actions);
                this.#pendingItems.set(entry.key, item);
                this.#pendingList.append(item.element);
            }
            item.update(entry);
        }
        this.#follow();
    }

    #showEdges() {
        this.#older.hidden = !this.#feed.hasOlder;
        this.#beginning.hidden = this.#feed.hasOlder;
        if (this.#feed.hasOlder) this.#sentinel.observe(this.#older);
    }

    async #loadOlder() {
        if (!this.#feed.hasOlder || this.#feed.isLoadingOlder || this.#items.size === 0) return;
        this.#sentinel.unobserve(this.#older);
        this.#scroller.setAttribute("aria-busy", "true");
        try {
            await this.#feed.loadOlder();
            this.#sentinel.observe(this.#older);
        } catch {
            // The button stays, and pressing it tries again.
        } finally {
            this.#scroller.removeAttribute("aria-busy");
        }
    }

    /** Remembers where the oldest message stands; the returned function puts it back there. */
    #anchor() {
        const bubble = this.#list.querySelector(".bubble");
        if (bubble === null) return () => {};
        const top = bubble.getBoundingClientRect().top;
        return () => { this.#scroller.scrollTop += bubble.getBoundingClientRect().top - top; };
    }

    #scrolled() {
        const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
        // The end can also move away from the reader, who follows it then: only going up leaves it.
        if (scrollHeight - scrollTop - clientHeight < FOLLOW_PX) this.#isFollowing = true;
        else if (scrollTop < this.#scrollTop) this.#isFollowing = false;
        this.#scrollTop = scrollTop;
        if (!this.#isFollowing) return;
        this.#jump.hidden = true;
        this.#onEnd();
    }

    /** Once a frame, however many messages came in it. */
    #follow() {
        if (!this.#isFollowing || this.#followRequest !== null) return;
        this.#followRequest = requestAnimationFrame(() => {
            this.#followRequest = null;
            if (!this.#isFollowing) return;
            this.#scroller.scrollTop = this.#scroller.scrollHeight;
            this.#onEnd();
        });
    }
}
