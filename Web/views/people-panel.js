import { h, icon } from "../dom.js";
import { explain, language, t } from "../strings.js";
import { avatar } from "./avatar.js";

const FACES_MAX = 3;
// Beside the messages there is no place for the list where this matches: it covers them.
const NARROW = matchMedia("(max-width: 760px)");
const COLLATOR = new Intl.Collator(language, { numeric: true });

/**
 * Who is in the room: a button with their faces and number, and the panel it opens. Whoever `mayRemove`
 * can remove people there, and take it back at once. `beside` is what the panel covers on a phone;
 * `onUncover` is called when it does so no longer.
 */
export function peoplePanel({ attendance, user, kick, unkick, beside, onUncover }) {
    const faces = h("span", { class: "faces", "aria-hidden": "true" });
    const number = h("span", { class: "people-number", "aria-hidden": "true" });
    const button = h("button", {
        type: "button", class: "button quiet small people-button", "data-testid": "people",
        "aria-expanded": "false", "aria-controls": "people-panel", hidden: true, onclick: () => toggle(),
    }, icon("people"), faces, number);
    const heading = h("h2", { tabindex: -1 }, t("hereNow"));
    const close = h("button", {
        type: "button", class: "button quiet small", "data-testid": "close-people",
        "aria-label": t("close"), onclick: () => toggle(),
    }, icon("cross"));
    const error = h("p", { class: "form-error", role: "alert" });
    const removed = h("ul", {});
    const list = h("ul", { class: "people" });
    const more = h("p", { class: "people-more", hidden: true });
    const panel = h("aside", {
        class: "people-panel", id: "people-panel", "data-testid": "people-panel", hidden: true,
        "aria-label": t("hereNow"),
        onkeydown: (event) => {
            if (event.key === "Escape") toggle();
        },
    },
    h("header", { class: "people-head" }, heading, close),
    error, h("div", { role: "status" }, removed), list, more);

    let room = null;
    const rows = new Map();
    // Who was removed here and can be let in again: id → their row.
    const gone = new Map();

    const cover = () => {
        const wasCovered = beside.inert;
        beside.inert = !panel.hidden && NARROW.matches;
        if (wasCovered && !beside.inert) onUncover();
    };
    const toggle = () => {
        panel.hidden = !panel.hidden;
        button.setAttribute("aria-expanded", String(!panel.hidden));
        cover();
        update();
        (panel.hidden ? button : heading).focus();
    };
    const mayRemove = (id) => room !== null && id !== user.id && id !== String(room.ownerId)
        && (String(room.ownerId) === user.id || user.role === "ADMIN");

    const remove = async ({ id, name }) => {
        error.textContent = "";
        try {
            await kick(id);
            const row = removedRow(name, () => undo(id));
            gone.set(id, row);
            removed.append(row.element);
            update();
            row.focus();
        } catch (failure) {
            error.textContent = explain(failure);
        }
    };
    const undo = async (id) => {
        error.textContent = "";
        try {
            await unkick(id);
            gone.get(id).element.remove();
            gone.delete(id);
            update();
            heading.focus();
        } catch (failure) {
            error.textContent = explain(failure);
        }
    };

    const order = (people) => people.filter(({ id }) => !gone.has(id)).sort((one, other) => {
        const first = Number(other.id === user.id) - Number(one.id === user.id);
        return first || COLLATOR.compare(one.name, other.name) || Number(one.id) - Number(other.id);
    });
    const showList = () => {
        const people = order(attendance.people);
        const keep = new Set(people.map(({ id }) => id));
        for (const [id, row] of rows) {
            if (keep.has(id)) continue;
            // The focus must not fall out of the panel with the one who leaves.
            if (row.contains(document.activeElement)) heading.focus();
            row.remove();
            rows.delete(id);
        }
        people.forEach((person, index) => {
            if (!rows.has(person.id)) rows.set(person.id, personRow(person, aboutOf(person), actionOf(person)));
            const row = rows.get(person.id);
            // Moving an element takes the focus from it, so only who stands wrong is moved.
            if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
        });
        const unnamed = attendance.count - attendance.people.length;
        more.hidden = unnamed <= 0;
        more.textContent = t("andMore", { n: unnamed });
    };
    const aboutOf = ({ id }) => [
        ...(id === user.id ? [t("you")] : []), ...(id === String(room?.ownerId) ? [t("owner")] : []),
    ].join(" · ");
    const actionOf = (person) => (mayRemove(person.id) ? () => remove(person) : null);

    const update = () => {
        const { count, people } = attendance;
        button.hidden = count === null;
        if (count === null) return;
        const words = count === 1 ? t("oneHere") : t("here", { n: count });
        button.setAttribute("aria-label", t("showPeople", { words }));
        button.title = words;
        number.textContent = String(count);
        const others = people.filter(({ id }) => id !== user.id);
        faces.replaceChildren(...others.slice(0, FACES_MAX).map(({ id, name }) => avatar(name, id)));
        heading.textContent = `${t("hereNow")} · ${count}`;
        if (!panel.hidden) showList();
    };
    attendance.addEventListener("change", update);
    NARROW.addEventListener("change", cover);

    return {
        button, panel,
        /** The room is known now, and who may remove people from it. */
        setRoom(value) {
            room = value;
            rows.clear();
            list.replaceChildren();
            update();
        },
        close() {
            attendance.removeEventListener("change", update);
            NARROW.removeEventListener("change", cover);
        },
    };
}

function personRow({ id, name }, about, onRemove) {
    return h("li", { class: "person", "data-testid": "person", "data-id": id },
        avatar(name, id),
        h("span", { class: "person-text" },
            h("bdi", { class: "person-name" }, name),
            about === "" ? null : h("span", { class: "person-about" }, about)),
        onRemove && h("button", {
            type: "button", class: "button quiet small", "data-testid": "remove",
            "aria-label": t("removePerson", { name }), onclick: onRemove,
        }, t("remove")));
}

function removedRow(name, onUndo) {
    const undo = h("button", {
        type: "button", class: "button quiet small", "data-testid": "undo-remove", onclick: onUndo,
    }, t("undo"));
    const element = h("li", { class: "person removed" },
        h("span", { class: "person-name", dir: "auto" }, t("wasRemoved", { name })), undo);
    return { element, focus: () => undo.focus() };
}
