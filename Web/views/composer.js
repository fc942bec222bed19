import { h, icon } from "../dom.js";
import { t } from "../strings.js";

const TEXT_MAX = 2_000;

/**
 * Where a message is written. `onSend(text)` returns false when it was not taken; the text stays
 * then. `onEdit(text)` hears of every change. `drafts` keeps what was begun in each room.
 */
export function composer(roomId, drafts, { onSend, onEdit }) {
    const input = h("textarea", {
        class: "composer-input", "data-testid": "composer", rows: 1, maxlength: TEXT_MAX,
        placeholder: t("write"), "aria-label": t("write"), enterkeyhint: "send", dir: "auto",
    });
    const error = h("p", { class: "form-error", role: "alert" });
    const submit = h("button", { class: "send", "data-testid": "send", "aria-label": t("send") },
        icon("arrowUp"));
    const form = h("form", { class: "composer" }, error, h("div", { class: "composer-box" }, input, submit));

    const resize = () => {
        submit.disabled = input.value.trim() === "";
        input.style.height = "auto";
        input.style.height = `${input.scrollHeight}px`;
    };
    const send = () => {
        const text = input.value.trim();
        if (text === "") return;
        const isTaken = onSend(text);
        error.textContent = isTaken ? "" : t("outboxFull");
        if (!isTaken) return;
        input.value = "";
        drafts.delete(roomId);
        onEdit("");
        resize();
        input.focus();
    };

    form.addEventListener("submit", (event) => {
        event.preventDefault();
        send();
    });
    input.addEventListener("input", () => {
        drafts.set(roomId, input.value);
        onEdit(input.value);
        resize();
    });
    input.addEventListener("keydown", (event) => {
        // While Korean, Japanese or Chinese is being composed, Enter ends the syllable. 229 is how
        // Safari says so for the key press that ends the composition.
        const isComposing = event.isComposing || event.keyCode === 229;
        if (event.key !== "Enter" || event.shiftKey || isComposing) return;
        event.preventDefault();
        send();
    });

    input.value = drafts.get(roomId) ?? "";
    requestAnimationFrame(resize);
    return { element: form, focus: () => input.focus({ preventScroll: true }) };
}
