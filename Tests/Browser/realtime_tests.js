import { Outbox } from "/outbox.js";
import { Realtime } from "/realtime.js";
import { equal, FakeConnection, ManualClock, settle } from "./doubles.js";

/** A `Realtime` on doubles. Its back-off takes the longest wait. */
async function started({ credentials } = {}) {
    const world = {
        clock: new ManualClock(), outbox: new Outbox(), connections: [], wishes: [], online: true,
    };
    world.realtime = new Realtime({
        clock: world.clock,
        random: () => 1,
        isOnline: () => world.online,
        credentials: credentials ?? (async (wish) => {
            world.wishes.push(wish);
            return `token ${world.wishes.length}`;
        }),
        open: (options) => {
            world.connections.push(new FakeConnection(options));
            return world.connections.at(-1);
        },
    });
    world.last = () => world.connections.at(-1);
    world.connect = async (headers = {}) => {
        await settle();
        world.last().handlers.connected(headers);
    };
    world.realtime.start(world.outbox);
    await settle();
    return world;
}

function message(position, body, subscription = "s1") {
    return { command: "MESSAGE", headers: { subscription, position }, body: JSON.stringify(body) };
}

function waits(world) {
    const { name, until } = world.realtime.state;
    return name === "waiting" ? until - world.clock.now() : name;
}

