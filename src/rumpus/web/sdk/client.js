/**
 * One player's connection to a Rumpus server: joins a room, keeps its state up to date, and comes back when the network
 * fails. It knows the protocol and nothing of any particular game.
 */
import { Backoff } from "./backoff.js";
import { Clock } from "./clock.js";
import { Emitter } from "./emitter.js";
import { RumpusError, SnapshotError } from "./errors.js";
import { Link } from "./link.js";
import { NetStats } from "./net-stats.js";
import { PredictedPlayer } from "./predicted-player.js";
import { Replica } from "./replica.js";
import { socketAddress } from "./rooms.js";

/** @typedef {import("./types.js").Player} Player */
/** @typedef {import("./types.js").Joined} Joined */
/** @typedef {import("./types.js").JoinRequest} JoinRequest */
/** @typedef {import("./types.js").Connection} Connection */

/** After these errors a lost seat cannot be won back by trying again. */
const HOPELESS = new Set(["room_not_found", "room_in_progress", "bad_name", "bad_settings", "kicked"]);

/** How often a full room is asked again: our own lost seat may be what fills it, until the server notices. */
const FULL_ATTEMPTS = 8;

/** A message that cannot be read ends the connection, with this code; joining again brings everything anew. */
const DAMAGED = 4000;

/** So often, and no more: what is damaged every time is not damaged by chance. */
const DAMAGED_ATTEMPTS = 5;

/** @extends {Emitter<import("./types.js").ClientEvents>} */
export class Client extends Emitter {
  /** @type {Link | null} */
  #link = null;
  /** @type {JoinRequest | null} */
  #request = null;
  /** @type {{resolve: (joined: Joined) => void, reject: (error: RumpusError) => void} | null} */
  #waiting = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  #seq = 0;
  #refused = 0;
  #damaged = 0;
  #backoff = new Backoff();
  #replica = new Replica();
  /** @type {PredictedPlayer | null} */
  #player = null;

  /** @type {Connection} */
  connection = "idle";
  /** What the server said on joining, with `status` and `settings` kept up to date; null before. @type {Joined | null} */
  room = null;
  /** Everyone in the room, by id. @type {Map<string, Player>} */
  players = new Map();
  clock = new Clock();
  /** How well the connection and the prediction work; see net-stats.js. */
  stats = new NetStats({
    clock: this.clock,
    ticks: () => this.#player?.clock ?? null,
    prediction: () => this.#player?.prediction ?? null,
    picture: () => this.#replica.picture,
  });
  /** How the last round ended; null while one is played. @type {import("./types.js").GameOver | null} */
  lastResults = null;

  /** @param {{url?: string}} [options] `url`: the WebSocket's address; the page's own server when left out */
  constructor({ url } = {}) {
    super();
    this.url = url ?? socketAddress();
  }

  /**
   * The newest state as plain data, whatever the game keeps it in; null before the first. Never changed in place: a
   * later state is another object. Of a game with a world it is made when it is read, so draw from `interpolate`.
   *
   * @returns {any}
   */
  get state() {
    return this.#replica.state;
  }

  /** The tables of a game that has a world, as numbers; null for other games. See world.js. */
  get world() {
    return this.#replica.world;
  }

  /** The part of the state that does not change during a match, such as a map. */
  get static() {
    return this.#replica.static;
  }

  get tick() {
    return this.#replica.tick;
  }

  /** `seq` of the last input that the newest state takes into account. */
  get ack() {
    return this.#replica.ack;
  }

  /** By how many seconds that input was early for its tick, negative if it was late; null if it was not for a tick. */
  get margin() {
    return this.#replica.margin;
  }

  get playerId() {
    return this.room?.player_id ?? "";
  }

  /** Round-trip time in seconds; 0 until it is known. */
  get rtt() {
    return this.clock.rtt;
  }

