import { decode, encode } from "../../../src/rumpus/web/sdk/net/msgpack.js";

/**
 * A WebSocket whose two directions are queues: the test decides what arrives, and at which point the line is cut.
 */
export class QueueSocket {
  static OPEN = 1;
  /** @type {QueueSocket[]} */
  static all = [];
  /** Whether a connection can be had. */
  static reachable = true;
  readyState = 0;
  up = [];
  down = [];
  /** Whether the line is cut, known to its ends or not. */
  dead = false;
  openedAt = performance.now();

  constructor(url) {
    this.url = url;
    QueueSocket.all.push(this);
    if (!QueueSocket.reachable) this.dead = true;
  }

  send(bytes) {
    if (!this.dead) this.up.push(decode(bytes));
  }

  close() {
    // What was sent before arrives; nothing is heard any more.
    this.readyState = 3;
    if (!this.dead) this.up.push({ type: "close" });
    this.down.length = 0;
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  /** Everything under way is lost. */
  cut() {
    this.dead = true;
    this.up.length = this.down.length = 0;
  }

  /** The client is told that it is over. */
  tellClient(code = 1006) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }

  /** Deliver the next message to the client. @returns {boolean} whether there was one */
  deliver() {
    if (this.dead || this.readyState !== 1 || this.down.length === 0) return false;
    const message = this.down.shift();
    if (message.type === "close") {
      this.dead = true;
      this.tellClient(message.code);
    } else {
      if (message.type === "joined") this.answered = true;
      this.onmessage({ data: new Uint8Array(encode(message)).buffer });
    }
    return true;
  }
}

const JOINED = {
  ...{ type: "joined", room_id: "K7QPX", game: "tag", tick_rate: 30, send_rate: 30, tick: 0, status: "waiting" },
  ...{ settings: {}, max_players: 8, min_players: 2, start: "now", teams: [], private: false, schema: {} },
};

/**
 * A server that keeps seats as the protocol says, and knows nothing else. It fails the test when a client breaks the rules
 * for coming back.
 */
export class SeatServer {
  /** @type {any[]} */
  seats = [];
  /** By socket, the seat that it has. */
  connections = new Map();
  complaints = [];
  resumed = 0;
  taken = 0;
  #ids = 0;
  #tokens = 0;
  #serial = 0;

  constructor({ hold = 30 } = {}) {
    this.hold = hold;
  }

  /** Take the next message of this socket. @returns {boolean} whether there was one */
  take(socket) {
    if (socket.dead || socket.up.length === 0) return false;
    const message = socket.up.shift();
    const seat = this.connections.get(socket);
    if (message.type === "close") this.gone(socket);
    else if (message.type === "join") this.#seat(socket, this.#newSeat(message.name), false, 0);
    else if (message.type === "resume") this.#resume(socket, message);
    else if (!socket.asked) this.complaints.push(`first message is ${message.type}`);
    else if (socket.asked === "resume" && !socket.answered)
      this.complaints.push(`${message.type} before the answer to resume`);
    else if (message.type === "ping") {
      this.#confirm(socket, seat);
      this.#send(socket, { type: "pong", time: message.time, server_time: performance.now() / 1000, tick: 0 });
    } else if (seat && message.type === "leave") {
      this.seats = this.seats.filter((each) => each !== seat);
      this.connections.delete(socket);
    } else if (seat && message.type === "chat") {
      this.#confirm(socket, seat);
      this.say(message.text);
    }
    return true;
  }

  /** With the first message after `joined` the session before is used up. */
  #confirm(socket, seat) {
    if (seat) seat.tokens = [seat.tokens.at(-1)];
  }

  #newSeat(name) {
    const seat = { id: `p${++this.#ids}`, name, tokens: [], log: [], awaySince: -1, from: this.#serial };
    this.seats.push(seat);
    return seat;
  }

  #resume(socket, { session, serial }) {
    if (socket.asked) this.complaints.push("resume is not the first message");
    this.expire();
    socket.asked = "resume";
    const seat = this.seats.find((each) => each.tokens.includes(session));
    if (!seat) {
      socket.answered = true;
      return this.#send(socket, { type: "error", code: "session_expired", message: "gone" });
    }
    for (const [other, theirs] of this.connections) {
      if (theirs !== seat) continue;
      this.taken += 1;
      this.connections.delete(other);
      this.#send(other, { type: "error", code: "session_taken", message: "taken" });
      this.#send(other, { type: "close", code: 4001 });
    }
    this.resumed += 1;
    seat.tokens = [session];
    this.#seat(socket, seat, true, serial ?? 0);
  }

  #seat(socket, seat, resumed, serial) {
    socket.asked ??= "join";
    const session = `t${++this.#tokens}`;
    seat.tokens.push(session);
    seat.awaySince = -1;
    this.connections.set(socket, seat);
    const players = this.seats.map(({ id, name }) => ({ player_id: id, name, team: null, bot: false }));
    const rest = { reconnect_time: this.hold, resumed, serial: Math.max(serial, seat.from), session, players };
    this.#send(socket, { ...JOINED, ...rest, player_id: seat.id });
    if (resumed) for (const line of seat.log) if (line.serial > serial) this.#send(socket, line);
  }

  /** Everybody in the room hears it, now or when they are back. */
  say(text) {
    const line = { type: "chat", player_id: "p0", name: "Server", text, to: "all", serial: ++this.#serial };
    for (const seat of this.seats) seat.log.push(line);
    for (const socket of this.connections.keys()) this.#send(socket, line);
  }

  #send(socket, message) {
    if (!socket.dead && socket.readyState === 1) socket.down.push(message);
  }

  /** The server notices that this connection is gone. */
  gone(socket) {
    const seat = this.connections.get(socket);
    this.connections.delete(socket);
    if (seat) seat.awaySince = performance.now();
  }

  expire() {
    const late = performance.now() - this.hold * 1000;
    this.seats = this.seats.filter((seat) => seat.awaySince < 0 || seat.awaySince > late);
  }
}
