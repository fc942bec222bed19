const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Keys of `attributes` that start with `on` are listeners (`onclick`), `true` sets an
 * empty attribute, and false, null and undefined set none. Children that are strings become text:
 * nothing here, or anywhere in the client, reads text as HTML.
 */
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === false || value === null || value === undefined) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else element.setAttribute(name, value === true ? "" : String(value));
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
}

// Each is drawn in a square of 24 units with a line of 1.8.
const ICONS = {
    arrowLeft: "M15 5l-7 7 7 7",
    arrowDown: "M12 5v14M6 13l6 6 6-6",
    arrowUp: "M12 19V5M6 11l6-6 6 6",
    check: "M5 12.5l4.5 4.5L19 7.5",
    checks: "M2 12.5l4.5 4.5L16 7.5M12.5 16.2l.8.8L22.8 7.5",
    cross: "M6 6l12 12M18 6L6 18",
    clock: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z",
    alert: "M12 8v5M12 16.5v.5M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z",
    plus: "M12 5v14M5 12h14",
    people: "M9 11a3.5 3.5 0 1 0 0-7a3.5 3.5 0 0 0 0 7zM2.5 20c.6-3.6 3-5.5 6.5-5.5s5.9 1.9 6.5 5.5"
        + "M16 4.5a3.5 3.5 0 0 1 0 6.3M18 14.9c2 .8 3.2 2.5 3.5 5.1",
    bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2H4.5zM10 20.5a2.2 2.2 0 0 0 4 0",
    exit: "M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M10 16l-4-4 4-4M6 12h9",
};

const PAW = [
    "M12 11.5c3 0 6 2.8 6 5.6c0 1.9-1.3 2.9-2.9 2.9c-1.2 0-2-.5-3.1-.5"
        + "s-1.9.5-3.1.5C7.3 20 6 19 6 17.1c0-2.8 3-5.6 6-5.6z",
    "M4.3 8.6c1.2-.3 2.5.8 2.8 2.3s-.3 2.9-1.5 3.1-2.4-.8-2.7-2.3.2-2.9 1.4-3.1z",
    "M19.7 8.6c-1.2-.3-2.5.8-2.8 2.3s.3 2.9 1.5 3.1 2.4-.8 2.7-2.3-.2-2.9-1.4-3.1z",
    "M9 3.5c1.3-.1 2.4 1.3 2.5 3s-.8 3.2-2.1 3.3-2.4-1.3-2.5-3S7.7 3.6 9 3.5z",
    "M15 3.5c-1.3-.1-2.4 1.3-2.5 3s.8 3.2 2.1 3.3 2.4-1.3 2.5-3-.8-3.2-2.1-3.3z",
];

/** A line drawing that says nothing to a screen reader: the text beside it does. */
export function icon(name) {
    return svg("icon", [ICONS[name]]);
}

/** The paw of PetNexus. */
export function paw() {
    return svg("paw", PAW);
}

function svg(className, paths) {
    const root = document.createElementNS(SVG, "svg");
    root.setAttribute("viewBox", "0 0 24 24");
    root.setAttribute("class", className);
    root.setAttribute("aria-hidden", "true");
    for (const d of paths) {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", d);
        root.append(path);
    }
    return root;
}
