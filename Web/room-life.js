import { Attendance } from "./attendance.js";
import { ReadMarks, ReadReport } from "./reading.js";
import { Typists, TypingSignal } from "./typing.js";

/**
 * What goes on in a room beside its messages: who is here, who is writing, how far each has read;
 * and what the others hear of the reader.
 *
 * All of it comes over the room's stream of events, which keeps nothing: on each connection it
 * begins anew with the server's list of who is here.
 */
export class RoomLife {
    attendance;
    typists;
    marks;
    #roomId;
    #realtime;
    #typing;
    #report;
    #events = null;

    constructor({ roomId, user, api, realtime, clock }) {
        this.#roomId = roomId;
        this.#realtime = realtime;
        this.attendance = new Attendance({ roomId, api, clock });
        this.typists = new Typists(user.id, clock);
        this.marks = new ReadMarks(user.id);
        this.#typing = new TypingSignal((typing) => {
            realtime.sendIfConnected(`/pub/chat/typing/${roomId}`, JSON.stringify({ typing }));
        }, clock);
        this.#report = new ReadReport(
            (position) => realtime.ask(`/pub/chat/read/${roomId}`, JSON.stringify({ position })), clock);
    }

    /** Starts to listen. The room's messages are those of `position`'s epoch. */
    begin(position) {
        this.marks.begin(position);
        this.#events ??= this.#realtime.subscribe(`/sub/events/${this.#roomId}`, {
            message: (event, { position: at }) => this.#heard(event, at),
            resumed: (_, { position: at }) => {
                this.typists.clear();
                this.attendance.listening(at);
            },
        });
    }

    /** Messages are in the room. */
    said(messages) {
        for (const message of messages) {
            this.marks.said(message);
            this.typists.ended(message.senderId);
        }
    }

    /** The reader's text in the composer changed. */
    edited(text) {
        this.#typing.edited(text);
    }

    /** The reader had everything up to `position` on the screen. */
    read(position) {
        this.#report.read(position);
    }

    close() {
        this.#typing.ended();
        this.#report.close();
        this.typists.clear();
        this.attendance.close();
        this.#events?.close();
    }

    #heard(event, position) {
        this.attendance.heard(event, position);
        switch (event.type) {
        case "typing":
            this.typists.heard(event);
            break;
        case "read":
            this.marks.heard(event);
            break;
        case "leave":
            this.typists.ended(String(event.userId));
            break;
        }
    }
}