  /**
   * Join a room: `request.room` by its code, or any public one. Rejects with a RumpusError when the server refuses or
   * cannot be reached. Once joined, a lost connection is tried again until `leave` is called or there is no hope.
   *
   * @param {JoinRequest} request
   * @returns {Promise<Joined>}
   */
  join(request) {
    this.leave();
    this.#request = request;
    this.#backoff.reset();
    this.#refused = 0;
    this.#damaged = 0;
    this.#setConnection("connecting");
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#open();
    });
  }

  /** Leave the room and close the connection. */
  leave() {
    clearTimeout(this.#retryTimer);
    this.#link?.send({ type: "leave" });
    this.#hangUp(1000);
    this.#request = null;
    this.#waiting?.reject(new RumpusError("left", "You left."));
    this.#waiting = null;
    this.#forgetRoom();
    this.#setConnection("idle");
  }

  /** Try to reconnect now instead of waiting. */
  retryNow() {
    if (this.connection !== "reconnecting" || this.#link) return;
    clearTimeout(this.#retryTimer);
    this.#open();
  }

  /**
   * Send an input: for the next tick, or for a tick of its own (`client.predict` does that).
   *
   * @param {Record<string, any>} data fields of the game's input
   * @param {{tick: number, seen?: number | null}} [timing] the tick it is for, and the tick that the player's picture shows
   * @returns {number} its sequence number, or 0 when there is no connection to send it over
   */
  sendInput(data, timing) {
    const seq = this.#seq + 1;
    /** @type {Record<string, any>} */
    const message = { type: "input", seq, data };
    if (timing) message.tick = timing.tick;
    if (typeof timing?.seen === "number") message.seen = timing.seen;
    if (!this.#link?.send(message)) return 0;
    this.#seq = seq;
    if (timing) this.stats.inputSent(seq, timing.tick);
    return seq;
  }

  /**
   * Play with prediction: from now on the controls are read once per tick and sent, and what comes of them is computed
   * here at once. Call it in a room; it goes on over matches and connections until it is stopped or the room is left.
   * Calling it again stops the one before. See predicted-player.js, and netcode.md for a whole example.
   *
   * @param {import("./predicted-player.js").PredictOptions} options
   * @returns {PredictedPlayer}
   */
  predict(options) {
    if (!this.room) throw new RumpusError("not_joined", "Join a room before predicting what happens in it.");
    this.#player?.stop();
    this.#player = new PredictedPlayer(this, options, {
      send: (data, timing) => this.sendInput(data, timing),
      seen: () => this.#replica.picture?.view.playhead ?? null,
      stopped: (player) => {
        if (this.#player === player) this.#player = null;
      },
    });
    return this.#player;
  }

  /** @param {string} text */
  chat(text) {
    this.#link?.send({ type: "chat", text });
  }

  /** @param {string} team one of `room.teams`; the server allows it while no match is running */
  setTeam(team) {
    this.#link?.send({ type: "team", team });
  }

  /**
   * A smooth picture of the match, kept supplied by this client until the room is left. See interpolation.js for games
   * of plain data, world-interpolation.js for those with a world.
   *
   * @param {Record<string, import("./picture.js").Motion>} [motions]
   */
  interpolate(motions = {}) {
    const picture = this.#replica.interpolate(motions);
    picture.oldest = (now) => this.#player?.oldestSeen(now) ?? -Infinity;
    return picture;
  }

  /** Supply this picture no longer. @param {ReturnType<Client["interpolate"]>} picture */
  stopInterpolating(picture) {
    this.#replica.stopInterpolating(picture);
  }

  // --- the connection -----------------------------------------------------------------------------------------------

  #open() {
    this.#link = new Link(this.url, {
      opened: () => this.#askForSeat(),
      message: (message) => this.#receive(message ?? {}),
      snapshot: (bytes) => this.#receiveSnapshot(bytes),
      unreadable: (problem) => this.#unreadable("bad_message", problem),
      lost: (code, reason) => this.#lost(code, reason),
      received: (bytes) => this.stats.received(bytes),
      sent: (bytes) => this.stats.sent(bytes),
    });
  }

  #askForSeat() {
    if (!this.#request) return;
    // Coming back, the seat is in the room that was left, not in any new one.
    const again = this.connection === "reconnecting" && this.room;
    const request = again ? { name: this.#request.name, room: this.room?.room_id } : this.#request;
    this.#link?.send({ type: "join", ...request });
  }

  /**
   * @param {number} code
   * @param {string} [reason]
   */
  #hangUp(code, reason) {
    this.#link?.close(code, reason);
    this.#link = null;
  }

  /**
   * @param {number} code of the WebSocket close
   * @param {string} reason
   */
  #lost(code, reason) {
    this.#link = null;
    this.#player?.rest();
    if (this.#waiting) {
      const busy = code === 1013;
      this.#giveUp(busy ? "server_full" : "unreachable", reason || "The server cannot be reached.");
      return;
    }
    if (!this.#request) return;
    const wait = this.#backoff.next();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#open(), wait * 1000);
    this.#setConnection("reconnecting", performance.now() + wait * 1000);
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  #giveUp(code, message) {
    clearTimeout(this.#retryTimer);
    this.#hangUp(1000);
    this.#request = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#forgetRoom();
    this.#setConnection("closed");
    if (waiting) waiting.reject(new RumpusError(code, message));
    else this.emit("closed", { code, message });
  }

  /**
   * @param {Connection} connection
   * @param {number} [retryAt] local time of the next attempt, milliseconds as performance.now()
   */
  #setConnection(connection, retryAt = 0) {
    if (connection === this.connection && connection !== "reconnecting") return;
    this.connection = connection;
    this.emit("connection", { connection, attempt: this.#backoff.attempt, retryAt });
  }

  #forgetRoom() {
    this.#player?.stop();
    this.#player = null;
    this.room = null;
    this.players.clear();
    this.#replica.leave();
    this.lastResults = null;
    this.#seq = 0;
  }

  // --- what the server says -----------------------------------------------------------------------------------------

  /** @param {Uint8Array} bytes a whole message */
  #receiveSnapshot(bytes) {
    let events;
    try {
      events = this.#replica.apply(bytes);
    } catch (error) {
      if (error instanceof SnapshotError) return this.#unreadable("bad_snapshot", error.message);
      throw error;
    }
    this.#stateChanged(this.world?.ack);
    for (const event of events) this.#happened(event);
  }

  /**
   * @param {string} code
   * @param {string} problem
   */
  #unreadable(code, problem) {
    const message = `The server sent what cannot be read: ${problem}`;
    if (this.#waiting || ++this.#damaged >= DAMAGED_ATTEMPTS) return this.#giveUp(code, message);
    this.emit("error", { code, message });
    // A listener may have left the room.
    if (!this.#link) return;
    this.#hangUp(DAMAGED, "unreadable message");
    this.#lost(DAMAGED, "");
  }

  /** @param {any} message */
  #receive(message) {
    switch (message.type) {
      case "state":
        this.#replica.replace(message.tick, message.state, message.ack, message.margin);
        return this.#stateChanged(message.ack);
      case "delta":
        this.#replica.patch(message.tick, message.patch, message.ack, message.margin);
        return this.#stateChanged(message.ack);
      case "event":
        return this.#happened({ tick: message.tick, name: message.name, data: message.data ?? {} });
      case "pong": {
        this.clock.pong(message.time, message.server_time, performance.now() / 1000);
        return this.emit("rtt", this.clock.rtt);
      }
      case "joined":
        return this.#joined(message);
      case "player_joined":
      case "player_changed":
        this.players.set(message.player.player_id, message.player);
        this.emit(message.type, message.player);
        return this.#playersChanged();
      case "player_left": {
        const player = this.players.get(message.player_id);
        this.players.delete(message.player_id);
        // One's own seat was taken away: there is nothing to go back to.
        if (message.player_id === this.playerId) return this.#giveUp(message.reason, "You are no longer in this room.");
        if (player) this.emit("player_left", { player, reason: message.reason });
        return this.#playersChanged();
      }
      case "game_started":
        if (!this.room) return;
        this.room.status = "in-progress";
        this.room.settings = message.settings ?? this.room.settings;
        this.lastResults = null;
        this.#replica.begin(message.static ?? {});
        this.stats.begin();
        this.#player?.begin();
        return this.emit("game_started", message);
      case "game_over":
        if (this.room) this.room.status = "ended";
        this.lastResults = message;
        this.#player?.rest();
        return this.emit("game_over", message);
      case "room_reset":
        if (this.room) this.room.status = "waiting";
        return this.emit("room_reset", {});
      case "chat":
        return this.emit("chat", { ...message, name: this.players.get(message.player_id)?.name ?? "Somebody" });
      case "notice":
        return this.emit("notice", message);
      case "error":
        return this.#refusedBy(message);
      // Types added by a later server are none of our business.
    }
  }

  /** @param {Joined} joined */
  #joined(joined) {
    const again = this.connection === "reconnecting";
    try {
      this.#replica.join(joined);
    } catch (error) {
      // Tables of a kind that only a later SDK knows.
      if (error instanceof SnapshotError) return this.#giveUp("bad_snapshot", error.message);
      throw error;
    }
    this.room = joined;
    this.#seq = 0;
    this.stats.begin();
    // The next room or its next match may have other rates: whoever predicts there says so again.
    if (again && joined.status === "in-progress") this.#player?.begin();
    this.#refused = 0;
    this.#backoff.reset();
    this.lastResults = null;
    this.players = new Map(joined.players.map((player) => [player.player_id, player]));
    this.#setConnection("joined");
    this.#waiting?.resolve(joined);
    this.#waiting = null;
    this.emit("joined", { ...joined, again });
    this.#playersChanged();
  }

  /** @param {number} [ack] */
  #stateChanged(ack = -1) {
    const replica = this.#replica;
    this.stats.snapshot(replica.tick, ack, replica.margin);
    this.#player?.snapshot(replica.tick, ack, replica.margin, performance.now() / 1000);
    // The state of a world is made only if a listener reads it.
    this.emit("state", {
      tick: replica.tick,
      get state() {
        return replica.state;
      },
    });
  }

  /** @param {import("./types.js").GameEvent} event */
  #happened(event) {
    this.#replica.schedule(event);
    this.emit("event", event);
  }

  #playersChanged() {
    this.emit("players", [...this.players.values()]);
  }

  /** @param {import("./types.js").ServerError} error */
  #refusedBy(error) {
    if (this.#waiting) return this.#giveUp(error.code, error.message);
    if (this.connection === "reconnecting") {
      const full = error.code === "room_full" && ++this.#refused >= FULL_ATTEMPTS;
      if (HOPELESS.has(error.code) || full) return this.#giveUp(error.code, error.message);
      // The join was refused for now: close, and let the next attempt ask again.
      this.#hangUp(1000);
      return this.#lost(1000, "");
    }
    this.emit("error", error);
    if (error.code === "game_error") this.#giveUp(error.code, error.message);
  }
}
