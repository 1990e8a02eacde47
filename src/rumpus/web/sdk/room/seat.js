/**
 * How one gets into a room, stays there, and comes back when the network fails or the page is loaded again: what each
 * connection is asked for, and what comes of the answer. The connections themselves are in net/connection.js, the secret
 * that is kept in session.js, and what refusals mean in refusals.js. What a room is, a seat need not know.
 *
 * A connection that has a session to come back with says `resume` and then nothing until it is answered: the session is
 * used up by the first message after `joined`, and until then a cut costs nothing, for the old one is still good.
 */
import { RumpusError } from "../errors.js";
import { LOST_SEAT, NO_SESSION, RESTARTED, Setbacks } from "./refusals.js";
import { freshTicket, seatRequest } from "./seat-request.js";
import { WayBack } from "./way-back.js";

/** @typedef {import("../types.js").Joined} Joined */
/** @typedef {import("../types.js").JoinRequest} JoinRequest */
/** @typedef {import("../types.js").ServerError} ServerError */

/** A message that cannot be read ends the connection, with this code; coming back brings everything anew. */
const DAMAGED = 4000;

/** The server's codes: it stops; it has one connection too many; another connection has come back to the seat. */
const GOING_AWAY = 1001;
const BUSY = 1013;
const TAKEN = 4001;

export class Seat {
  #connection;
  #session;
  #inbox;
  #guest;
  #room;
  #lobby;
  #left;
  #emit;
  /** The seat that is wanted or had; null for none. @type {JoinRequest | null} */
  #request = null;
  /** @type {{resolve: (joined: Joined) => void, reject: (error: RumpusError) => void} | null} */
  #waiting = null;
  /** What this connection was asked for and has not answered. @type {"join" | "resume" | null} */
  #asking = null;
  /** The page was loaded again, and wants the seat that it had. */
  #resuming = false;
  /** The seat is known to be gone, and how one comes to another: the server was restarted. @type {WayBack | null} */
  #wayBack = null;
  #gone = false;
  /** Why the server refused the last attempt to come back; null: it could not be reached. @type {ServerError | null} */
  #refusal = null;
  #setbacks = new Setbacks();

  /** How the search for a match goes; null while there is none. @type {import("../types.js").Queued | null} */
  queue = null;

  /**
   * @param {object} parts
   * @param {import("../net/connection.js").Connection} parts.connection
   * @param {import("./session.js").Session} parts.session
   * @param {import("./inbox.js").Inbox} parts.inbox told what makes messages late, or for nobody
   * @param {string | null} parts.guest the guest's key; null: none
   * @param {() => Joined | null} parts.room that one is in
   * @param {import("./lobby.js").Lobby} parts.lobby whether a connection is wanted even without a seat, and who one is there
   * @param {() => void} parts.left there is no seat any more
   * @param {import("../types.js").Emit} parts.emit
   */
  constructor({ connection, session, inbox, guest, room, lobby, left, emit }) {
    this.#connection = connection;
    this.#session = session;
    this.#inbox = inbox;
    this.#guest = guest;
    this.#room = room;
    this.#lobby = lobby;
    this.#left = left;
    this.#emit = emit;
  }

  /** Where the seat is that the browser has kept; null for none. */
  get kept() {
    return this.#session.seat;
  }

  /** Whether there is anything to be connected for. */
  get wanted() {
    return this.#lobby.loitering || this.#connection.awaited || this.#request !== null;
  }

  /** Whether what is answered next is that one comes back. */
  get returning() {
    return this.#connection.state === "reconnecting" && (this.#room() !== null || this.#resuming);
  }

  /** The room whose seat is gone because the server was restarted; null: it was not. */
  get lostRoom() {
    return this.#wayBack?.room ?? null;
  }

  // --- what one may want --------------------------------------------------------------------------------------------

