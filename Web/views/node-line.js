import { h } from "../dom.js";
import { t } from "../strings.js";

/** The line that says which of a site's servers the page is connected to, where they have names. */
export function nodeLine(realtime) {
    const element = h("footer", { class: "node-line", "data-testid": "node", hidden: true });

    realtime.addEventListener("state", ({ detail: { name } }) => {
        // It stays through a reconnection: what comes and goes would move the page.
        if (name !== "connected" && name !== "signed-out") return;
        element.hidden = name === "signed-out" || realtime.node === null;
        element.textContent = element.hidden ? "" : t("servedBy", { node: realtime.node });
    });
    return element;
}
