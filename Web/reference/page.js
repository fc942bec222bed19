import { h } from "../dom.js";
import { areas } from "./document.js";
import { operationView } from "./operation.js";

/** Shows the document of this server. */
async function show() {
    let description;
    try {
        const response = await fetch("/v3/api-docs");
        if (!response.ok) throw new Error(`status ${response.status}`);
        description = await response.json();
    } catch (error) {
        document.body.append(h("p", { class: "failure", role: "alert" },
            `The document could not be read: ${error.message}`));
        return;
    }
    const token = h("input", { type: "password", id: "token", autocomplete: "off" });
    const found = areas(description);
    const links = [...found.keys()].map((area) => h("a", { href: `#${area}` }, area));
    const sections = [...found].map(([area, operations]) => h("section", { id: area },
        h("h2", {}, area),
        ...operations.map((each) => operationView(description, each, () => token.value.trim()))));
    document.body.append(
        h("header", { class: "reference-head" },
            h("h1", {}, `${description.info.title} ${description.info.version}`),
            h("p", {}, description.info.description, " ",
                h("a", { href: "/v3/api-docs" }, "OpenAPI document")),
            h("p", { class: "field" },
                h("label", { for: "token" }, "Access token (else your cookie is used)"), token)),
        h("nav", { class: "reference-areas", "aria-label": "Areas" }, ...links),
        h("main", { class: "reference" }, ...sections));
    // What the address points at is here only now.
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

show();
