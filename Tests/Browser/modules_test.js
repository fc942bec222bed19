/**
 * Tests of the web client's modules that need no page. Whoever serves this folder beside Web/ opens
 * modules_test.html in a browser and waits for the title to be `passed` or `failed`; each failure is
 * a line of the body, and `window.results` has them all.
 */
import { attendanceTests } from "./attendance_tests.js";
import { lifeTests } from "./life_tests.js";
import { myRoomsTests } from "./my_rooms_tests.js";
import { notificationsTests } from "./notifications_tests.js";
import { outboxTests } from "./outbox_tests.js";
import { realtimeTests } from "./realtime_tests.js";
import { stompTests } from "./stomp_tests.js";

const tests = {
    ...stompTests, ...outboxTests, ...realtimeTests, ...attendanceTests, ...lifeTests, ...myRoomsTests,
    ...notificationsTests,
};
const results = [];
for (const [name, test] of Object.entries(tests)) {
    try {
        await test();
        results.push({ name, failure: null });
    } catch (error) {
        results.push({ name, failure: error.stack });
    }
}
const failures = results.filter(({ failure }) => failure !== null);
document.body.append(...failures.map(({ name, failure }) => {
    const line = document.createElement("pre");
    line.textContent = `${name}\n${failure}`;
    return line;
}));
window.results = results;
document.title = failures.length === 0 && results.length > 0 ? "passed" : "failed";
