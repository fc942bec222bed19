import { h, icon, paw } from "../dom.js";
import { RoomFeed } from "../room-feed.js";
import { t } from "../strings.js";
import { avatar } from "./avatar.js";
import { composer } from "./composer.js";
import { MessageList } from "./message-list.js";

/** How many of the newest messages a screen reader is given at once. */
const SPOKEN_MAX = 3;
const SPOKEN_AFTER_MS = 400;

/** An open room: its head, its messages and where to write. `app` has the parts of the client. */
export function roomView(app, roomId) {
    const { session, api, realtime, outbox, clock, visited, drafts } = app;
    const feed = new RoomFeed({
        roomId, user: session.user, api, realtime, outbox, clock, announce: !visited.has(roomId),
    });
    visited.add(roomId);
    const list = new MessageList(feed, session.user.id, outbox);
    const writing = composer(roomId, drafts, (text) => {
        const isTaken = outbox.add(roomId, text, clock.now()) !== null;
        if (isTaken) list.followEnd();
        return isTaken;
    });
    const spoken = h("div", { class: "visually-hidden", "aria-live": "polite", "data-testid": "announcer" });
    const head = h("div", { class: "room-title" });
    const state = h("div", { class: "room-state", role: "status" });
    const leave = h("button", {
        type: "button", class: "button quiet small", "data-testid": "leave", "aria-label": t("leave"),
        onclick: async () => {
            leave.disabled = true;
            // Who cannot tell the server leaves the page at least; the list still shows the truth.
            await api.leave(roomId).catch(() => {});
            visited.delete(roomId);
            app.roomsChanged();
            location.hash = "#/rooms";
        },
    }, icon("exit"), h("span", {}, t("leave")));
    const element = h("section", { class: "room", "data-testid": "room", "data-id": roomId },
        h("header", { class: "room-head" },
            h("a", { class: "back", href: "#/rooms", "aria-label": t("back") }, icon("arrowLeft")),
            head, leave),
        state, list.element, writing.element, spoken);

    const view = {
        element,
        title: t("loading"),
        focus: () => writing.focus(),
        close() {
            document.removeEventListener("visibilitychange", seen);
            clearTimeout(speaking);
            list.close();
            feed.close();
        },
    };

    feed.addEventListener("status", ({ detail: { name, room } }) => {
        element.dataset.status = name;
        writing.element.hidden = leave.hidden = name === "missing";
        list.element.hidden = name === "missing" || name === "failed";
        state.replaceChildren(...stateOf(name, () => feed.open()));
        if (name !== "ready") return;
        head.replaceChildren(
            avatar(room.title, `room ${room.id}`),
            h("div", {}, h("h1", { dir: "auto" }, room.title), h("p", { dir: "auto" }, room.content ?? "")));
        view.title = room.title;
        app.retitle();
    });

    let waiting = [];
    let speaking = null;
    let unseen = 0;
    const seen = () => {
        if (document.hidden) return;
        unseen = 0;
        app.retitle();
    };
    document.addEventListener("visibilitychange", seen);
    feed.addEventListener("messages", ({ detail: { places, isLive } }) => {
        const others = places.filter(({ message }) => isLive && message.senderId !== session.user?.id);
        if (others.length === 0) return;
        waiting.push(...others.map(({ message }) => t("said", { name: message.sender, text: message.text })));
        clearTimeout(speaking);
        speaking = setTimeout(() => {
            spoken.replaceChildren(...waiting.slice(-SPOKEN_MAX).map((words) => h("p", {}, words)));
            waiting = [];
        }, SPOKEN_AFTER_MS);
        if (!document.hidden) return;
        unseen += others.length;
        app.retitle(`(${unseen}) `);
    });

    feed.open();
    return view;
}

/** What stands in the place of messages while there are none to show. */
function stateOf(name, onRetry) {
    switch (name) {
    case "loading":
        return [h("p", {}, t("loading"))];
    case "missing":
        return [paw(), h("p", {}, t("roomMissing")), h("a", { class: "button", href: "#/rooms" }, t("back"))];
    case "failed":
        return [paw(), h("p", {}, t("roomFailed")),
            h("button", { type: "button", class: "button", onclick: onRetry }, t("retry"))];
    default:
        return [];
    }
}
