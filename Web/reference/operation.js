import { h } from "../dom.js";
import { address, example, limits, resolved, unlessNull } from "./document.js";

let fieldCount = 0;

/** One operation: what it takes, what it gives, and a form that calls it. `token` answers with the
 *  access token to call it with, or an empty string. */
export function operationView(document, operation, token) {
    const schema = operation.requestBody?.content["application/json"]?.schema;
    return h("details", { class: "operation" },
        h("summary", {},
            h("span", { class: `method ${operation.method.toLowerCase()}` }, operation.method),
            h("code", {}, operation.path), h("span", { class: "summary" }, operation.summary)),
        schema ? fieldTable(document, schema) : null,
        answerList(document, operation),
        tryOut(document, operation, schema, token));
}

function fieldTable(document, schema) {
    const { properties = {}, required = [] } = resolved(document, schema);
    return h("table", {},
        h("caption", {}, "Fields"),
        h("tbody", {}, ...Object.entries(properties).map(([name, each]) => h("tr", {},
            h("th", { scope: "row" }, name),
            h("td", {}, unlessNull(each).type ?? "object"),
            h("td", {}, required.includes(name) ? "required" : ""),
            h("td", {}, limits(each))))));
}

function answerList(document, operation) {
    return h("ul", { class: "answers" },
        ...Object.entries(operation.responses).map(([status, { description, content = {} }]) => {
            const [type, { schema } = {}] = Object.entries(content)[0] ?? ["", {}];
            const shape = schema && Number(status) < 300
                ? h("pre", {}, JSON.stringify(example(document, schema), null, 2)) : null;
            return h("li", {}, h("strong", {}, status), ` ${description} `,
                shape ?? h("span", { class: "media-type" }, Number(status) < 300 ? type : ""));
        }));
}

function tryOut(document, operation, schema, token) {
    const inputs = (operation.parameters ?? []).map((parameter) => ({
        parameter, input: h("input", {
            type: "text", id: `field-${++fieldCount}`, required: parameter.required,
            placeholder: limits(parameter.schema), autocomplete: "off",
        }),
    }));
    const body = schema && h("textarea", { id: `field-${++fieldCount}`, rows: 8, spellcheck: "false" });
    if (body) body.value = JSON.stringify(example(document, schema), null, 2);
    const output = h("output", { class: "outcome", hidden: true });

    async function call(event) {
        event.preventDefault();
        const values = Object.fromEntries(
            inputs.map(({ parameter, input }) => [parameter.name, input.value.trim()]));
        const headers = {};
        if (token()) headers.Authorization = `Bearer ${token()}`;
        if (body) headers["Content-Type"] = "application/json";
        for (const { parameter } of inputs) {
            const value = values[parameter.name];
            if (parameter.in === "header" && value) headers[parameter.name] = value;
        }
        output.hidden = false;
        output.textContent = "…";
        try {
            const response = await fetch(address(operation, values), {
                method: operation.method, headers, body: body?.value,
            });
            output.textContent = `${response.status} ${await text(response)}`;
        } catch (error) {
            output.textContent = error.message;
        }
    }

    return h("form", { class: "try-out", onsubmit: call },
        ...inputs.map(({ parameter, input }) => h("p", { class: "field" },
            h("label", { for: input.id }, `${parameter.name} (${parameter.in})`), input)),
        body && h("p", { class: "field" }, h("label", { for: body.id }, "Body"), body),
        h("button", { type: "submit", class: "button" }, "Call it"), output);
}

/** What there is to show of a response: a stream has no end, and is shown as far as it came. */
async function text(response) {
    if (response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
        const reader = response.body.getReader();
        const { value } = await reader.read();
        await reader.cancel();
        return new TextDecoder().decode(value);
    }
    const all = await response.text();
    try {
        return JSON.stringify(JSON.parse(all), null, 2);
    } catch {
        return all;
    }
}
