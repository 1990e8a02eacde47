/**
 * How one gets into a room, stays there, and comes back when the network fails or the page is loaded again: what each
 * connection is asked for, and what comes of the answer. The connections themselves are in connected.js and line.js, the
 * seat that is kept in session.js, and what the answers mean in refusals.js. The client (client.js) is one of these that
 * also has the state of the match.
 *
 * A connection that has a session to come back with says `resume` and then nothing until it is answered: the session is
 * used up by the first message after `joined`, and until then a cut costs nothing, for the old one is still good.
 */
import { Barrier } from "./barrier.js";
import { Connected } from "../net/connection.js";
import { RumpusError, SnapshotError } from "../errors.js";
import { guestKey } from "./guest.js";
import { FULL, HOPELESS, LOST_SEAT, NO_SESSION } from "./refusals.js";
import { freshTicket, seatRequest } from "./seat-request.js";
import { Session } from "./session.js";
import { browserStore, noStore } from "./storage.js";

/** @typedef {import("../types.js").Joined} Joined */
/** @typedef {import("../types.js").JoinRequest} JoinRequest */
/** @typedef {import("../types.js").ServerError} ServerError */

/** How often a full room is asked again: our own lost seat may be what fills it, until the server notices. */
const FULL_ATTEMPTS = 8;

/** A message that cannot be read ends the connection, with this code; coming back brings everything anew. */
const DAMAGED = 4000;

/** So often, and no more: what is damaged every time is not damaged by chance. */
const DAMAGED_ATTEMPTS = 5;

/** The server's code for a connection whose seat another connection has come back to. */
const TAKEN = 4001;

export class Presence extends Connected {
  #session;
  /** The seat that is wanted or had; null for none. @type {JoinRequest | null} */
  #request = null;
  /** @type {{resolve: (joined: Joined) => void, reject: (error: RumpusError) => void} | null} */
  #waiting = null;
  /** What this connection was asked for and has not answered. @type {"join" | "resume" | null} */
  #asking = null;
  /** The page was loaded again, and wants the seat that it had. */
  #resuming = false;
  #barrier = new Barrier();
  /** Why the server has sent back the last attempt to come back; null: it could not be reached. @type {ServerError | null} */
  #refusal = null;
  /** What has a number is told late: until the first pong it is what was missed. */
  #late = false;
  #refused = 0;
  #damaged = 0;

  /**
   * @param {object} [options]
   * @param {string} [options.url] the WebSocket's address; the page's own server when left out
   * @param {string | null} [options.guest] the key by which the server knows a guest again: 16 to 128 letters, digits, `-`
   *   and `_`. When left out a random one, which the browser keeps; null: none
   * @param {boolean} [options.storage] false: keep nothing in the browser, neither the guest's key nor the seat
   */
  constructor({ url, guest, storage = true } = {}) {
    super(url);
    const store = storage ? browserStore : noStore;
    /** The guest's key; null: none. @type {string | null} */
    this.guest = guest === undefined ? guestKey(store("localStorage")) : guest;
    this.#session = new Session(store("sessionStorage"), this.url);
  }

  /** Where the seat is that the browser has kept; null for none. */
  get kept() {
    return this.#session.seat;
  }

