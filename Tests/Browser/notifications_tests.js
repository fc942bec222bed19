import { Notifications } from "/notifications.js";
import { equal, ManualClock, settle } from "./doubles.js";

function entry(id, more = {}) {
    return {
        id, type: "COMMENT", isRead: false, version: 1, count: 1,
        createdAt: `2026-01-01T00:00:0${id}.000Z`, ...more,
    };
}

/** Notifications of a server that lists `entries`, and a connection that the test speaks for. */
async function told(...entries) {
    const world = { clock: new ManualClock(), asked: 0, entries, isAway: false, unread: null, heard: null };
    const api = {
        async notifications(size) {
            world.asked += 1;
            if (world.isAway) throw new Error("away");
            const unread = world.entries.filter(({ isRead }) => !isRead).length;
            return {
                content: world.entries.slice(0, size), totalElements: world.entries.length,
                unreadCount: world.unread ?? unread, position: `a:${world.asked}`,
            };
        },
    };
    const realtime = {
        subscribe(destination, { position, message, resumed }) {
            Object.assign(world, { destination, position, say: message, resumed, isClosed: false });
            return { close() { world.isClosed = true; } };
        },
    };
    world.told = new Notifications({ api, realtime, clock: world.clock, size: 3 });
    await settle();
    world.ids = () => world.told.list.map(({ id }) => id);
    return world;
}

export const notificationsTests = {
    "the list is listened to from the position it is true for": async () => {
        const world = await told(entry(2), entry(1, { isRead: true }));
        equal([world.ids(), world.told.unread], [[2, 1], 1]);
        equal([world.destination, world.position], ["/user/queue/notifications", "a:1"]);
    },
    "what is new is put first and counted": async () => {
        const world = await told(entry(1));
        world.say(entry(2));
        equal([world.ids(), world.told.unread, world.asked], [[2, 1], 2, 1]);
    },
    "what comes twice, or too late, changes nothing": async () => {
        const world = await told(entry(1, { version: 3, count: 5 }));
        world.say(entry(1, { version: 3 }));
        world.say(entry(1, { version: 2, isRead: true }));
        equal([world.told.list[0].count, world.told.unread], [5, 1]);
    },
    "what is read or taken away elsewhere is so here": async () => {
        const world = await told(entry(2), entry(1));
        world.say(entry(2, { version: 2, isRead: true }));
        equal([world.ids(), world.told.unread], [[2, 1], 1]);
        world.say({ id: 1, deleted: true });
        world.say({ id: 1, deleted: true });
        equal([world.ids(), world.told.unread], [[2], 0]);
    },
    "what is raised again moves up": async () => {
        const world = await told(entry(2), entry(1, { isRead: true }));
        world.say(entry(1, { version: 2, createdAt: "2026-01-01T00:00:09.000Z" }));
        equal([world.ids(), world.told.unread], [[1, 2], 2]);
    },
    "a change of what is not listed is asked for": async () => {
        const world = await told(entry(4), entry(3), entry(2), entry(1));
        world.unread = 3;
        world.say(entry(1, { version: 2, isRead: true }));
        await settle();
        equal([world.asked, world.told.unread, world.position], [2, 3, "a:2"]);
    },
    "a gap is answered by asking for the list": async () => {
        const world = await told(entry(1));
        world.resumed("complete");
        world.entries = [entry(3), entry(1)];
        world.resumed("gap");
        await settle();
        equal([world.asked, world.ids()], [2, [3, 1]]);
    },
    "a server that is away is asked again": async () => {
        const world = await told();
        world.isAway = true;
        world.resumed("reset");
        await settle();
        world.isAway = false;
        world.entries = [entry(1)];
        world.clock.advance(5_000);
        await settle();
        equal([world.asked, world.ids()], [3, [1]]);
    },
    "nothing is heard after the end": async () => {
        const world = await told(entry(1));
        world.told.close();
        equal(world.isClosed, true);
    },
};
