/**
 * One player's connection to a Rumpus server: joins a room, keeps its state up to date, and comes back when the network
 * fails. It knows the protocol and nothing of any particular game.
 */
import { Backoff } from "./backoff.js";
import { Clock } from "./clock.js";
import { Emitter } from "./emitter.js";
import { Interpolation } from "./interpolation.js";
import { mergePatch } from "./patch.js";
import { socketAddress } from "./rooms.js";

/** @typedef {import("./types.js").Player} Player */
/** @typedef {import("./types.js").Joined} Joined */
/** @typedef {import("./types.js").JoinRequest} JoinRequest */
/** @typedef {import("./types.js").Connection} Connection */

/** Milliseconds between pings: they measure the round trip, and show that the connection is alive. */
const PING_EVERY = 2000;

/** A connection that says nothing for this many milliseconds, pongs included, is dead even if nobody closed it. */
const SILENCE = 9000;

/** After these errors a lost seat cannot be won back by trying again. */
const HOPELESS = new Set(["room_not_found", "room_in_progress", "bad_name", "bad_settings", "kicked"]);

/** How often a full room is asked again: our own lost seat may be what fills it, until the server notices. */
const FULL_ATTEMPTS = 8;

/** An error that the server gave, or the reason why there is no connection. `code` is stable, `message` is for people. */
export class RumpusError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "RumpusError";
    this.code = code;
  }
}

/** @extends {Emitter<import("./types.js").ClientEvents>} */
export class Client extends Emitter {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {JoinRequest | null} */
  #request = null;
  /** @type {{resolve: (joined: Joined) => void, reject: (error: RumpusError) => void} | null} */
  #waiting = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pingTimer;
  #heardAt = 0;
  #seq = 0;
  #refused = 0;
  #backoff = new Backoff();
  /** @type {Set<Interpolation>} */
  #interpolations = new Set();

  /** @type {Connection} */
  connection = "idle";
  /** What the server said on joining, with `status` and `settings` kept up to date; null before. @type {Joined | null} */
  room = null;
  /** Everyone in the room, by id. @type {Map<string, Player>} */
  players = new Map();
  /** The newest state; null before the first. Never changed in place: a later state is another object. @type {any} */
  state = null;
  tick = 0;
  /** `seq` of the last input that the newest state takes into account. */
  ack = 0;
  clock = new Clock();
  /** How the last round ended; null while one is played. @type {import("./types.js").GameOver | null} */
  lastResults = null;

