import { shortWords } from "../dates.js";
import { h, icon } from "../dom.js";
import { t } from "../strings.js";
import { avatar } from "./avatar.js";

const UNREAD_MAX = 99;

/** A number of unread messages as there is place for it. */
export function unreadWords(count) {
    return count > UNREAD_MAX ? `${UNREAD_MAX}+` : String(count);
}

/** A room of the reader's own in the list: what was said last, and how much is unread. */
export function myRoomItem({ roomId, title }, userId) {
    const name = h("bdi", { class: "room-name" });
    const last = h("span", { class: "room-about", dir: "auto" });
    const when = h("time", { class: "room-when" });
    const badge = h("span", { class: "unread", "data-testid": "unread", "aria-hidden": "true" });
    const spoken = h("span", { class: "visually-hidden" });
    const element = item(roomId, title, name, when, last, h("span", {}, badge, spoken));
    return {
        element,
        update(room) {
            name.textContent = room.title;
            const { lastMessage: message, unreadCount } = room;
            const isOwn = message !== null && String(message.senderId) === userId;
            last.textContent = message === null ? t("nothingSaid")
                : t("said", { name: isOwn ? t("you") : message.sender, text: message.message });
            when.textContent = message === null ? "" : shortWords(new Date(message.createdAt));
            badge.hidden = unreadCount === 0;
            badge.textContent = unreadWords(unreadCount);
            element.classList.toggle("has-unread", unreadCount > 0);
            spoken.textContent = unreadCount === 0 ? ""
                : unreadCount === 1 ? t("oneUnread") : t("unread", { n: unreadCount });
        },
    };
}

/** Another open room in the list: what it is about, and how many its members are. */
export function openRoomItem({ id, title }) {
    const name = h("bdi", { class: "room-name" });
    const about = h("span", { class: "room-about", dir: "auto" });
    const members = h("span", { class: "room-members" });
    return {
        element: item(id, title, name, members, about, null),
        update(room) {
            name.textContent = room.title;
            about.textContent = room.content ?? "";
            const n = room.memberCount;
            const words = n === 1 ? t("oneMember") : t("members", { n });
            members.replaceChildren(icon("people"), h("span", { "aria-hidden": "true" }, String(n)),
                h("span", { class: "visually-hidden" }, words));
        },
    };
}

/** The room's face, and two lines beside it, each with something at its end. */
function item(id, title, name, besideName, about, besideAbout) {
    return h("li", {},
        h("a", { class: "room-item", href: `#/rooms/${id}`, "data-testid": "room-item", "data-id": id },
            avatar(title, `room ${id}`),
            h("span", { class: "room-text" },
                h("span", { class: "room-line" }, name, besideName),
                h("span", { class: "room-line" }, about, besideAbout))));
}
