import { language, t } from "./strings.js";

const TIME = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(language, { weekday: "long", month: "long", day: "numeric" });
const DAY_AND_YEAR = new Intl.DateTimeFormat(language, { dateStyle: "long" });
const SHORT_DAY = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
const SHORT_DAY_AND_YEAR = new Intl.DateTimeFormat(language, { dateStyle: "short" });

export function isSameDay(one, other) {
    return one.toDateString() === other.toDateString();
}

/** The time of day; an empty string where the date is none. */
export function timeWords(date) {
    return isDate(date) ? TIME.format(date) : "";
}

/** A day as people say it: today, yesterday, or its name. */
export function dayWords(date) {
    if (!isDate(date)) return "";
    const now = new Date();
    if (isSameDay(date, now)) return t("today");
    if (isSameDay(date, dayBefore(now))) return t("yesterday");
    return (isSameYear(date, now) ? DAY : DAY_AND_YEAR).format(date);
}

/** The shortest words for when something was: a time today, a day before that. */
export function shortWords(date) {
    if (!isDate(date)) return "";
    const now = new Date();
    if (isSameDay(date, now)) return TIME.format(date);
    if (isSameDay(date, dayBefore(now))) return t("yesterday");
    return (isSameYear(date, now) ? SHORT_DAY : SHORT_DAY_AND_YEAR).format(date);
}

function isDate(date) {
    return !Number.isNaN(date.getTime());
}

function isSameYear(one, other) {
    return one.getFullYear() === other.getFullYear();
}

function dayBefore(date) {
    return new Date(date.getFullYear(), date.getMonth(), date.getDate() - 1);
}
