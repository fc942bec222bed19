import { h } from "../dom.js";
import { t } from "../strings.js";

const NAMED_MAX = 2;
const HOLDS = { "too-fast": "holdTooFast", "store-unavailable": "holdUnavailable" };

/**
 * The line above the composer: who is writing, or, before that, why what the reader wrote waits.
 * It keeps its height when it is empty, so that nothing moves when somebody begins to write.
 */
export function writingLine(roomId, typists, outbox) {
    // Screen readers hear why something waits; that somebody writes would be heard all the time.
    const hint = h("span", { class: "hold", role: "status", "data-testid": "hold" });
    const dots = h("span", { class: "typing-dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    const words = h("bdi", {});
    const typing = h("span", { class: "typing", "data-testid": "typing", hidden: true }, dots, words);
    const element = h("p", { class: "writing-line" }, hint, typing);

    const update = () => {
        const waits = outbox.forRoom(roomId).some(({ state }) => state === "pending");
        const hold = waits ? HOLDS[outbox.hold] : undefined;
        const said = hold === undefined ? "" : t(hold);
        if (hint.textContent !== said) hint.textContent = said;
        const names = typists.names;
        typing.hidden = said !== "" || names.length === 0;
        words.textContent = typingWords(names);
    };
    typists.addEventListener("change", update);
    outbox.addEventListener("change", update);
    update();
    return {
        element,
        close() {
            typists.removeEventListener("change", update);
            outbox.removeEventListener("change", update);
        },
    };
}

/** Who is writing, in words: by name while they are few. */
export function typingWords(names) {
    if (names.length === 0) return "";
    if (names.length === 1) return t("typingOne", { name: names[0] });
    if (names.length <= NAMED_MAX) return t("typingTwo", { one: names[0], other: names[1] });
    return t("typingMany", { name: names[0], n: names.length - 1 });
}