  /**
   * Join a room: `request.room` by its code, or the best public one, for which one may have to wait (`queued` tells). It
   * rejects with a RumpusError when the server refuses or cannot be reached. Once joined, a lost connection is tried again
   * until `leave` is called or there is no hope.
   *
   * @param {JoinRequest} request
   * @param {{signal?: AbortSignal}} [options] `signal`: does what `cancel` does
   * @returns {Promise<Joined>}
   */
  join(request, { signal } = {}) {
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

  /** Stop waiting for a room: `join` rejects with the code `cancelled`. */
  cancel() {
    if (this.#waiting || this.queue) this.#quit(new RumpusError("cancelled", "You stopped waiting."));
  }

  /** Whether there is a seat to come back to after the page was loaded again, or after another tab has taken it. */
  canResume() {
    return !this.room && this.#session.token !== "" && this.#session.hopeful;
  }

  /**
   * Come back to that seat. What the server keeps for it (chat, results) is told again, as this page has not seen it. It
   * rejects with `session_expired` when the seat is gone; `client.kept` says where it was until then.
   *
   * @returns {Promise<Joined>}
   */
  resume() {
    const { seat } = this.#session;
    if (this.room || !seat) return Promise.reject(new RumpusError("session_expired", "There is no seat to come back to."));
    this.#reject(new RumpusError("left", "You left."));
    this.#session.restart();
    // It has to be the first word on a connection.
    if (this.line.open) this.hangUp();
    this.#resuming = true;
    return this.#want({ name: seat.name, room: seat.room, role: seat.role }, "reconnecting");
  }

  /** Leave the room. The connection stays if there is a party, or if the list of rooms is watched. */
  leave() {
    this.#quit(new RumpusError("left", "You left."));
  }

  /** Leave everything, and close the connection. */
  disconnect() {
    this.leaveParty();
    this.lobbyClosed();
    this.leave();
  }

  /** Hear no chat of a player, or hear it again. @override @param {string} playerId @param {boolean} [muted] */
  mute(playerId, muted = true) {
    super.mute(playerId, muted);
    this.#session.mute(playerId, this.muted.has(playerId));
  }

  // --- the connection -----------------------------------------------------------------------------------------------

  /**
   * @param {JoinRequest} request
   * @param {"connecting" | "reconnecting"} connection
   * @returns {Promise<Joined>}
   */
  #want(request, connection) {
    this.#request = request;
    this.line.reset();
    this.#refused = this.#damaged = 0;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.setConnection(connection);
      if (this.line.open && this.greeted) this.#ask();
      else this.line.connect();
    });
  }

  /** @protected @override */
  opened() {
    this.#refusal = null;
    this.#barrier.drop();
    this.#ask();
  }

  /** Ask for the seat. The session, if there is one, before anything else is said. */
  #ask() {
    const { token, hold } = this.#session;
    if (token && (this.#resuming || (this.room && hold > 0))) {
      this.#asking = "resume";
      this.tell({ type: "resume", session: token, serial: this.#session.serial });
    } else if (this.#request) this.#askForSeat(this.#request);
    else {
      this.greet();
      this.setConnection("connected");
    }
  }

  /** @param {JoinRequest} request */
  #askForSeat(request) {
    // A party goes into a new room together. Who comes back to one is a member who was left behind, and enters after it.
    if (!this.room) this.greet();
    this.#asking = "join";
    const message = seatRequest(request, this.room, this.guest);
    const { token } = request;
    if (typeof token !== "function") {
      this.tell(token === undefined ? message : { ...message, token });
      return this.greet();
    }
    this.line.beat();
    const { number } = this.line;
    const wanted = () => this.#request === request && this.line.number === number;
    freshTicket(token).then(
      (ticket) => {
        if (!wanted()) return;
        this.tell({ ...message, token: ticket });
        this.greet();
      },
      (error) => wanted() && this.#refusedBy(error),
    );
  }

  /** @protected @override @param {number} code of the WebSocket close @param {string} reason */
  lost(code, reason) {
    this.#asking = null;
    const queued = this.queue !== null;
    this.lobbyLost();
    this.connectionLost();
    if (code === TAKEN || this.#session.elsewhere) return this.#giveUp("session_taken", LOST_SEAT.session_taken);
    if (!this.wanted) return this.setConnection("idle");
    // A first attempt that fails is an answer.
    if (this.connection === "connecting" && !queued && !this.loitering) {
      const busy = code === 1013;
      return this.#giveUp(busy ? "server_full" : "unreachable", reason || "The server cannot be reached.");
    }
    if (this.retry()) return;
    const unreachable = `The server could not be reached for ${Math.round(this.patience)} seconds.`;
    this.#giveUp(this.#refusal?.code ?? "unreachable", this.#refusal?.message ?? unreachable);
  }

  /** @protected @override */
  get hold() {
    return this.room?.reconnect_time ?? this.#session.hold;
  }

  /** @protected @override */
  get held() {
    return this.#session.token !== "" && this.#session.hold > 0;
  }

  /** @protected @override Whether somebody wants a seat, or has one. */
  get wanted() {
    return super.wanted || this.#request !== null;
  }

  /** Leave, whatever was reached. @param {RumpusError} error */
  #quit(error) {
    const waiting = this.#waiting !== null || this.queue !== null;
    
    const seated = this.room !== null || waiting;
    if (waiting) this.tell({ type: "cancel" });
    this.#drop();
    const stays = this.wanted;
    if (seated) this.tell({ type: "leave" });
    if (!stays) this.rest("idle");
    else if (this.line.open) {
      if (waiting) this.#barrier.raise((message) => this.tell(message));
      this.setConnection("connected");
    }
    this.#reject(error);
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {boolean} [hangUp] whatever else the connection is good for
   */
  #giveUp(code, message, hangUp = false) {
    const error = new RumpusError(code, message);
    this.#drop(code === "session_taken");
    if (this.loitering && this.line.open && !hangUp && code !== "session_taken") this.setConnection("connected");
    else this.rest("closed", error);
    if (!this.#reject(error)) this.emit("closed", { code, message });
  }

  /** There is no seat any more. @param {boolean} [keep] it may be taken back */
  #drop(keep = false) {
    if (!keep) this.#session.clear();
    this.#request = this.#asking = null;
    this.#resuming = false;
    this.queue = null;
    this.exit();
  }

  /** @param {RumpusError} error @returns {boolean} whether somebody waited */
  #reject(error) {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
    return waiting !== null;
  }

  // --- what the server says -----------------------------------------------------------------------------------------

  /** @protected @override @param {any} message */
  received(message) {
    if (this.#barrier.stops(message)) return;
    if (message.serial !== undefined && message.type !== "joined") {
      if (!this.#session.isNew(message.serial)) return;
      if (this.#late) message.missed = true;
    }
    switch (message.type) {
      case "pong":
        this.#late = false;
        break;
      case "joined":
        return this.#joined(message);
      case "watching":
        return this.emit("watching", { starts_in: message.starts_in });
      case "player_left":
        if (message.player_id !== this.playerId) break;
        // The party is on its way to another room, of which `joined` tells.
        if (message.reason === "moved") return;
        // One's own seat was taken away: there is nothing to go back to.
        return this.#giveUp(message.reason, LOST_SEAT[message.reason] ?? "You are no longer in this room.");
      case "error":
        return this.#refusedBy(message);
      // Types added by a later server are none of our business.
    }
    if (!this.followLobby(message)) this.follow(message);
  }

  /** @param {any} message */
  #joined(message) {
    const again = this.connection === "reconnecting" && (this.room !== null || this.#resuming);
    let joined;
    try {
      joined = this.enter(message);
    } catch (error) {
      // Tables of a kind that only a later SDK knows.
      if (error instanceof SnapshotError) return this.#giveUp("bad_snapshot", error.message, true);
      throw error;
    }
    const name = this.#request?.name ?? this.me?.name ?? "";
    // A party's leader may have led the way here.
    this.#request ??= { name };
    // From the next message on the old session is worth nothing.
    this.#session.take(joined, name);
    this.muted = new Set(this.#session.muted);
    this.#late = joined.resumed;
    this.#asking = null;
    this.#resuming = false;
    this.queue = null;
    this.#refused = 0;
    this.line.settled();
    this.greet();
    this.setConnection("joined");
    this.playChanged(true);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(joined);
    this.emit("joined", { ...joined, again });
    this.playersChanged();
  }

  /**
   * What has come makes no sense: a new connection brings everything anew.
   *
   * @protected
   * @override
   * @param {string} code
   * @param {string} problem
   */
  unreadable(code, problem) {
    const message = `The server sent what cannot be read: ${problem}`;
    if (this.#waiting || ++this.#damaged >= DAMAGED_ATTEMPTS) return this.#giveUp(code, message, true);
    this.emit("error", { code, message });
    // A listener may have left the room.
    if (this.line.open) this.#again(DAMAGED, "unreadable message");
  }

  /** End this connection, and try another one. @param {number} code @param {string} [reason] */
  #again(code, reason) {
    this.hangUp(code, reason);
    this.lost(code, "");
  }

  /** @param {ServerError} error */
  #refusedBy(error) {
    if (error.code === "session_taken") return this.#giveUp(error.code, LOST_SEAT.session_taken, true);
    const asking = this.#asking;
    // Errors do not say what they are about. In the queue the join has its answer already.
    const forLobby = asking === null || this.queue !== null || error.code.startsWith("party_");
    if (forLobby && this.lobbyRefused(error)) return;
    if (asking === null) {
      this.emit("error", error);
      if (error.code === "game_error") this.#giveUp(error.code, error.message);
    } else if (asking === "resume" && NO_SESSION.has(error.code)) {
      if (this.#resuming) return this.#giveUp("session_expired", "The seat is no longer held.");
      // The seat is gone, the room may be there.
      this.#session.clear();
      this.#ask();
    } else if (this.#waiting && !this.#resuming) this.#giveUp(error.code, error.message);
    else if (this.#hopeless(error.code)) this.#giveUp(error.code, error.message);
    else {
      // Refused for now: close, and let the next attempt ask again.
      this.#refusal = error;
      this.#again(1000);
    }
  }

  /** @param {string} code of an error on coming back */
  #hopeless(code) {
    if (FULL.has(code)) return ++this.#refused >= FULL_ATTEMPTS;
    return HOPELESS.has(code) || (code === "token_expired" && typeof this.#request?.token !== "function");
  }
}
