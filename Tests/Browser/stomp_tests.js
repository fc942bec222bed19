import { linkify } from "/linkify.js";
import { covers } from "/position.js";
import { StompConnection } from "/stomp.js";
import { encodeFrame, FRAME_BYTES_MAX, FrameDecoder } from "/stomp-frames.js";
import { readMessage, Timeline } from "/timeline.js";
import { equal, FakeSocket, ManualClock } from "./doubles.js";

const FRAMES = [
    "CONNECTED\nversion:1.2\nheart-beat:10000,10000\nsession:a\\cb\n\n\0",
    "\n\r\n\n",
    "MESSAGE\r\nsubscription:s1\r\nposition:a\\c1\r\nposition:a\\c2\r\n\r\n{\"message\":\"초코 🐕\"}\0",
    "MESSAGE\nk\\c\\n\\r\\\\:v\\c\\n\\r\\\\\ncontent-length:7\n\na\0\u00e9\0bc\0",
    "RECEIPT\nreceipt-id:r1\n\n\0",
].map((text) => new TextEncoder().encode(text));

const EXPECTED = [
    frame("CONNECTED", { "version": "1.2", "heart-beat": "10000,10000", "session": "a\\cb" }),
    frame("MESSAGE", { subscription: "s1", position: "a:1" }, "{\"message\":\"초코 🐕\"}"),
    frame("MESSAGE", { "k:\n\r\\": "v:\n\r\\", "content-length": "7" }, "a\0é\0bc"),
    frame("RECEIPT", { "receipt-id": "r1" }),
];

function frame(command, headers, body = "") {
    return { command, headers, body };
}

function joined(pieces) {
    return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}

function refuses(text) {
    try {
        new FrameDecoder().push(text);
    } catch (error) {
        equal(error.name, "FrameError");
        return;
    }
    throw new Error("it was accepted");
}

function connected(handlers = {}) {
    const clock = new ManualClock();
    const ends = [];
    const connection = new StompConnection({
        url: "ws://pets.example/stomp/chat", token: "t0ken", clock, WebSocketType: FakeSocket,
        handlers: { connected() {}, message() {}, closed: (reason) => ends.push(reason), ...handlers },
    });
    const socket = FakeSocket.opened;
    socket.open();
    socket.receive("CONNECTED\nversion:1.2\nheart-beat:5000,15000\n\n\0");
    return { clock, connection, socket, ends };
}