  /** @param {{url?: string}} [options] `url`: the WebSocket's address; the page's own server when left out */
  constructor({ url } = {}) {
    super();
    this.url = url ?? socketAddress();
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
    this.#setConnection("connecting");
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#open();
    });
  }

  /** Leave the room and close the connection. */
  leave() {
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    this.#request = null;
    this.#stopPinging();
    if (socket) {
      if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"leave"}');
      socket.close(1000);
    }
    this.#waiting?.reject(new RumpusError("left", "You left."));
    this.#waiting = null;
    this.#forgetRoom();
    this.#setConnection("idle");
  }

  /** Try to reconnect now instead of waiting. */
  retryNow() {
    if (this.connection !== "reconnecting" || this.#socket) return;
    clearTimeout(this.#retryTimer);
    this.#open();
  }

  /**
   * @param {Record<string, any>} data fields of the game's input
   * @returns {number} its sequence number, or 0 when there is no connection to send it over
   */
  sendInput(data) {
    if (!this.#send({ type: "input", seq: this.#seq + 1, data })) return 0;
    return ++this.#seq;
  }

  /** @param {string} text */
  chat(text) {
    this.#send({ type: "chat", text });
  }

  /** @param {string} team one of `room.teams`; the server allows it while no match is running */
  setTeam(team) {
    this.#send({ type: "team", team });
  }

  /**
   * A smooth picture of the state, kept supplied by this client until the room is left. See interpolation.js.
   *
   * @param {Record<string, import("./interpolation.js").Motion>} motions
   * @returns {Interpolation}
   */
  interpolate(motions) {
    const interpolation = new Interpolation(motions, {
      tickRate: this.room?.tick_rate || 30,
      sendRate: this.room?.send_rate || 30,
    });
    this.#interpolations.add(interpolation);
    if (this.state !== null) interpolation.push(this.tick, this.state, performance.now() / 1000);
    return interpolation;
  }

  /** Supply this picture no longer. @param {Interpolation} interpolation */
  stopInterpolating(interpolation) {
    this.#interpolations.delete(interpolation);
  }

  // --- the socket ---------------------------------------------------------------------------------------------------

  #open() {
    const socket = new WebSocket(this.url, ["rumpus.v1.json"]);
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.onopen = () => {
      if (socket !== this.#socket || !this.#request) return;
      // Coming back, the seat is in the room that was left, not in any new one.
      const again = this.connection === "reconnecting" && this.room;
      const request = again ? { name: this.#request.name, room: this.room?.room_id } : this.#request;
      this.#send({ type: "join", ...request });
      this.#startPinging();
    };
    socket.onmessage = (message) => {
      if (socket !== this.#socket || typeof message.data !== "string") return;
      this.#heardAt = performance.now();
      this.#receive(JSON.parse(message.data));
    };
    socket.onclose = (closed) => {
      if (socket === this.#socket) this.#lost(closed.code, closed.reason);
    };
  }

  /**
   * @param {number} code of the WebSocket close
   * @param {string} reason
   */
  #lost(code, reason) {
    this.#socket = null;
    this.#stopPinging();
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
    const socket = this.#socket;
    this.#socket = null;
    this.#request = null;
    this.#stopPinging();
    socket?.close(1000);
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#forgetRoom();
    this.#setConnection("closed");
    if (waiting) waiting.reject(new RumpusError(code, message));
    else this.emit("closed", { code, message });
  }

  /**
   * @param {Record<string, any>} message
   * @returns {boolean} whether it was sent
   */
  #send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #startPinging() {
    this.#stopPinging();
    const socket = this.#socket;
    const ping = () => {
      if (performance.now() - this.#heardAt > SILENCE) {
        // Half-open: the other side is gone and nobody told us. Do not wait for the closing handshake.
        this.#lost(1006, "");
        socket?.close();
      } else this.#send({ type: "ping", time: performance.now() / 1000 });
    };
    this.#pingTimer = setInterval(ping, PING_EVERY);
    // A few at once, so that the round trip is known when the match begins.
    for (const delay of [0, 150, 400, 800]) setTimeout(() => socket === this.#socket && ping(), delay);
  }

  #stopPinging() {
    clearInterval(this.#pingTimer);
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
    this.room = null;
    this.players.clear();
    this.#forgetMatch();
    this.#interpolations.clear();
    this.lastResults = null;
    this.#seq = 0;
  }

  #forgetMatch() {
    this.state = null;
    for (const interpolation of this.#interpolations) interpolation.reset();
  }

  // --- what the server says -----------------------------------------------------------------------------------------

  /** @param {any} message */
  #receive(message) {
    switch (message.type) {
      case "state":
        return this.#newState(message.tick, message.state, message.ack);
      case "delta":
        return this.#newState(message.tick, mergePatch(this.state, message.patch), message.ack);
      case "event": {
        const event = { tick: message.tick, name: message.name, data: message.data ?? {} };
        for (const interpolation of this.#interpolations) interpolation.schedule(event);
        return this.emit("event", event);
      }
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
        // `state` stays: it is what the server's next delta may build on. The picture of the last round does not.
        for (const interpolation of this.#interpolations) interpolation.reset();
        return this.emit("game_started", message);
      case "game_over":
        if (this.room) this.room.status = "ended";
        this.lastResults = message;
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
    this.room = joined;
    this.#seq = 0;
    this.#refused = 0;
    this.#backoff.reset();
    this.lastResults = null;
    this.players = new Map(joined.players.map((player) => [player.player_id, player]));
    this.#forgetMatch();
    this.#setConnection("joined");
    this.#waiting?.resolve(joined);
    this.#waiting = null;
    this.emit("joined", { ...joined, again });
    this.#playersChanged();
  }

  /**
   * @param {number} tick
   * @param {any} state
   * @param {number | undefined} ack
   */
  #newState(tick, state, ack) {
    this.tick = tick;
    this.state = state;
    if (ack !== undefined) this.ack = ack;
    const now = performance.now() / 1000;
    for (const interpolation of this.#interpolations) interpolation.push(tick, state, now);
    this.emit("state", { tick, state });
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
      this.#socket?.close(1000);
      return;
    }
    this.emit("error", error);
    if (error.code === "game_error") this.#giveUp(error.code, error.message);
  }
}
