import { h } from "./dom.js";

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;

/**
 * A message's text as nodes: text, and a link for each http or https address in it. A link shows the
 * very address that it leads to.
 */
export function linkify(text) {
    const nodes = [];
    let at = 0;
    for (const match of text.matchAll(ADDRESS)) {
        const address = withoutTrail(match[0]);
        const url = URL.canParse(address) ? new URL(address) : null;
        if (url === null || !["http:", "https:"].includes(url.protocol)) continue;
        nodes.push(text.slice(at, match.index));
        nodes.push(h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, address));
        at = match.index + address.length;
    }
    nodes.push(text.slice(at));
    return nodes.filter((node) => node !== "");
}

/** The address without the punctuation of the sentence around it. */
function withoutTrail(address) {
    let end = address.length;
    for (;;) {
        const last = address[end - 1];
        const isLooseBracket = last === ")" && !address.slice(0, end).includes("(");
        if (!isLooseBracket && !".,!?;:…。、".includes(last)) return address.slice(0, end);
        end -= 1;
    }
}