export const stompTests = {
    "frames that arrive whole are decoded": () => {
        const decoder = new FrameDecoder();
        equal(FRAMES.flatMap((frame) => decoder.push(frame)), EXPECTED);
    },
    "frames that arrive in one piece are decoded": () => {
        equal(new FrameDecoder().push(joined(FRAMES)), EXPECTED);
    },
    "frames cut at any byte are decoded": () => {
        const all = joined(FRAMES);
        for (let cut = 0; cut <= all.length; cut += 1) {
            const decoder = new FrameDecoder();
            equal([...decoder.push(all.slice(0, cut)), ...decoder.push(all.slice(cut))], EXPECTED);
        }
    },
    "frames that arrive byte by byte are decoded": () => {
        const decoder = new FrameDecoder();
        equal([...joined(FRAMES)].flatMap((byte) => decoder.push(new Uint8Array([byte]))), EXPECTED);
    },
    "what is encoded decodes to itself": () => {
        const headers = { "a:b": "c\nd\\e\rf", "none": undefined };
        const decoded = new FrameDecoder().push(encodeFrame("SEND", headers, "안녕\0!"));
        equal(decoded, [frame("SEND", { "a:b": "c\nd\\e\rf", "content-length": "8" }, "안녕\0!")]);
    },
    "an undefined escape is refused": () => refuses("MESSAGE\na:\\t\n\n\0"),
    "a header without a colon is refused": () => refuses("MESSAGE\nabc\n\n\0"),
    "a body that goes on after its length is refused": () => refuses("MESSAGE\ncontent-length:1\n\nab\0"),
    "a length that is no number is refused": () => refuses("MESSAGE\ncontent-length:-1\n\nab\0"),
    "a length beyond the limit is refused before the body": () => {
        refuses(`MESSAGE\ncontent-length:${FRAME_BYTES_MAX + 1}\n\n`);
    },
    "an endless frame is refused": () => refuses(new Uint8Array(FRAME_BYTES_MAX + 1).fill(65)),
    "bytes that are not UTF-8 are refused": () => refuses(new Uint8Array([77, 10, 255, 58, 10, 10, 0])),

    "it connects with a token and offers heart-beats": () => {
        const { socket } = connected();
        equal(socket.protocols, ["v12.stomp"]);
        equal(socket.sent, [
            "CONNECT\naccept-version:1.2\nhost:pets.example\nheart-beat:10000,10000\n"
                + "Authorization:Bearer t0ken\n\n\0",
        ]);
    },
    "it gives up when CONNECTED does not come": () => {
        const clock = new ManualClock();
        const ends = [];
        new StompConnection({
            url: "ws://pets.example/stomp/chat", token: "t", clock, WebSocketType: FakeSocket,
            handlers: { closed: (reason) => ends.push(reason) },
        });
        clock.advance(15_000);
        equal(ends.map(({ wasConnected }) => wasConnected), [false]);
        equal(FakeSocket.opened.isClosed, true);
    },
    "it beats within the interval the server wants, only while idle": () => {
        const { clock, connection, socket } = connected();
        clock.advance(11_000);
        connection.send("SEND");
        socket.receive("\n");
        clock.advance(11_000);
        equal(socket.sent.filter((text) => text === "\n").length, 0);
        clock.advance(1_000);
        equal(socket.sent.filter((text) => text === "\n").length, 1);
    },
    "it ends when the server is silent for two intervals": () => {
        const { clock, socket, ends } = connected();
        clock.advance(15_000);
        socket.receive("\n");
        clock.advance(19_999);
        equal(ends.length, 0);
        clock.advance(1);
        equal(ends.length, 1);
    },
    "a receipt reaches the frame that asked for it, in order with messages": () => {
        const seen = [];
        const { connection, socket } = connected({ message: ({ body }) => seen.push(body) });
        const id = connection.send("SEND", {}, "x", ({ position }) => seen.push(position));
        socket.receive(`MESSAGE\n\n1\0RECEIPT\nreceipt-id:${id}\nposition:a\\c1\n\n\0MESSAGE\n\n2\0`);
        equal(seen, ["1", "a:1", "2"]);
    },
    "an ERROR ends it once, with its code": () => {
        const { connection, socket, ends } = connected();
        socket.receive("ERROR\nmessage:going-away\nreconnect-after-ms:700\n\nbye\0MESSAGE\n\n1\0");
        connection.close();
        equal(ends.map(({ code, reconnectAfterMs }) => [code, reconnectAfterMs]), [["going-away", 700]]);
    },

    "a position covers what is not after it in its own epoch": () => {
        equal(covers("a:5", "a:5"), true);
        equal(covers("A:10", "a:9"), true);
        equal(covers("a:5", "a:6"), false);
        equal(covers("b:5", "a:1"), false);
        equal(covers(null, "a:1"), false);
    },
    "a timeline keeps each message once, in the order of ids": () => {
        const timeline = new Timeline();
        timeline.add([{ id: 5 }, { id: 9 }]);
        const places = timeline.add([{ id: 7 }, { id: 5 }, { id: 1 }, { id: 7 }]);
        equal(places.map(({ message, before, after }) => [after?.id ?? null, message.id, before?.id ?? null]),
            [[null, 1, 5], [5, 7, 9]]);
        equal(timeline.isNext(9), false);
        equal(timeline.trim(2).map(({ id }) => id), [1, 5]);
        equal(timeline.oldestId, 7);
    },
    "what is not a message is not read as one": () => {
        const values = [null, 3, {}, { id: "1", message: "x" }, { id: 1, message: {} }];
        equal(values.map(readMessage).filter((message) => message !== null), []);
    },
    "only http and https become links, without the sentence's punctuation": () => {
        const links = (text) => linkify(text).filter((node) => node.href).map((node) => node.textContent);
        equal(links("see https://a.example/x?y=1. (http://b.example) javascript:alert(1) ftp://c"),
            ["https://a.example/x?y=1", "http://b.example"]);
        equal(links("https://a.example/wiki/Cat_(animal)"), ["https://a.example/wiki/Cat_(animal)"]);
        equal(linkify("no <b>html</b>"), ["no <b>html</b>"]);
    },
};
