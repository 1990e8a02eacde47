/**
 * What a client is made of, and how the parts are joined. None of them knows another, but for the seat, which has the
 * connection: each is given the few things that it needs, and this is the one place where what one part tells becomes
 * what another is told.
 */
import { SnapshotError } from "./errors.js";
import { Connection } from "./net/connection.js";
import { Match } from "./prediction/match.js";
import { guestKey } from "./room/guest.js";
import { Inbox } from "./room/inbox.js";
import { Lobby } from "./room/lobby.js";
import { Room } from "./room/room.js";
import { Seat } from "./room/seat.js";
import { Session } from "./room/session.js";
import { browserStore, noStore } from "./room/storage.js";

/**
 * @typedef {object} Parts
 * @property {Connection} connection
 * @property {Seat} seat
 * @property {Room} room
 * @property {Lobby} lobby
 * @property {Match} match
 * @property {string | null} guest the guest's key; null: none
 */

/**
 * @param {{url: string, guest?: string | null, storage: boolean}} options as those of the client
 * @param {import("./types.js").Emit} emit
 * @returns {Parts}
 */
export function wire({ url, guest: given, storage }, emit) {
  const store = storage ? browserStore : noStore;
  const session = new Session(store("sessionStorage"), url);
  const inbox = new Inbox((serial) => session.isNew(serial));
  const guest = given === undefined ? guestKey(store("localStorage")) : given;
  const send = (/** @type {Record<string, any>} */ message) => connection.send(message);

  /** @type {Room} */
  const room = new Room({
    send,
    emit,
    matchBegan: (fixed) => match.begin(fixed),
    playChanged: () => match.playChanged(),
  });

  const match = new Match({
    send,
    emit,
    room: () => room.joined,
    playing: () => room.playing,
    advanced: (tick) => room.advanced(tick),
  });

  /** @type {Connection} */
  const connection = new Connection(url, {
    opened: () => seat.opened(),
    greeted: () => lobby.reopened(),
    message: (message) => received(message ?? {}),
    snapshot(bytes) {
      const problem = room.joined ? match.snapshot(bytes) : null;
      if (problem !== null) seat.unreadable("bad_snapshot", problem);
    },
    unreadable: (problem) => seat.unreadable("bad_message", problem),
    ended: () => lobby.ended(),
    lost(code, reason) {
      match.rest();
      seat.lost(code, reason);
    },
    closed: () => lobby.closed(),
    changed: (change) => emit("connection", change),
    received: (bytes) => match.stats.received(bytes),
    sent: (bytes) => match.stats.sent(bytes),
  });

  /** @type {Lobby} */
  const lobby = new Lobby({ connect: () => connection.connect(), send, emit, idle: () => seat.restIfIdle(), guest });

  const seat = new Seat({
    connection,
    session,
    inbox,
    guest,
    room: () => room.joined,
    lobby,
    left() {
      room.exit();
      match.exit();
    },
    emit,
  });

  /** @param {any} message of a type that a later server may have added: that is none of our business */
  function received(message) {
    if (inbox.stops(message)) return;
    if (message.type === "joined") return joined(message);
    if (message.type === "error") return refused(message);
    if (!seat.follow(message) && !lobby.follow(message) && !match.follow(message)) room.follow(message);
  }

  /** @param {any} message */
  function joined(message) {
    const again = seat.returning;
    const before = seat.lostRoom;
    try {
      match.enter(message);
    } catch (error) {
      // Tables of a kind that only a later SDK knows.
      if (error instanceof SnapshotError) return seat.giveUp("bad_snapshot", error.message, true);
      throw error;
    }
    const entered = room.enter(message);
    room.muted = new Set(seat.take(entered, room.me?.name ?? ""));
    seat.confirm(entered);
    match.playChanged(true);
    emit("joined", { ...entered, again, restarted: before !== null });
    room.tellPlayers();
    if (before !== null) emit("restarted", { again: true, same: entered.room_id === before, room_id: entered.room_id });
  }

  /** @param {import("./types.js").ServerError} error */
  function refused(error) {
    match.refused(error);
    if (seat.expects(error) || !lobby.refused(error)) seat.refused(error);
  }

  return { connection, seat, room, lobby, match, guest };
}
