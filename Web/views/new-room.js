import { h } from "../dom.js";
import { newKey } from "../keys.js";
import { explain, t } from "../strings.js";

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
