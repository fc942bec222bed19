import { Api } from "./api.js";
import { fullJitterMs } from "./backoff.js";
import { WorkerClock } from "./clock.js";
import { h, paw } from "./dom.js";
import { MyRooms } from "./my-rooms.js";
import { Notifications } from "./notifications.js";
import { Outbox } from "./outbox.js";
import { Realtime } from "./realtime.js";
import { Session } from "./session.js";
import { StompConnection, stompURL } from "./stomp.js";
import { language, t } from "./strings.js";
import { bell } from "./views/bell.js";
import { connectionLine } from "./views/connection-line.js";
import { newRoomView } from "./views/new-room.js";
import { nodeLine } from "./views/node-line.js";
import { unreadWords } from "./views/room-items.js";
import { roomList } from "./views/rooms.js";
import { roomView } from "./views/room.js";
import { signInView } from "./views/sign-in.js";

const clock = new WorkerClock();
const session = new Session(clock);
const api = new Api(session);
const realtime = new Realtime({
    open: (options) => new StompConnection({ url: stompURL(location), clock, ...options }),
    credentials: (wish) => session.credentials(wish),
    clock,
    isOnline: () => navigator.onLine,
});

/** The parts of the client, as the views take them. */
const app = {
    session, api, realtime, clock,
    outbox: null,
    myRooms: null,
    notifications: null,
    visited: new Set(),
    drafts: new Map(),
    roomsChanged: () => rooms?.refresh(),
    /** The title of the page, with the number of unread messages before it. */
    retitle() {
        if (view === null) return;
        const unread = app.myRooms?.unread ?? 0;
        document.title = `${unread > 0 ? `(${unreadWords(unread)}) ` : ""}${view.title} · PetNexus`;
    },
};

let rooms = null;
let ringing = null;
let view = null;
let wanted = "#/rooms";

const main = h("main", { class: "main", id: "main", tabindex: -1 });
const sidebar = h("div", { class: "sidebar" });
const bellPlace = h("div", {});
const who = h("bdi", { class: "who" });
const signOut = h("button", {
    type: "button", class: "button quiet small", "data-testid": "sign-out",
    onclick: () => session.signOut(),
}, t("signOut"));
const shell = h("div", { class: "shell" },
    h("button", { type: "button", class: "skip", onclick: () => main.focus() }, t("skip")),
    h("header", { class: "topbar" },
        h("a", { class: "brand", href: "#/rooms" }, paw(), h("span", {}, "PetNexus")),
        connectionLine(realtime), bellPlace, who, signOut),
    h("div", { class: "panes" }, sidebar, main), nodeLine(realtime));

/** Shows what the address asks for, as far as the person may see it. */
function route() {
    const isIn = session.user !== null;
    const hash = location.hash || "#/";
    const entry = /^#\/(sign-in|sign-up)$/.exec(hash)?.[1];
    const roomId = /^#\/rooms\/(\d{1,15})$/.exec(hash)?.[1];
    if (!isIn && !entry) {
        if (roomId) wanted = hash;
        location.replace("#/sign-in");
    } else if (isIn && (entry || !(roomId || hash === "#/rooms"))) {
        location.replace(wanted);
        wanted = "#/rooms";
    } else {
        const next = entry ? signInView(session, entry)
            : roomId ? roomView(app, roomId)
            : newRoomView(api, enterNewRoom);
        show(next, entry ? "entry" : roomId ? "room" : "rooms");
        rooms?.setCurrent(roomId ?? null);
        if (!entry && !roomId) rooms?.refresh();
    }
}

function show(next, layout) {
    view?.close();
    view = next;
    shell.dataset.layout = layout;
    main.replaceChildren(view.element);
    app.retitle();
    // On a phone the keyboard would cover the room; there, a tap says when to write.
    if (matchMedia("(pointer: fine)").matches) view.focus();
    else main.focus({ preventScroll: true });
}

function enterNewRoom({ id }) {
    rooms.refresh();
    location.hash = `#/rooms/${id}`;
}

/** Somebody signed in or out. */
function peopleChanged() {
    rooms?.close();
    app.myRooms?.close();
    ringing?.close();
    app.notifications?.close();
    rooms = null;
    ringing = null;
    bellPlace.replaceChildren();
    sidebar.replaceChildren();
    signOut.hidden = session.user === null;
    who.textContent = session.user?.nickname ?? "";
    if (session.user === null) {
        realtime.stop();
        app.outbox = null;
        app.myRooms = null;
        app.notifications = null;
        app.visited.clear();
        app.drafts.clear();
    } else {
        app.outbox = savedOutbox();
        realtime.start(app.outbox);
        app.myRooms = new MyRooms({
            api, clock, isShown: () => !document.hidden,
            tabs: new BroadcastChannel(`petnexus-rooms-${session.user.id}`),
        });
        app.myRooms.addEventListener("change", () => app.retitle());
        rooms = roomList(api, app.myRooms, session.user.id);
        sidebar.append(rooms.element);
        app.notifications = new Notifications({ api, realtime, clock });
        ringing = bell(app.notifications);
        bellPlace.append(ringing.element);
    }
    route();
}

function outboxKey(userId) {
    return `petnexus.outbox.${userId}`;
}

/** The outbox of this tab; it survives a reload, so that nothing written is lost to one. */
function savedOutbox() {
    const key = outboxKey(session.user.id);
    const save = (items) => {
        try {
            sessionStorage.setItem(key, JSON.stringify(items));
        } catch {
            // A full or forbidden storage costs the messages their second life, not their first.
        }
    };
    try {
        return new Outbox({ saved: JSON.parse(sessionStorage.getItem(key) ?? "[]"), save });
    } catch {
        return new Outbox({ save });
    }
}

/** Finds out who is signed in; waits for the server where it does not answer. */
async function begin() {
    const splash = h("p", { class: "splash", role: "status" });
    document.body.append(splash);
    for (let attempt = 0; ; attempt += 1) {
        try {
            await session.restore();
            break;
        } catch {
            splash.textContent = t("unreachable");
            const delayMs = fullJitterMs(attempt, Math.random);
            await new Promise((resolve) => { clock.after(delayMs, resolve); });
        }
    }
    splash.replaceWith(shell);
    session.addEventListener("changed", peopleChanged);
    session.addEventListener("left", ({ detail }) => sessionStorage.removeItem(outboxKey(detail)));
    session.addEventListener("token", () => realtime.presentToken(session.token));
    realtime.addEventListener("state", ({ detail: { name } }) => {
        if (name === "connected") app.myRooms.refresh();
    });
    addEventListener("hashchange", route);
    addEventListener("online", () => realtime.networkFound());
    addEventListener("offline", () => realtime.networkLost());
    addEventListener("pageshow", () => realtime.pageShown());
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) realtime.pageShown();
    });
    peopleChanged();
}

document.documentElement.lang = language;
begin();
