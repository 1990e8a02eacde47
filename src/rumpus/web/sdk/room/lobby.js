/**
 * What one does on a server besides playing in a room: watch the list of rooms, belong to a party, keep seats for others.
 * All of it is of the connection, so a new connection is told again what the old one knew.
 */
import { RumpusError } from "../errors.js";
import { RoomList } from "./room-list.js";
import { freshTicket } from "./seat-request.js";

/** @typedef {import("../types.js").Party} Party */
/** @typedef {import("../types.js").JoinRequest["token"]} Ticket */

/**
 * A question to the server whose answer has not come. Errors do not say what they answer, but answers come in order.
 *
 * @typedef {{answer: "party" | "rooms" | "reserved", resolve: (answer: any) => void, reject: (error: RumpusError) => void}} Question
 */

export class Lobby {
  #connect;
  #send;
  #emit;
  #idle;
  #guest;
  /** @type {Question[]} */
  #questions = [];
  /** Under which name, and with which ticket, the party was entered. @type {{name: string, token?: Ticket}} */
  #member = { name: "" };
  /** The answer about this party is not one that somebody asked for. Each time on a new connection is another one. */
  #entering = /** @type {object | null} */ (null);

  /** The public rooms, once they are watched; null before. @type {RoomList | null} */
  rooms = null;
  /** The party that this client belongs to; null for none. @type {Party | null} */
  party = null;

  /**
   * @param {object} parts
   * @param {() => Promise<void>} parts.connect with or without a seat
   * @param {(message: Record<string, any>) => boolean} parts.send returns whether it was sent
   * @param {import("../types.js").Emit} parts.emit
   * @param {() => void} parts.idle a connection may not be wanted any more
   * @param {string | null} parts.guest the guest's key; null: none
   */
  constructor({ connect, send, emit, idle, guest }) {
    this.#connect = connect;
    this.#send = send;
    this.#emit = emit;
    this.#idle = idle;
    this.#guest = guest;
  }

  /** Whether a connection is wanted even without a seat. */
  get loitering() {
    return this.rooms !== null || this.party !== null || this.#questions.length > 0;
  }

  /** @returns {Promise<RoomList>} */
  async watchRooms() {
    await this.#connect();
    this.rooms ??= new RoomList();
    return this.#question("rooms", { type: "watch_rooms", on: true });
  }

  unwatchRooms() {
    if (!this.rooms) return;
    this.rooms = null;
    this.#send({ type: "watch_rooms", on: false });
    this.#idle();
  }

  /**
   * Whoever follows the leader into a room plays as who they are here: as the guest, or with the ticket.
   *
   * @param {string} name one's own
   * @param {{token?: Ticket}} [options] `token`: as that of a join
   * @returns {Promise<Party>}
   */
  createParty(name, { token } = {}) {
    return this.#enter({}, { name, token });
  }

  /** @param {string} code @param {string} name one's own @param {{token?: Ticket}} [options] @returns {Promise<Party>} */
  enterParty(code, name, { token } = {}) {
    return this.#enter({ code }, { name, token });
  }

  /** As whom one is led into rooms: what a join of one's own would have said. */
  get member() {
    return this.#member;
  }

  /** @param {{code?: string}} party @param {{name: string, token?: Ticket}} member @returns {Promise<Party>} */
  async #enter(party, member) {
    await this.#connect();
    const { token } = member;
    const ticket = typeof token === "function" ? await freshTicket(token) : token;
    this.#member = member;
    return this.#question("party", this.#asMember({ ...party, name: member.name }, ticket));
  }

  /** @param {{code?: string, name: string}} party @param {string} [ticket] */
  #asMember(party, ticket) {
    /** @type {Record<string, any>} */
    const message = { type: "party", ...party };
    if (this.#guest !== null) message.guest = this.#guest;
    if (ticket !== undefined) message.token = ticket;
    return message;
  }

  leaveParty() {
    if (!this.party) return;
    this.party = null;
    this.#send({ type: "leave_party" });
    this.#emit("party", null);
    this.#idle();
  }

  /**
   * @param {number} seats
   * @param {{room?: string, options?: Record<string, any>}} [options]
   * @returns {Promise<import("../types.js").Reserved>}
   */
  async reserve(seats, options = {}) {
    await this.#connect();
    return this.#question("reserved", { type: "reserve", seats, ...options });
  }

  /**
   * @param {Question["answer"]} answer
   * @param {Record<string, any>} message
   * @returns {Promise<any>}
   */
  #question(answer, message) {
    return new Promise((resolve, reject) => {
      if (!this.#send(message)) reject(new RumpusError("unreachable", "There is no connection to the server."));
      else this.#questions.push({ answer, resolve, reject });
    });
  }

  /** @param {Question["answer"]} answer @param {any} payload */
  #answered(answer, payload) {
    const at = this.#questions.findIndex((question) => question.answer === answer);
    if (at >= 0) this.#questions.splice(at, 1)[0].resolve(payload);
  }

  /** There is a new connection, and it may be spoken on. */
  reopened() {
    if (this.rooms) this.#send({ type: "watch_rooms", on: true });
    if (!this.party) return;
    this.#entering = {};
    const { code } = this.party;
    const { name, token } = this.#member;
    if (typeof token !== "function") return void this.#send(this.#asMember({ code, name }, token));
    const entering = this.#entering;
    freshTicket(token).then(
      (ticket) => this.#entering === entering && this.#send(this.#asMember({ code, name }, ticket)),
      () => this.#entering === entering && this.#partyEnds("closed"),
    );
  }

  /** The connection has ended, and with it what was asked on it. */
  ended() {
    this.#entering = null;
    const error = new RumpusError("unreachable", "The connection was lost before the server answered.");
    for (const question of this.#questions.splice(0)) question.reject(error);
  }

  /** There will be no other connection. */
  closed() {
    this.ended();
    this.rooms = null;
    this.#partyEnds("closed");
  }

  /** @param {string} reason */
  #partyEnds(reason) {
    if (!this.party) return;
    this.party = null;
    this.#emit("party", null);
    this.#emit("party_left", { reason });
  }

  /**
   * @param {import("../types.js").ServerError} error
   * @returns {boolean} whether it answers something that was asked here
   */
  refused(error) {
    const question = this.#questions.shift();
    if (question) {
      if (question.answer === "rooms") this.rooms = null;
      question.reject(new RumpusError(error.code, error.message));
      return true;
    }
    // The party has ended while this client was away, or it is a member still and need not have asked.
    if (!this.#entering) return false;
    this.#entering = null;
    if (error.code.startsWith("party_")) this.#partyEnds("closed");
    return true;
  }

  /** @param {any} message @returns {boolean} whether it was about one of these */
  follow(message) {
    switch (message.type) {
      case "rooms":
        if (!this.rooms) return true;
        this.rooms.replace(message.rooms);
        this.#answered("rooms", this.rooms);
        this.#emit("rooms", this.rooms);
        return true;
      case "rooms_changed":
        if (!this.rooms) return true;
        this.rooms.change(message.rooms, message.gone);
        this.#emit("rooms", this.rooms);
        return true;
      case "party": {
        const { code, you, leader, members } = message;
        this.#entering = null;
        this.party = { code, you, leader, members, leads: leader === you };
        this.#answered("party", this.party);
        this.#emit("party", this.party);
        return true;
      }
      case "party_left":
        this.#partyEnds(message.reason);
        return true;
      case "reserved":
        this.#answered("reserved", {
          ...{ room_id: message.room_id, seats: message.seats, expires_in: message.expires_in },
        });
        return true;
    }
    return false;
  }
}
