import { dayWords, isSameDay, timeWords } from "../dates.js";
import { h, icon } from "../dom.js";
import { linkify } from "../linkify.js";
import { t } from "../strings.js";
import { avatar } from "./avatar.js";

const GROUP_MS = 5 * 60_000;

const REASONS = {
    "forbidden": "reasonForbidden",
    "too-large": "reasonTooLarge",
    "no-such-destination": "reasonMissing",
};

/** A stored message. `decorate` adds what depends on the message above it. */
export function messageItem(message, isOwn) {
    return h("li", {
        class: isOwn ? "message own" : "message",
        "data-testid": "message", "data-id": message.id, "data-state": "stored",
    },
    isOwn ? null : avatar(message.sender, message.senderId),
    h("div", { class: "message-main" },
        h("div", { class: "message-meta" },
            h("bdi", { class: isOwn ? "visually-hidden" : "message-name" }, message.sender),
            time(message.createdAt),
            isOwn ? status("stored") : null),
        h("div", { class: "bubble-row" }, bubble(message.text))));
}

/**
 * Joins a message, which is on the page, to the one above it, or starts a group or a day. A line
 * between the two keeps them apart.
 */
export function decorate(item, message, above) {
    const startsDay = above === null || !isSameDay(message.createdAt, above.createdAt);
    const isAdjacent = item.previousElementSibling?.classList.contains("message");
    const isGrouped = isAdjacent && !startsDay && above.senderId === message.senderId
        && message.createdAt - above.createdAt < GROUP_MS;
    item.classList.toggle("grouped", Boolean(isGrouped));
    const label = item.querySelector(".day");
    if (!startsDay) label?.remove();
    else if (label === null) item.prepend(dayLabel(message.createdAt));
}

/** A message of one's own on its way. `actions` are `retry(key)` and `discard(key)`. */
export function pendingItem(key, text, actions) {
    const meta = h("div", { class: "message-meta" });
    const foot = h("div", { class: "message-actions" });
    const element = h("li", { class: "message own", "data-testid": "message", "data-key": key },
        h("div", { class: "message-main" }, meta, h("div", { class: "bubble-row" }, bubble(text)), foot));
    return {
        element,
        update({ state, reason }) {
            if (element.dataset.state === state) return;
            element.dataset.state = state;
            meta.replaceChildren(status(state));
            foot.replaceChildren();
            if (state !== "failed") return;
            const words = REASONS[reason];
            foot.append(
                h("span", { class: "message-reason" }, words ? t(words) : ""),
                action("retry", () => actions.retry(key)),
                action("discard", () => actions.discard(key)));
        },
    };
}

function action(name, onclick) {
    return h("button", { type: "button", "data-testid": name, onclick }, t(name));
}

function dayLabel(date) {
    return h("div", { class: "day" }, h("span", {}, dayWords(date)));
}

/** A line about the room, between messages. */
export function noticeItem(words, testId) {
    return h("li", { class: "notice", "data-testid": testId }, h("span", {}, words));
}

function bubble(text) {
    return h("div", { class: "bubble", dir: "auto", "data-testid": "message-text" }, ...linkify(text));
}

function status(state) {
    const drawing = { pending: "clock", stored: "check", failed: "alert" }[state];
    const words = h("span", { class: state === "stored" ? "visually-hidden" : "status-words" }, t(state));
    return h("span", { class: "status" }, words, icon(drawing));
}

function time(date) {
    const words = timeWords(date);
    return words === "" ? null : h("time", { datetime: date.toISOString() }, words);
}
