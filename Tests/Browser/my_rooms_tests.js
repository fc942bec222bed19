import { MyRooms } from "/my-rooms.js";
import { equal, ManualClock, settle } from "./doubles.js";

function room(roomId, offset, unreadCount) {
    return { roomId, title: `Room ${roomId}`, unreadCount, lastMessage: null, position: `a:${offset}` };
}

function message(id, senderId = "2") {
    return { id, senderId, sender: "Jun", text: `text ${id}`, createdAt: new Date(0) };
}

/** The lists of a server, and what another tab hears. */
async function listed(...rooms) {
    const world = { clock: new ManualClock(), asked: 0, rooms, posted: [], isShown: true, gate: null };
    const myRooms = async () => {
        world.asked += 1;
        const content = world.rooms.map((each) => ({ ...each }));
        await world.gate;
        return { content, totalElements: content.length };
    };
    world.tabs = { postMessage: (said) => world.posted.push(said), close() {} };
    world.mine = new MyRooms({
        api: { myRooms }, clock: world.clock, tabs: world.tabs, isShown: () => world.isShown,
        random: () => 0.5,
    });
    await settle();
    world.counts = () => world.mine.list.map((each) => [each.roomId, each.unreadCount]);
    return world;
}

export const myRoomsTests = {
    "what is unread in all rooms is one number": async () => {
        const { mine } = await listed(room(1, 5, 2), room(2, 9, 40));
        equal(mine.unread, 42);
    },
    "the list is asked for every 10 s while it is seen, and every minute while it is not": async () => {
        const world = await listed();
        world.clock.advance(9_999);
        equal(world.asked, 1);
        world.isShown = false;
        world.clock.advance(1);
        await settle();
        world.clock.advance(59_999);
        equal(world.asked, 2);
        world.clock.advance(1);
        equal(world.asked, 3);
    },
    "a message in the open room is counted, and moves the room up": async () => {
        const { mine, counts } = await listed(room(1, 5, 0), room(2, 9, 0));
        mine.heard("2", message(10), "a:10", false);
        equal([counts(), mine.list[0].lastMessage.message], [[["2", 1], ["1", 0]], "text 10"]);
    },
    "one's own message is read, and so is what was said before it": async () => {
        const { mine, counts } = await listed(room(1, 5, 3));
        mine.heard("1", message(6, "7"), "a:6", true);
        equal(counts(), [["1", 0]]);
    },
    "a message that the list counted already is not counted again": async () => {
        const { mine, counts } = await listed(room(1, 5, 1));
        mine.heard("1", message(5), "a:5", false);
        equal(counts(), [["1", 1]]);
    },
    "what was read here is unread in no list that was made before": async () => {
        const world = await listed(room(1, 5, 2));
        world.mine.read("1", "a:5");
        equal(world.counts(), [["1", 0]]);
        await world.mine.refresh();
        equal(world.counts(), [["1", 0]]);
        world.rooms = [room(1, 6, 1)];
        await world.mine.refresh();
        equal(world.counts(), [["1", 1]]);
    },
    "another tab of this browser hears what was read, once": async () => {
        const reading = await listed(room(1, 5, 2));
        const other = await listed(room(1, 5, 2));
        reading.mine.read("1", "a:5");
        reading.mine.read("1", "a:5");
        equal(reading.posted, [{ roomId: "1", position: "a:5" }]);
        other.tabs.onmessage({ data: reading.posted[0] });
        equal([other.counts(), other.posted], [[["1", 0]], []]);
    },
    "what is heard while an answer is on its way is newer than the answer": async () => {
        const world = await listed(room(1, 5, 0));
        let open;
        world.gate = new Promise((resolve) => { open = resolve; });
        const refreshed = world.mine.refresh();
        world.mine.heard("1", message(6), "a:6", false);
        open();
        await refreshed;
        equal(world.counts(), [["1", 1]]);
    },
    "asked while an answer is on its way, it asks once more": async () => {
        const world = await listed(room(1, 5, 0));
        world.mine.refresh();
        world.mine.refresh();
        await world.mine.refresh();
        equal(world.asked, 3);
    },
    "a list that fails leaves the one before": async () => {
        const world = await listed(room(1, 5, 2));
        world.gate = Promise.reject(new Error("no network"));
        await world.mine.refresh();
        equal(world.counts(), [["1", 2]]);
    },
};
