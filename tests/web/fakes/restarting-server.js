/**
 * A server that forgets everything when it is restarted, and answers as the protocol says to those who come back. It has
 * rooms of two seats and knows nothing of matches. The sockets are those of seat-server.js.
 */
export class RestartingServer {
  /** By code: who is in it, whether quick play finds it, the host's id, and the options it was opened with. */
  rooms = new Map();
  /** What was asked for, without pings, in order. */
  asked = [];
  #run = 0;
  #ids = 0;
  #rooms = 0;

  constructor({ reopens = true, seats = 2, settings = ["mode"] } = {}) {
    Object.assign(this, { reopens, seats, settings });
  }

  /** All is gone; what it is like from now on may be something else. */
  restart(changes = {}) {
    this.#run += 1;
    this.rooms.clear();
    this.asked.length = 0;
    Object.assign(this, changes);
  }

  /** Take the next message of this socket. @returns {boolean} whether there was one */
  take(socket) {
    if (socket.dead || socket.up.length === 0) return false;
    const message = socket.up.shift();
    if (message.type === "ping" || message.type === "close") return true;
    this.asked.push(message);
    if (message.type === "resume") {
      const code = message.session.startsWith(`${this.#run}.`) ? "session_expired" : "server_restarted";
      this.#refuse(socket, code);
    } else if (message.type === "party") this.#refuse(socket, "party_not_found");
    else if (message.type === "join") this.#join(socket, message);
    return true;
  }

  #refuse(socket, code) {
    socket.down.push({ type: "error", code, message: `No: ${code}.` });
  }

  #join(socket, { name, room: code, role = "player", options = {} }) {
    const wrong = Object.keys(options.settings ?? {}).find((setting) => !this.settings.includes(setting));
    let room = this.rooms.get(code);
    if (code !== undefined && !room && !(options.reopen && this.reopens)) return this.#refuse(socket, "room_not_found");
    if (wrong && (!room || code === undefined)) return this.#refuse(socket, "bad_settings");
    if (code === undefined && !options.create)
      room = [...this.rooms.values()].find((each) => each.open && each.people.length < this.seats);
    room ??= this.open(code ?? `NEW${++this.#rooms}`, options);
    if (role === "player" && room.people.length >= this.seats) return this.#refuse(socket, "room_full");
    const id = `${role === "player" ? "p" : "s"}${++this.#ids}`;
    if (role === "player") room.people.push({ player_id: id, name, team: null, bot: false });
    if (room.hosted) room.host ??= id;
    socket.down.push({
      ...{ type: "joined", room_id: room.code, game: "tag", tick_rate: 30, send_rate: 30, tick: 0, status: "waiting" },
      ...{ max_players: this.seats, min_players: 1, start: "now", teams: [], private: !room.open, bots: 1, title: room.title },
      ...{ schema: { settings: { properties: { mode: {} } } }, settings: { mode: "ctf", limit: 9, ...room.settings } },
      ...{ session: `${this.#run}.${id}`, reconnect_time: 30, resumed: false, serial: 0, role, player_id: id },
      ...{ players: [...room.people], host: room.host },
    });
  }

  /** @param {string} code */
  open(code, { create = false, private: closed = true, title = "", settings = {} } = {}) {
    const room = { code, people: [], host: null, hosted: create, open: !(create && closed), title, settings };
    this.rooms.set(code, room);
    return room;
  }
}
