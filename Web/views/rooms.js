import { h, icon } from "../dom.js";
import { t } from "../strings.js";
import { myRoomItem, openRoomItem } from "./room-items.js";

const PAGE = 30;
const REFRESH_MS = 30_000;

/**
 * The lists of rooms: the reader's own first, then the other open ones. `myRooms` keeps the first one
 * fresh; the second one is asked for now and then while somebody looks at the page.
 */
export function roomList(api, myRooms, userId) {
    const mine = section(t("myRooms"), "my-rooms", (room) => myRoomItem(room, userId));
    const others = section(t("otherRooms"), "other-rooms", openRoomItem);
    let open = null;
    let pages = 1;
    let hasMoreOpen = false;
    let current = null;
    let loading = null;
    let hasFailed = false;
    const note = h("p", { class: "room-note", role: "status" }, t("loading"));
    mine.more.addEventListener("click", () => myRooms.showMore());
    others.more.addEventListener("click", () => {
        pages += 1;
        refreshOpen();
    });
    const element = h("nav", { class: "rooms", "aria-label": t("rooms") },
        h("div", { class: "rooms-head" },
            h("a", {
                class: "button small", href: "#/rooms", "data-testid": "new-room",
                // The form may be on the page already, further down on a phone.
                onclick: () => document.getElementById("room-title")?.focus(),
            }, icon("plus"), t("newRoom"))),
        note, mine.element, others.element);

    const show = () => {
        // Which rooms are others is not known before it is known which are one's own.
        if (open === null || myRooms.list === null) {
            note.textContent = t(hasFailed ? "roomsFailed" : "loading");
            return;
        }
        const own = new Set(myRooms.list.map(({ roomId }) => roomId));
        mine.show(myRooms.list.map((room) => [room.roomId, room]), myRooms.hasMore);
        const rest = open.filter(({ id }) => !own.has(String(id)));
        others.show(rest.map((room) => [String(room.id), room]), hasMoreOpen);
        note.textContent = own.size + rest.length === 0 ? t("noRooms") : "";
        mark();
    };
    const load = async () => {
        try {
            const answers = [];
            for (let page = 1; page <= pages; page += 1) answers.push(await api.rooms(page, PAGE));
            const rooms = new Map(answers.flatMap(({ content }) => content).map((room) => [room.id, room]));
            open = [...rooms.values()];
            hasMoreOpen = answers.at(-1).totalElements > pages * PAGE;
        } catch {
            hasFailed = true;
        }
        show();
    };
    const refreshOpen = () => {
        loading ??= load().finally(() => { loading = null; });
        return loading;
    };
    const refresh = () => Promise.all([myRooms.refresh(), refreshOpen()]);
    const mark = () => {
        for (const link of element.querySelectorAll(".room-item")) {
            if (link.dataset.id === current) link.setAttribute("aria-current", "page");
            else link.removeAttribute("aria-current");
        }
    };
    const refreshIfSeen = () => {
        if (!document.hidden) refresh();
    };
    const timer = setInterval(() => {
        if (!document.hidden) refreshOpen();
    }, REFRESH_MS);
    document.addEventListener("visibilitychange", refreshIfSeen);
    myRooms.addEventListener("change", show);
    refreshOpen();

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
            myRooms.removeEventListener("change", show);
        },
    };
}

/** A titled list that is hidden while it is empty. `makeItem(room)` answers `{element, update(room)}`. */
function section(title, testId, makeItem) {
    const items = new Map();
    let order = "";
    const list = h("ul", { class: "room-items" });
    const more = h("button", { type: "button", class: "button quiet", hidden: true }, t("moreRooms"));
    const element = h("section", { class: "room-section", "data-testid": testId, hidden: true },
        h("h2", {}, title), list, more);
    return {
        element, more,
        /** Shows these rooms, `[id, room]` each, in their order. */
        show(rooms, hasMore) {
            element.hidden = rooms.length === 0 && !hasMore;
            more.hidden = !hasMore;
            const keep = new Set(rooms.map(([id]) => id));
            for (const id of [...items.keys()]) {
                if (!keep.has(id)) items.delete(id);
            }
            for (const [id, room] of rooms) {
                if (!items.has(id)) items.set(id, makeItem(room));
                items.get(id).update(room);
            }
            const nextOrder = rooms.map(([id]) => id).join();
            if (nextOrder === order) return;
            order = nextOrder;
            // Moving an element takes the focus from it, so it is given back.
            const focused = list.contains(document.activeElement) ? document.activeElement : null;
            list.replaceChildren(...rooms.map(([id]) => items.get(id).element));
            focused?.focus();
        },
    };
}
