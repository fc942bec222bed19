import { h } from "../dom.js";
import { t } from "../strings.js";

const WORDS = {
    "connected": "connected",
    "connecting": "connecting",
    "waiting": "waitingShort",
    "offline": "offline",
    "signed-out": "signedOut",
};

/** The line that always says how the connection is; it counts the seconds to the next attempt. */
export function connectionLine(realtime) {
    const label = h("span", { class: "connection-label", "aria-hidden": "true" });
    // Screen readers hear each change once, not every second of a countdown.
    const spoken = h("span", { class: "visually-hidden", role: "status" });
    const retry = h("button", {
        type: "button", class: "connection-retry", "data-testid": "retry-now",
        "aria-label": t("retry"), onclick: () => realtime.retryNow(),
    }, t("retryNow"));
    const element = h("div", { class: "connection", "data-testid": "connection-state" },
        h("span", { class: "connection-dot", "aria-hidden": "true" }), label, spoken, retry);
    let ticking = null;

    const update = () => {
        const { name, until, isRestart } = realtime.state;
        const isRestarting = name === "waiting" && isRestart;
        clearInterval(ticking);
        element.dataset.state = name;
        retry.hidden = name !== "waiting" && name !== "offline";
        const count = () => {
            const n = Math.max(0, Math.ceil((until - Date.now()) / 1000));
            const counted = isRestarting ? "restarting" : "waiting";
            label.textContent = name === "waiting" ? t(counted, { n }) : t(WORDS[name]);
        };
        count();
        if (name === "waiting") ticking = setInterval(count, 250);
        const words = t(isRestarting ? "restartingLong" : WORDS[name]);
        element.title = isRestarting ? words : "";
        if (spoken.textContent !== words) spoken.textContent = words;
    };
    realtime.addEventListener("state", update);
    update();
    return element;
}
