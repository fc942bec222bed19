import { h, icon } from "../dom.js";
import { newKey } from "../keys.js";
import { explain, t } from "../strings.js";
import { avatar } from "./avatar.js";

const PAGE = 30;
const REFRESH_MS = 15_000;

/** The list of open rooms. It keeps itself up to date while somebody looks at the page. */
export function roomList(api) {
    const items = new Map();
    let pages = 1;
    let order = "";
    let current = null;
    let loading = null;
    const list = h("ul", { class: "room-items" });
    const note = h("p", { class: "room-note", role: "status" }, t("loading"));
    const more = h("button", { type: "button", class: "button quiet", hidden: true, onclick: () => {
        pages += 1;
        refresh();
    } }, t("moreRooms"));
    const element = h("nav", { class: "rooms", "aria-label": t("rooms") },
        h("div", { class: "rooms-head" },
            h("h2", {}, t("rooms")),
            h("a", {
                class: "button small", href: "#/rooms", "data-testid": "new-room",
                // The form may be on the page already, further down on a phone.
                onclick: () => document.getElementById("room-title")?.focus(),
            }, icon("plus"), t("newRoom"))),
        note, list, more);

    const show = (rooms, hasMore) => {
        note.textContent = rooms.length === 0 ? t("noRooms") : "";
        more.hidden = !hasMore;
        for (const room of rooms) {
            if (!items.has(room.id)) items.set(room.id, roomItem(room));
            items.get(room.id).update(room);
        }
        const nextOrder = rooms.map(({ id }) => id).join();
        // Moving an element takes the focus from it, so only a changed order is applied.
        if (nextOrder === order) return;
        order = nextOrder;
        list.replaceChildren(...rooms.map(({ id }) => items.get(id).element));
    };

    const load = async () => {
        try {
            const answers = [];
            for (let page = 1; page <= pages; page += 1) answers.push(await api.rooms(page, PAGE));
            const rooms = new Map(answers.flatMap(({ content }) => content).map((room) => [room.id, room]));
            show([...rooms.values()], answers.at(-1).totalElements > pages * PAGE);
            mark();
        } catch {
            if (items.size === 0) note.textContent = t("roomsFailed");
        }
    };
    const refresh = () => {
        loading ??= load().finally(() => { loading = null; });
        return loading;
    };
    const mark = () => {
        for (const [id, { element: item }] of items) {
            if (String(id) === current) item.firstChild.setAttribute("aria-current", "page");
            else item.firstChild.removeAttribute("aria-current");
        }
    };
    const refreshIfSeen = () => {
        if (!document.hidden) refresh();
    };
    const timer = setInterval(refreshIfSeen, REFRESH_MS);
    document.addEventListener("visibilitychange", refreshIfSeen);
    refresh();

    return {
        element,
        refresh,
        /** Marks the room that is open; null when none is. */
        setCurrent(id) {
            current = id;
            mark();
        },
        close() {
            clearInterval(timer);
            document.removeEventListener("visibilitychange", refreshIfSeen);
        },
    };
}

function roomItem({ id, title }) {
    const name = h("bdi", { class: "room-name" });
    const about = h("span", { class: "room-about", dir: "auto" });
    const members = h("span", { class: "room-members" });
    const element = h("li", {},
        h("a", { class: "room-item", href: `#/rooms/${id}`, "data-testid": "room-item", "data-id": id },
            avatar(title, `room ${id}`),
            h("span", { class: "room-text" }, name, about), members));
    return {
        element,
        update(room) {
            name.textContent = room.title;
            about.textContent = room.content ?? "";
            const n = room.memberCount;
            members.replaceChildren();
            if (n === undefined) return;
            const words = n === 1 ? t("oneMember") : t("members", { n });
            members.append(icon("people"), h("span", { "aria-hidden": "true" }, String(n)),
                h("span", { class: "visually-hidden" }, words));
        },
    };
}

/** The page beside the list while no room is open: a form for a new one. */
export function newRoomView(api, onCreated) {
    // Kept until the room exists, so that pressing twice or trying again creates one room.
    let key = newKey();
    const title = h("input", {
        id: "room-title", "data-testid": "room-title", required: true, maxlength: 100, autocomplete: "off",
        placeholder: t("roomTitleExample"),
    });
    const description = h("textarea", {
        id: "room-description", "data-testid": "room-description", maxlength: 500, rows: 2,
        placeholder: t("roomDescriptionExample"),
    });
    const error = h("p", { class: "form-error", role: "alert", "data-testid": "form-error" });
    const submit = h("button", { class: "button primary", "data-testid": "create-room" }, t("createRoom"));
    const form = h("form", { class: "card new-room", onsubmit: async (event) => {
        event.preventDefault();
        error.textContent = "";
        submit.disabled = true;
        try {
            const room = await api.createRoom(title.value.trim(), description.value.trim(), key);
            key = newKey();
            onCreated(room);
        } catch (failure) {
            // A refused form is changed before it is sent again, and a changed one is another room.
            if (failure.status >= 400 && failure.status < 500) key = newKey();
            error.textContent = explain(failure);
        } finally {
            submit.disabled = false;
        }
    } },
    h("h1", {}, t("newRoomTitle")),
    h("p", { class: "hint" }, t("newRoomHint")),
    h("div", { class: "field" }, h("label", { for: "room-title" }, t("roomTitle")), title),
    h("div", { class: "field" }, h("label", { for: "room-description" }, t("roomDescription")), description),
    error, submit);
    const element = h("div", { class: "new-room-page" },
        h("img", { src: "illustration.svg", alt: "", width: 300, height: 216 }), form);
    return { element, title: t("rooms"), focus: () => title.focus(), close() {} };
}
