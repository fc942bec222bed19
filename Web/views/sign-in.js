import { h } from "../dom.js";
import { explain, t } from "../strings.js";

/**
 * The page of those who are not signed in: `mode` is `sign-in` or `sign-up`. What follows a success
 * is the session's `changed` event.
 */
export function signInView(session, mode) {
    const isNew = mode === "sign-up";
    const other = isNew ? "sign-in" : "sign-up";
    const fields = {
        email: field("email", t("email"), {
            type: "email", autocomplete: isNew ? "email" : "username", inputmode: "email", required: true,
            maxlength: 254,
        }),
        username: field("username", t("username"), {
            type: "text", autocomplete: "nickname", maxlength: 40,
        }, t("usernameHint")),
        password: field("password", t("password"), {
            type: "password", autocomplete: isNew ? "new-password" : "current-password", required: true,
            maxlength: 200,
        }, isNew ? t("passwordHint") : null),
    };
    const error = h("p", { class: "form-error", role: "alert", "data-testid": "form-error" });
    const submit = h("button", { class: "button primary", "data-testid": mode },
        t(isNew ? "signUp" : "signIn"));
    const value = (name) => fields[name].input.value;

    const form = h("form", { class: "card sign-in-form", onsubmit: async (event) => {
        event.preventDefault();
        clearErrors(fields, error);
        submit.disabled = true;
        try {
            const email = value("email").trim();
            if (isNew) await session.signUp(email, value("password"), value("username").trim());
            else await session.signIn(email, value("password"));
        } catch (failure) {
            showErrors(fields, error, failure, isNew);
        } finally {
            submit.disabled = false;
        }
    } },
    h("h1", {}, t(isNew ? "signUpTitle" : "signInTitle")),
    session.wasEnded && !isNew
        ? h("p", { class: "farewell", role: "status", "data-testid": "farewell" }, t("sessionEnded"))
        : null,
    fields.email.element,
    isNew ? fields.username.element : null,
    fields.password.element,
    error,
    submit,
    h("a", { class: "switch", href: `#/${other}`, "data-testid": `to-${other}` },
        t(isNew ? "toSignIn" : "toSignUp")));

    const element = h("div", { class: "welcome" },
        h("section", { class: "welcome-hero" },
            h("img", { src: "illustration.svg", alt: "", width: 440, height: 318 }),
            h("p", { class: "welcome-tagline" }, t("tagline")),
            h("p", { class: "welcome-pitch" }, t("pitch"))),
        form);
    const title = t(isNew ? "signUp" : "signIn");
    return { element, title, focus: () => fields.email.input.focus(), close() {} };
}

function field(name, label, attributes, hint = null) {
    const id = `field-${name}`;
    const note = h("p", { class: "field-note", id: `${id}-note` }, hint ?? "");
    const input = h("input", {
        id, name, "data-testid": name, "aria-describedby": `${id}-note`, ...attributes,
    });
    const element = h("div", { class: "field" }, h("label", { for: id }, label), input, note);
    return { element, input, note, hint: hint ?? "" };
}

function clearErrors(fields, error) {
    error.textContent = "";
    for (const { input, note, hint } of Object.values(fields)) {
        input.removeAttribute("aria-invalid");
        note.textContent = hint;
    }
}

function showErrors(fields, error, failure, isNew) {
    if (failure.status === 401 && !isNew) error.textContent = t("errorCredentials");
    else if (failure.status === 409 && isNew) error.textContent = t("errorTaken");
    else error.textContent = explain(failure);
    let first = null;
    for (const { field: name, reason } of failure.fields) {
        const field = fields[name];
        if (field === undefined) continue;
        field.input.setAttribute("aria-invalid", "true");
        field.note.textContent = reason;
        first ??= field.input;
    }
    (first ?? fields.email.input).focus();
}