  /**
   * @param {JoinRequest} request
   * @param {AbortSignal} [signal]
   * @returns {Promise<Joined>}
   */
  join(request, signal) {
    this.leave();
    if (signal?.aborted) return Promise.reject(new RumpusError("cancelled", "You stopped waiting."));
    const joined = this.#want(request, "connecting");
    const waiting = this.#waiting;
    const cancel = () => {
      if (this.#waiting === waiting) this.cancel();
    };
    signal?.addEventListener("abort", cancel);
    return joined.finally(() => signal?.removeEventListener("abort", cancel));
  }

  cancel() {
    if (this.#waiting || this.queue) this.#quit(new RumpusError("cancelled", "You stopped waiting."));
  }

  canResume() {
    return !this.#room() && this.#session.token !== "" && this.#session.hopeful;
  }

  /** @returns {Promise<Joined>} */
  resume() {
    const { seat } = this.#session;
    if (this.#room() || !seat)
      return Promise.reject(new RumpusError("session_expired", "There is no seat to come back to."));
    this.#reject(new RumpusError("left", "You left."));
    this.#session.restart();
    // It has to be the first word on a connection.
    if (this.#connection.open) {
      this.queue = null;
      this.#connection.hangUp();
    }
    this.#resuming = true;
    const { name, room, role } = seat;
    return this.#want(this.#session.past?.request ?? { name, room, role }, "reconnecting");
  }

  leave() {
    this.#quit(new RumpusError("left", "You left."));
  }

  /** Leave, and close the connection: so nobody need be told that one waits no more. */
  disconnect() {
    this.queue = null;
    this.leave();
  }

  /** The connection may not be wanted any more. */
  restIfIdle() {
    if (!this.wanted) this.#rest("idle");
  }

  /** Remember whose chat is not to be heard. @param {string} playerId @param {boolean} muted */
  mute(playerId, muted) {
    this.#session.mute(playerId, muted);
  }

  /**
   * @param {JoinRequest} request
   * @param {"connecting" | "reconnecting"} state
   * @returns {Promise<Joined>}
   */
  #want(request, state) {
    this.#request = request;
    this.#wayBack = null;
    this.#gone = false;
    this.#setbacks.clear();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#connection.begin(state)) this.#ask();
    });
  }

  // --- the connection -----------------------------------------------------------------------------------------------

  /** There is a connection. */
  opened() {
    this.#refusal = this.#wayBack = null;
    this.#inbox.reopened();
    this.#ask();
  }

