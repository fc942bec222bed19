import { h, icon, paw } from "../dom.js";
import { RoomFeed } from "../room-feed.js";
import { RoomLife } from "../room-life.js";
import { t } from "../strings.js";
import { avatar } from "./avatar.js";
import { composer } from "./composer.js";
import { MessageList } from "./message-list.js";
import { peoplePanel } from "./people-panel.js";
import { writingLine } from "./writing-line.js";

/** How many of the newest messages a screen reader is given at once. */
const SPOKEN_MAX = 3;
const SPOKEN_AFTER_MS = 400;

// Why there is no room here, in words.
const ENDS = { missing: "roomMissing", refused: "roomRefused", removed: "roomRemoved" };

/** An open room: its head, its messages and where to write. `app` has the parts of the client. */
export function roomView(app, roomId) {
    const { session, api, realtime, outbox, clock, visited, drafts, myRooms } = app;
    const { user } = session;
    const feed = new RoomFeed({
        roomId, user, api, realtime, outbox, clock, announce: !visited.has(roomId),
    });
    visited.add(roomId);
    const life = new RoomLife({ roomId, user, api, realtime, clock });
    const list = new MessageList(feed, user.id, { actions: outbox, marks: life.marks, onEnd: () => seen() });
    const writing = composer(roomId, drafts, {
        onSend: (text) => {
            const isTaken = outbox.add(roomId, text, clock.now()) !== null;
            if (isTaken) list.followEnd();
            return isTaken;
        },
        onEdit: (text) => life.edited(text),
    });
    const line = writingLine(roomId, life.typists, outbox);
    const main = h("div", { class: "room-main" }, list.element, line.element, writing.element);
    const people = peoplePanel({
        attendance: life.attendance, user, beside: main, onUncover: () => seen(),
        kick: (id) => api.kick(roomId, id),
        unkick: (id) => api.unkick(roomId, id),
    });
    const spoken = h("div", { class: "visually-hidden", "aria-live": "polite", "data-testid": "announcer" });
    const head = h("div", { class: "room-title" });
    const state = h("div", { class: "room-state", role: "status", "data-testid": "room-state" });
    const body = h("div", { class: "room-body" }, main, people.panel);
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
            head, people.button, leave),
        state, body, spoken);

    const view = {
        element,
        title: t("loading"),
        focus: () => writing.focus(),
        close() {
            document.removeEventListener("visibilitychange", seen);
            clearTimeout(speaking);
            line.close();
            people.close();
            list.close();
            life.close();
            feed.close();
        },
    };

    // The newest message was on the screen: the page is shown, and neither scrolled away from its end
    // nor covered.
    const seen = () => {
        const isShown = element.dataset.status === "ready" && !document.hidden && !main.inert;
        if (!isShown || !list.isAtEnd) return;
        life.read(feed.position);
        myRooms.read(roomId, feed.position);
    };
    document.addEventListener("visibilitychange", seen);

    feed.addEventListener("status", ({ detail: { name, room } }) => {
        element.dataset.status = name;
        const hasEnded = name in ENDS;
        leave.hidden = hasEnded;
        body.hidden = hasEnded;
        list.element.hidden = name === "failed";
        state.replaceChildren(...stateOf(name, () => feed.open()));
        if (hasEnded) {
            people.button.hidden = true;
            visited.delete(roomId);
            app.roomsChanged();
        }
        if (name !== "ready") return;
        head.replaceChildren(
            avatar(room.title, `room ${room.id}`),
            h("div", {}, h("h1", { dir: "auto" }, room.title), h("p", { dir: "auto" }, room.content ?? "")));
        people.setRoom(room);
        life.begin(feed.position);
        app.roomsChanged();
        view.title = room.title;
        app.retitle();
    });

    let waiting = [];
    let speaking = null;
    feed.addEventListener("messages", ({ detail: { places, isLive } }) => {
        const messages = places.map(({ message }) => message);
        life.said(messages);
        if (!isLive) return;
        for (const message of messages) {
            myRooms.heard(roomId, message, feed.position, message.senderId === user.id);
        }
        const others = messages.filter(({ senderId }) => senderId !== user.id);
        if (others.length === 0) return;
        waiting.push(...others.map(({ sender, text }) => t("said", { name: sender, text })));
        clearTimeout(speaking);
        speaking = setTimeout(() => {
            spoken.replaceChildren(...waiting.slice(-SPOKEN_MAX).map((words) => h("p", {}, words)));
            waiting = [];
        }, SPOKEN_AFTER_MS);
    });
    feed.addEventListener("cleared", () => life.begin(feed.position));

    feed.open();
    return view;
}

/** What stands in the place of messages while there are none to show. */
function stateOf(name, onRetry) {
    switch (name) {
    case "loading":
        return [h("p", {}, t("loading"))];
    case "failed":
        return [paw(), h("p", {}, t("roomFailed")),
            h("button", { type: "button", class: "button", onclick: onRetry }, t("retry"))];
    case "ready":
        return [];
    default:
        return [paw(), h("p", {}, t(ENDS[name])), h("a", { class: "button", href: "#/rooms" }, t("back"))];
    }
}
