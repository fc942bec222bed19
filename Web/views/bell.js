import { shortWords } from "../dates.js";
import { h, icon } from "../dom.js";
import { explain, t } from "../strings.js";
import { avatar } from "./avatar.js";
import { unreadWords } from "./room-items.js";

const WORDS = { MESSAGE: "toldMessage", COMMENT: "toldComment", LIKE: "toldLike", PURCHASE: "toldPurchase" };

/** The bell: how much of what the reader was told is unread, and the list that it opens. */
export function bell(notifications) {
    const badge = h("span", { class: "unread", "data-testid": "bell-count", "aria-hidden": "true", hidden: true });
    const button = h("button", {
        type: "button", class: "button quiet small bell", "data-testid": "bell",
        "aria-expanded": "false", "aria-controls": "notifications", onclick: () => toggle(panel.hidden),
    }, icon("bell"), badge);
    const heading = h("h2", { tabindex: -1 }, t("notifications"));
    const error = h("p", { class: "form-error", role: "alert" });
    const attempt = async (action) => {
        error.textContent = "";
        try {
            await action();
        } catch (failure) {
            error.textContent = explain(failure);
        }
    };
    const readAll = h("button", {
        type: "button", class: "button quiet small", "data-testid": "read-all",
        onclick: () => attempt(() => notifications.readAll()),
    }, t("readAll"));
    const list = h("ul", { class: "notifications" });
    const note = h("p", { class: "room-note", role: "status" }, t("loading"));
    const more = h("button", {
        type: "button", class: "button quiet small", hidden: true, onclick: () => notifications.showMore(),
    }, t("moreNotifications"));
    const panel = h("aside", {
        class: "notifications-panel", id: "notifications", "data-testid": "notifications", hidden: true,
        "aria-label": t("notifications"),
        onkeydown: (event) => {
            if (event.key === "Escape") toggle(false);
        },
    }, h("header", { class: "people-head" }, heading, readAll), error, note, list, more);
    const element = h("div", { class: "bell-place" }, button, panel);

    const rows = new Map();
    const toggle = (isOpen) => {
        panel.hidden = !isOpen;
        button.setAttribute("aria-expanded", String(isOpen));
        (isOpen ? heading : button).focus();
    };
    const show = () => {
        const { list: entries, unread } = notifications;
        badge.hidden = unread === 0;
        badge.textContent = unreadWords(unread);
        button.setAttribute("aria-label", unread === 0 ? t("notifications") : t("unreadNotifications", { n: unread }));
        button.title = button.getAttribute("aria-label");
        if (unread === 0 && document.activeElement === readAll) heading.focus();
        readAll.hidden = unread === 0;
        if (entries === null) return;
        note.textContent = entries.length === 0 ? t("noNotifications") : "";
        more.hidden = !notifications.hasMore;
        const keep = new Set(entries.map(({ id }) => id));
        for (const [id, row] of rows) {
            if (keep.has(id)) continue;
            // The focus must not fall out of the panel with what goes.
            if (row.element.contains(document.activeElement)) heading.focus();
            row.element.remove();
            rows.delete(id);
        }
        entries.forEach((entry, index) => {
            if (!rows.has(entry.id)) rows.set(entry.id, notificationRow(entry, actions));
            const row = rows.get(entry.id);
            row.update(entry);
            // Moving an element takes the focus from it, so only what stands wrong is moved.
            if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
        });
    };
    const actions = {
        open(entry) {
            if (!entry.isRead) attempt(() => notifications.read(entry.id));
            if (pageOf(entry) !== null) toggle(false);
        },
        remove: (id) => attempt(() => notifications.remove(id)),
    };
    notifications.addEventListener("change", show);
    const hideOutside = (event) => {
        if (!panel.hidden && !element.contains(event.target)) {
            panel.hidden = true;
            button.setAttribute("aria-expanded", "false");
        }
    };
    document.addEventListener("pointerdown", hideOutside);
    show();
    return {
        element,
        close() {
            notifications.removeEventListener("change", show);
            document.removeEventListener("pointerdown", hideOutside);
        },
    };
}

/** The page of this client that shows what a notification is about; null where it has none. */
function pageOf({ subject }) {
    return subject.type === "openchat" ? `#/rooms/${subject.id}` : null;
}

function notificationRow(first, actions) {
    let entry = first;
    const page = pageOf(first);
    const words = h("span", { class: "notification-words", dir: "auto" });
    const when = h("time", { class: "room-when" });
    const face = h("span", {});
    const open = h(page === null ? "button" : "a", {
        type: page === null && "button", href: page, class: "notification-item",
        "data-testid": "notification-item", onclick: () => actions.open(entry),
    }, face, words, when);
    const remove = h("button", {
        type: "button", class: "button quiet small", "data-testid": "delete-notification",
        "aria-label": t("deleteNotification"), onclick: () => actions.remove(first.id),
    }, icon("cross"));
    const element = h("li", {
        class: "notification", "data-testid": "notification", "data-id": first.id,
    }, open, remove);
    return {
        element,
        update(next) {
            entry = next;
            face.replaceChildren(avatar(entry.actor.name, String(entry.actor.id)));
            const key = WORDS[entry.type];
            // What this client does not know speaks for itself.
            words.textContent = key === undefined ? entry.content : t(key, {
                name: entry.actor.name, title: entry.subject.title, n: entry.count,
            });
            when.textContent = shortWords(new Date(entry.createdAt));
            element.classList.toggle("has-unread", !entry.isRead);
            element.dataset.read = String(entry.isRead);
        },
    };
}
