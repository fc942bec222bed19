import { h } from "../dom.js";

const HUES = 8;

/** A person's or room's initial on a colour that stays theirs; `key` decides the colour. */
export function avatar(name, key) {
    let sum = 0;
    for (const character of String(key)) sum = (sum * 31 + character.codePointAt(0)) % 9973;
    const initial = [...name.trim()][0]?.toUpperCase() ?? "?";
    return h("span", { class: `avatar hue-${sum % HUES}`, "aria-hidden": "true" }, initial);
}
