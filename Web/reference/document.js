const METHODS = ["get", "post", "put", "patch", "delete"];

/** The operations of an OpenAPI document, by their first tag, in the document's order. */
export function areas(document) {
    const found = new Map();
    for (const [path, item] of Object.entries(document.paths)) {
        for (const method of METHODS) {
            if (!item[method]) continue;
            const area = item[method].tags?.[0] ?? "";
            if (!found.has(area)) found.set(area, []);
            found.get(area).push({ path, method: method.toUpperCase(), ...item[method] });
        }
    }
    return found;
}

/** A schema without its reference to another. */
export function resolved(document, schema) {
    const name = schema?.$ref?.split("/").at(-1);
    return name ? document.components.schemas[name] : schema;
}

/** The schema that there is where there is something. */
export function unlessNull(schema) {
    return schema?.anyOf?.find((each) => each.type !== "null") ?? schema;
}

/** A value that shows what a schema is like. */
export function example(document, schema, depth = 0) {
    const shape = resolved(document, unlessNull(schema));
    if (shape.enum) return shape.enum[0];
    switch (shape.type) {
    case "object":
        return Object.fromEntries(
            Object.entries(shape.properties ?? {}).map(
                ([name, each]) => [name, example(document, each, depth + 1)]));
    case "array":
        return depth > 4 ? [] : [example(document, shape.items, depth + 1)];
    case "integer":
    case "number":
        return Math.max(shape.minimum ?? 0, 0);
    case "boolean":
        return false;
    default:
        return shape.format === "date-time" ? new Date(0).toISOString() : "…";
    }
}

/** A schema's limits in a few words. */
export function limits(schema) {
    const shape = unlessNull(schema);
    if (shape.enum) return shape.enum.join(", ");
    if (shape.maxLength !== undefined) return `${shape.minLength} to ${shape.maxLength} characters`;
    if (shape.maximum !== undefined) return `${shape.minimum} to ${shape.maximum}`;
    if (shape.maxItems !== undefined) return `at most ${shape.maxItems}`;
    return "";
}

/** The address of an operation with its parameters filled in; values are texts, "" is left out. */
export function address(operation, values) {
    let path = operation.path;
    const query = new URLSearchParams();
    for (const { name, in: place } of operation.parameters ?? []) {
        const value = values[name] ?? "";
        if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
        else if (place === "query" && value !== "") query.set(name, value);
    }
    return query.size > 0 ? `${path}?${query}` : path;
}