export const realtimeTests = {
    "each failure doubles the longest wait, up to 30 s": async () => {
        const world = await started();
        const seen = [];
        for (let attempt = 0; attempt < 7; attempt += 1) {
            world.last().end({ wasConnected: false });
            seen.push(waits(world));
            world.clock.advance(30_000);
            await settle();
        }
        equal(seen, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    },
    "knows which server it is connected to, where that has a name": async () => {
        const world = await started();
        const seen = [];
        for (const headers of [{ node: "n1" }, { node: "n2" }, {}]) {
            await world.connect(headers);
            seen.push(world.realtime.node);
            world.last().end();
            world.clock.advance(30_000);
        }
        equal(seen, ["n1", "n2", null]);
    },
    "a connection that lasted starts the back-off afresh": async () => {
        const world = await started();
        world.last().end();
        world.clock.advance(1_000);
        await world.connect();
        world.clock.advance(9_999);
        world.last().end();
        equal(waits(world), 2_000);
        world.clock.advance(2_000);
        await world.connect();
        world.clock.advance(10_000);
        world.last().end();
        equal(waits(world), 1_000);
    },
    "a server that goes away says when to come back, and only a person overrules it": async () => {
        const world = await started();
        await world.connect();
        world.last().end({ code: "going-away", reconnectAfterMs: 7_000 });
        world.realtime.pageShown();
        world.realtime.networkFound();
        equal(waits(world), 7_000);
        world.realtime.retryNow();
        await settle();
        equal(world.connections.length, 2);
    },
    "that the server restarts is told with the state, until it is back": async () => {
        const world = await started();
        await world.connect();
        world.last().end({ code: "going-away", reconnectAfterMs: 7_000 });
        world.clock.advance(7_000);
        await settle();
        world.last().end({ wasConnected: false });
        equal(world.realtime.state.isRestart, true);
        world.clock.advance(30_000);
        await world.connect();
        world.last().end();
        equal(world.realtime.state.isRestart, false);
    },
    "a page that is shown does not wait": async () => {
        const world = await started();
        world.last().end();
        world.realtime.pageShown();
        equal(world.realtime.state.name, "connecting");
    },
    "an expired token is renewed before the next attempt, once": async () => {
        const world = await started();
        await world.connect();
        world.last().end({ code: "token-expired" });
        world.clock.advance(1_000);
        await world.connect();
        world.last().end({ closeCode: 4002 });
        world.clock.advance(2_000);
        await world.connect();
        world.last().end();
        world.clock.advance(4_000);
        await settle();
        equal(world.wishes.map(({ fresh }) => fresh), [false, true, true, false]);
    },
    "who cannot renew the token is signed out": async () => {
        const refusal = Object.assign(new Error("refused"), { status: 401 });
        const world = await started({ credentials: () => Promise.reject(refusal) });
        equal([world.realtime.state.name, world.connections.length], ["signed-out", 0]);
    },
    "a token that comes after the sign-out opens nothing": async () => {
        const world = await started();
        world.last().end();
        world.realtime.retryNow();
        world.realtime.stop();
        await settle();
        equal([world.realtime.state.name, world.connections.length], ["signed-out", 1]);
    },
    "without a network it is offline, and comes back with it": async () => {
        const world = await started();
        await world.connect();
        world.online = false;
        world.realtime.networkLost();
        equal(world.realtime.state.name, "offline");
        world.online = true;
        world.realtime.networkFound();
        equal(waits(world), 1_000);
        world.clock.advance(1_000);
        await world.connect();
        equal(world.realtime.state.name, "connected");
    },
    "a fresh token is shown on the open connection": async () => {
        const world = await started();
        await world.connect();
        world.realtime.presentToken("new");
        equal(world.last().to("/pub/session/token")[0].headers.Authorization, "Bearer new");
    },

    "a subscription resumes from the last message it heard": async () => {
        const world = await started();
        await world.connect();
        const heard = [];
        world.realtime.subscribe("/sub/chat/1", { position: "a:3", message: (body) => heard.push(body) });
        equal(world.last().to("/sub/chat/1")[0].headers.position, "a:3");
        world.last().handlers.message(message("a:4", "four"));
        world.last().handlers.message(message("a:5", "five"));
        world.last().end();
        world.clock.advance(1_000);
        await world.connect();
        equal(heard, ["four", "five"]);
        equal(world.last().to("/sub/chat/1")[0].headers.position, "a:5");
    },
    "a gap moves the position and is told; a replay never moves it back": async () => {
        const world = await started();
        await world.connect();
        const told = [];
        const resumed = (kind) => told.push(kind);
        const subscription = world.realtime.subscribe("/sub/chat/1", { position: "a:3", resumed });
        world.last().to("/sub/chat/1")[0].onReceipt({ position: "a:90", resume: "gap" });
        world.last().handlers.message(message("a:80", "old"));
        equal([told, subscription.position], [["gap"], "a:90"]);
    },
    "another epoch on an open connection is a reset": async () => {
        const world = await started();
        await world.connect();
        const told = [];
        const subscription = world.realtime.subscribe("/sub/chat/1", {
            position: "a:3", resumed: (kind) => told.push(kind), message: (body) => told.push(body),
        });
        world.last().to("/sub/chat/1")[0].onReceipt({ position: "a:3", resume: "complete" });
        world.last().handlers.message(message("b:1", "one"));
        equal([told, subscription.position], [["complete", "reset", "one"], "b:1"]);
    },
    "a refused subscription is told and not repeated": async () => {
        const world = await started();
        await world.connect();
        const codes = [];
        world.realtime.subscribe("/sub/chat/1", { position: "a:3", refused: (code) => codes.push(code) });
        const { receipt } = world.last().to("/sub/chat/1")[0];
        world.last().handlers.message({
            headers: { "subscription": "errors", "code": "no-such-destination", "receipt-id": receipt },
            body: "",
        });
        world.last().end();
        world.clock.advance(1_000);
        await world.connect();
        equal([codes, world.last().to("/sub/chat/1").length], [["no-such-destination"], 0]);
    },

    "a subscription that is taken away is told and not repeated": async () => {
        const world = await started();
        await world.connect();
        const codes = [];
        world.realtime.subscribe("/sub/chat/1", { position: "a:3", refused: (code) => codes.push(code) });
        world.realtime.subscribe("/sub/chat/2", { position: "a:3", refused: (code) => codes.push(code) });
        world.last().handlers.message({
            headers: {
                "subscription": "errors", "code": "forbidden", "subscription-id": "s1",
                "subscription-destination": "/sub/chat/1",
            },
            body: "",
        });
        world.last().end();
        world.clock.advance(1_000);
        await world.connect();
        const asked = ["1", "2"].map((room) => world.last().to(`/sub/chat/${room}`).length);
        equal([codes, asked], [["forbidden"], [0, 1]]);
    },

    "what is asked is promised its receipt": async () => {
        const world = await started();
        await world.connect();
        const answer = world.realtime.ask("/pub/chat/read/1", "{}");
        world.last().to("/pub/chat/read/1")[0].onReceipt({ position: "a:4" });
        equal(await answer, { position: "a:4" });
    },
    "what is asked rejects with the refusal": async () => {
        const world = await started();
        await world.connect();
        const answer = world.realtime.ask("/pub/chat/read/1", "{}");
        const { receipt } = world.last().to("/pub/chat/read/1")[0];
        world.last().handlers.message({
            headers: {
                "subscription": "errors", "code": "too-fast", "receipt-id": receipt, "retry-after-ms": "70",
            },
            body: "",
        });
        const { code, retryAfterMs } = await answer.catch((error) => error);
        equal([code, retryAfterMs], ["too-fast", 70]);
    },
    "what is asked rejects when the connection ends, and when there is none": async () => {
        const world = await started();
        const early = await world.realtime.ask("/pub/chat/read/1", "{}").catch((error) => error);
        await world.connect();
        const answer = world.realtime.ask("/pub/chat/read/1", "{}");
        world.last().end();
        const late = await answer.catch((error) => error);
        equal([early.code, late.code], [null, null]);
    },
    "what is asked is not repeated where an ERROR is about it": async () => {
        const world = await started();
        await world.connect();
        const answer = world.realtime.ask("/pub/chat/read/1", "{}");
        const { receipt } = world.last().to("/pub/chat/read/1")[0];
        world.last().end({ code: "bad-frame", receiptId: receipt });
        equal((await answer.catch((error) => error)).code, "bad-frame");
    },

    "what was written without a connection is sent in order once there is one": async () => {
        const world = await started();
        world.outbox.add("1", "first", 0);
        world.outbox.add("1", "second", 0);
        await world.connect();
        const sent = () => world.last().to("/pub/chat/message/1");
        equal(sent().map(({ body }) => body), ['{"message":"first"}']);
        sent()[0].onReceipt({ position: "a:1" });
        equal(sent().map(({ body }) => body), ['{"message":"first"}', '{"message":"second"}']);
    },
    "a message without a receipt is sent again with its key": async () => {
        const world = await started();
        await world.connect();
        const { key } = world.outbox.add("1", "first", 0);
        world.last().end();
        world.clock.advance(1_000);
        await world.connect();
        equal(world.last().to("/pub/chat/message/1").map(({ headers }) => headers["idempotency-key"]), [key]);
    },
    "a server that gives no receipt is left": async () => {
        const world = await started();
        await world.connect();
        world.outbox.add("1", "first", 0);
        world.clock.advance(20_000);
        equal(world.realtime.state.name, "waiting");
    },
    "an ERROR about a message fails that message alone": async () => {
        const world = await started();
        await world.connect();
        const item = world.outbox.add("1", "huge", 0);
        const { receipt } = world.last().to("/pub/chat/message/1")[0];
        world.last().end({ code: "too-large", receiptId: receipt });
        equal([item.state, item.reason, world.realtime.state.name], ["failed", "too-large", "waiting"]);
    },
};