  /** Ask for the seat. The session, if there is one, before anything else is said. */
  #ask() {
    const { token } = this.#session;
    if (token && (this.#resuming || this.#room())) {
      this.#asking = "resume";
      this.#connection.send({ type: "resume", session: token, serial: this.#session.serial });
    } else if (this.#request) this.#askForSeat(this.#request);
    else {
      this.#connection.greet();
      this.#connection.set("connected");
    }
  }

  /** @param {JoinRequest} request */
  #askForSeat(request) {
    const connection = this.#connection;
    // A party goes into a new room together. Who comes back to one is a member who was left behind, and enters after it.
    if (!this.#room()) connection.greet();
    this.#asking = "join";
    const back = this.#wayBack;
    const message = seatRequest(back?.request ?? request, back ? null : this.#room(), this.#guest);
    const send = (/** @type {string | undefined} */ token) => {
      connection.send(token === undefined ? message : { ...message, token });
      connection.greet();
    };
    if (typeof request.token !== "function") return send(request.token);
    connection.beat();
    const { number } = connection;
    const wanted = () => this.#request === request && connection.number === number;
    freshTicket(request.token).then(
      (ticket) => wanted() && send(ticket),
      (error) => wanted() && this.refused(error),
    );
  }

  /** The connection is lost, or an attempt has failed. @param {number} code of the WebSocket close @param {string} reason */
  lost(code, reason) {
    this.#asking = null;
    this.#gone ||= code === GOING_AWAY;
    const queued = this.queue !== null;
    this.queue = null;
    if (code === TAKEN || this.#session.elsewhere) return this.giveUp("session_taken", LOST_SEAT.session_taken);
    if (!this.wanted) return this.#connection.set("idle");
    // A first attempt that fails is an answer.
    if (this.#connection.state === "connecting" && !queued && !this.#lobby.loitering) {
      return this.giveUp(code === BUSY ? "server_full" : "unreachable", reason || "The server cannot be reached.");
    }
    const { token, hold } = this.#session;
    const held = token !== "" && hold > 0 && !this.#gone;
    if (this.#connection.retry(this.#room()?.reconnect_time ?? hold, held, code === GOING_AWAY)) return;
    const unreachable = `The server could not be reached for ${Math.round(this.#connection.patience)} seconds.`;
    this.giveUp(this.#refusal?.code ?? "unreachable", this.#refusal?.message ?? unreachable);
  }

  /** Leave, whatever was reached. @param {RumpusError} error */
  #quit(error) {
    const connection = this.#connection;
    const waiting = this.#waiting !== null || this.queue !== null;
    const seated = this.#room() !== null || waiting;
    if (waiting) connection.send({ type: "cancel" });
    this.#drop();
    const stays = this.wanted;
    if (seated) connection.send({ type: "leave" });
    if (!stays) this.#rest("idle");
    else if (connection.open) {
      if (waiting) this.#inbox.forsake((message) => connection.send(message));
      connection.set("connected");
    }
    this.#reject(error);
  }

  /**
   * There is no hope for this seat.
   *
   * @param {string} code
   * @param {string} message
   * @param {boolean} [hangUp] whatever else the connection is good for
   */
  giveUp(code, message, hangUp = false) {
    const error = new RumpusError(code, message);
    if (this.#wayBack) this.#emit("restarted", { again: false, same: false, room_id: this.#wayBack.room });
    this.#drop(code === "session_taken");
    if (this.#lobby.loitering && this.#connection.open && !hangUp && code !== "session_taken") this.#connection.set("connected");
    else this.#rest("closed", error);
    if (!this.#reject(error)) this.#emit("closed", { code, message });
  }

  /** @param {"idle" | "closed"} state @param {RumpusError} [error] */
  #rest(state, error) {
    this.queue = null;
    this.#connection.rest(state, error);
  }

  /** There is no seat any more. @param {boolean} [keep] it may be taken back */
  #drop(keep = false) {
    if (!keep) this.#session.clear();
    this.#request = this.#asking = this.#wayBack = null;
    this.#resuming = false;
    this.queue = null;
    this.#left();
  }

  /** @param {RumpusError} error @returns {boolean} whether somebody waited */
  #reject(error) {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
    return waiting !== null;
  }

  // --- what the server says -----------------------------------------------------------------------------------------

  /** @param {any} message @returns {boolean} whether it was about this seat only */
  follow(message) {
    switch (message.type) {
      case "queued":
        this.queue = { waited: message.waited, window: message.window, searching: message.searching };
        this.#emit("queued", this.queue);
        return true;
      case "queue_left":
        this.queue = null;
        this.#emit("queue_left", { reason: message.reason });
        return true;
      case "watching":
        this.#emit("watching", { starts_in: message.starts_in });
        return true;
      case "player_left":
        if (message.player_id !== (this.#room()?.player_id ?? "")) return false;
        // One's own seat was taken away: there is nothing to go back to. If it was moved, the party is on its way to
        // another room, of which `joined` tells.
        if (message.reason !== "moved")
          this.giveUp(message.reason, LOST_SEAT[message.reason] ?? "You are no longer in this room.");
        return true;
    }
    return false;
  }

  /**
   * The seat is there.
   *
   * @param {Joined} joined
   * @param {string} name of the player, as the room has it
   * @returns {string[]} whose chat is not to be heard
   */
  take(joined, name) {
    // A party's leader may have led the way here.
    this.#request ??= { ...this.#lobby.member, name };
    // From the next message on the old session is worth nothing.
    this.#session.take(joined, this.#request.name ?? name, this.#request);
    this.#inbox.seated(joined.resumed);
    this.#asking = this.#wayBack = null;
    this.#resuming = this.#gone = false;
    this.queue = null;
    this.#setbacks.seated();
    return this.#session.muted;
  }

  /** Tell everybody of the seat that was taken. @param {Joined} joined */
  confirm(joined) {
    this.#connection.settled();
    this.#connection.greet();
    this.#connection.set("joined");
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(joined);
  }

  /**
   * Errors do not say what they are about.
   *
   * @param {ServerError} error
   * @returns {boolean} whether it is about a seat that was asked for, or had, and about nothing else
   */
  expects(error) {
    // In the queue the join has its answer already.
    const answer = this.#asking !== null && this.queue === null && !error.code.startsWith("party_");
    return answer || error.code === "session_taken";
  }

  /** @param {ServerError} error */
  refused(error) {
    if (error.code === "session_taken") return this.giveUp(error.code, LOST_SEAT.session_taken, true);
    const asking = this.#asking;
    const has = { ticket: typeof this.#request?.token === "function", watched: this.#wayBack?.watches ?? false };
    if (asking === null) {
      this.#emit("error", error);
      if (error.code === "game_error") this.giveUp(error.code, error.message);
    } else if (asking === "resume" && error.code === RESTARTED && this.#session.past) {
      this.#gone = true;
      this.#wayBack = new WayBack(this.#session.past);
      if (this.#request) this.#askForSeat(this.#request);
    } else if (asking === "join" && this.#request && this.#wayBack?.refused(error.code)) {
      this.#askForSeat(this.#request);
    } else if (asking === "resume" && NO_SESSION.has(error.code)) {
      if (this.#resuming) return this.giveUp("session_expired", "The seat is no longer held.");
      // The seat is gone, the room may be there.
      this.#session.clear();
      this.#ask();
    } else if ((this.#waiting && !this.#resuming) || this.#setbacks.hopeless(error.code, has)) {
      this.giveUp(error.code, this.#wayBack?.explain(error) ?? error.message);
    } else {
      // Refused for now: close, and let the next attempt ask again.
      this.#refusal = error;
      this.#connection.drop(1000);
    }
  }

  /** What has come makes no sense: a new connection brings all anew. @param {string} code @param {string} problem */
  unreadable(code, problem) {
    const message = `The server sent what cannot be read: ${problem}`;
    if (this.#waiting || this.#setbacks.damaged()) return this.giveUp(code, message, true);
    this.#emit("error", { code, message });
    // A listener may have left the room.
    if (this.#connection.open) this.#connection.drop(DAMAGED, "unreadable message");
  }
}
