/**
 * One player at a Rumpus server: what an author's page has to do with. It knows the protocol and nothing of any particular
 * game. A client is made of parts, and does nothing itself but hand on to them:
 *
 *     connection  net/connection.js    sockets, one after another
 *     seat        room/seat.js         getting into a room, and back to it
 *     room        room/room.js         who is in the room, and what one may say about it
 *     lobby       room/lobby.js        what there is besides rooms
 *     match       prediction/match.js  the state of the match, and what becomes of one's inputs
 *
 * wiring.js joins them. Imports point one way: rumpus, client, wiring; then room and prediction, which do not know each
 * other; then state; then net; then errors, emitter and types.
 */
import { Emitter } from "./emitter.js";
import { socketAddress } from "./net/addresses.js";
import { wire } from "./wiring.js";

/** @typedef {import("./types.js").Joined} Joined */
/** @typedef {import("./room/room.js").Room} Room */
/** @typedef {import("./room/lobby.js").Lobby} Lobby */

/** @extends {Emitter<import("./types.js").ClientEvents>} */
export class Client extends Emitter {
  #connection;
  #seat;
  #room;
  #lobby;
  #match;

  /**
   * @param {object} [options]
   * @param {string} [options.url] the WebSocket's address; the page's own server when left out
   * @param {string | null} [options.guest] the key by which the server knows a guest again: 16 to 128 letters, digits, `-`
   *   and `_`. When left out a random one, which the browser keeps; null: none
   * @param {boolean} [options.storage] false: keep nothing in the browser, neither the guest's key nor the seat
   */
  constructor({ url, guest, storage = true } = {}) {
    super();
    this.url = url ?? socketAddress();
    const parts = wire({ url: this.url, guest, storage }, (name, payload) => this.emit(name, payload));
    this.#connection = parts.connection;
    this.#seat = parts.seat;
    this.#room = parts.room;
    this.#lobby = parts.lobby;
    this.#match = parts.match;
    /** The guest's key; null: none. */
    this.guest = parts.guest;
    this.clock = parts.match.clock;
    /** How well the connection and the prediction work; see net/net-stats.js. */
    this.stats = parts.match.stats;
  }

  // --- connection and seat ------------------------------------------------------------------------------------------

  get connection() {
    return this.#connection.state;
  }

  /** Where the seat is that the browser has kept; null for none. */
  get kept() {
    return this.#seat.kept;
  }

  /** How the search for a match goes; null while there is none. */
  get queue() {
    return this.#seat.queue;
  }

  /** Connect without a seat; `watchRooms` and its like do it by themselves. @returns {Promise<void>} */
  connect() {
    return this.#connection.connect();
  }

  /** Try to reconnect now instead of waiting. */
  retryNow() {
    this.#connection.retryNow();
  }

  /**
   * Join a room: `request.room` by its code, or the best public one, for which one may have to wait (`queued` tells). It
   * rejects with a RumpusError when the server refuses or cannot be reached. Once joined, a lost connection is tried again
   * until `leave` is called or there is no hope.
   *
   * @param {import("./types.js").JoinRequest} request
   * @param {{signal?: AbortSignal}} [options] `signal`: does what `cancel` does
   * @returns {Promise<Joined>}
   */
  join(request, { signal } = {}) {
    return this.#seat.join(request, signal);
  }

  /** Stop waiting for a room: `join` rejects with the code `cancelled`. */
  cancel() {
    this.#seat.cancel();
  }

  /** Whether there is a seat to come back to after the page was loaded again, or after another tab has taken it. */
  canResume() {
    return this.#seat.canResume();
  }

  /**
   * Come back to that seat. What the server keeps for it (chat, results) is told again, as this page has not seen it. It
   * rejects with `session_expired` when the seat is gone; `client.kept` says where it was until then. When the server was
   * restarted, it joins the same people in a new match, as a page does that was not loaded again.
   *
   * @returns {Promise<Joined>}
   */
  resume() {
    return this.#seat.resume();
  }

  /** Leave the room. The connection stays if there is a party, or if the list of rooms is watched. */
  leave() {
    this.#seat.leave();
  }

  /** Leave everything, and close the connection. */
  disconnect() {
    this.#lobby.leaveParty();
    this.#lobby.closed();
    this.#seat.disconnect();
  }

  // --- the room -----------------------------------------------------------------------------------------------------

  /** What the server said on joining, kept up to date; null before. */
  get room() {
    return this.#room.joined;
  }

  /** Everyone in the room, by id. */
  get players() {
    return this.#room.players;
  }

  get playerId() {
    return this.#room.playerId;
  }

  /** The own player; null without one, as for a spectator. */
  get me() {
    return this.#room.me;
  }

  get isHost() {
    return this.#room.isHost;
  }

  /** Whether this is somebody who only watches. */
  get spectating() {
    return this.#room.spectating;
  }

  /** Whether there is something to do for the own player: a match runs, it is not paused, and they are not out. */
  get playing() {
    return this.#room.playing;
  }

  /** Whose chat is not to be heard. */
  get muted() {
    return this.#room.muted;
  }

  /** The votes that run, by id, the newest last. */
  get votes() {
    return this.#room.votes;
  }

  /** The newest of the votes that run; null if there is none. */
  get currentVote() {
    return this.#room.currentVote;
  }

  /** How the last round ended; null while one is played. */
  get lastResults() {
    return this.#room.lastResults;
  }

  /** What it did to ratings; null until the server has told. */
  get lastRatings() {
    return this.#room.lastRatings;
  }

  /** Ready for the match; while results are shown: for the next one, which begins when all are. @type {Room["ready"]} */
  ready(on) {
    this.#room.ready(on);
  }

  /** Begin the match now, as the host. */
  start() {
    this.#room.start();
  }

  /** Change the room, as the host; what is left out stays. @type {Room["setRoom"]} */
  setRoom(changes) {
    this.#room.setRoom(changes);
  }

  /** Send a player away, as the host; with `ban` for as long as the room exists. @type {Room["kick"]} */
  kick(playerId, options) {
    this.#room.kick(playerId, options);
  }

  /** Make somebody else the host. @type {Room["passHost"]} */
  passHost(playerId) {
    this.#room.passHost(playerId);
  }

  /** Ask for a pause, which begins when all ask for it, or end it. @type {Room["pause"]} */
  pause(paused) {
    this.#room.pause(paused);
  }

  /** Start a vote: to send a player away, or to change settings. @type {Room["callVote"]} */
  callVote(kind, about) {
    this.#room.callVote(kind, about);
  }

  /** Vote, or change one's mind: `vote(id, choice)`, or `vote(choice)` in the vote that runs. @type {Room["vote"]} */
  vote(idOrChoice, choice) {
    this.#room.vote(idOrChoice, choice);
  }

  /** Hear no chat of a player, or hear it again. @type {Room["mute"]} */
  mute(playerId, muted) {
    this.#room.mute(playerId, muted);
    this.#seat.mute(playerId, this.#room.muted.has(playerId));
  }

  /** To all or to one's team; spectators are heard by spectators only. @type {Room["chat"]} */
  chat(text, options) {
    this.#room.chat(text, options);
  }

  /** One of `room.teams`; the server allows it while no match is running. @type {Room["setTeam"]} */
  setTeam(team) {
    this.#room.setTeam(team);
  }

  // --- besides rooms ------------------------------------------------------------------------------------------------

  /** The public rooms, once they are watched; null before. */
  get rooms() {
    return this.#lobby.rooms;
  }

  /** The party that this client belongs to; null for none. */
  get party() {
    return this.#lobby.party;
  }

  /** Watch the public rooms: the list is kept up to date, and `rooms` tells when it has changed. */
  watchRooms() {
    return this.#lobby.watchRooms();
  }

  unwatchRooms() {
    this.#lobby.unwatchRooms();
  }

  /** Found a party, whose code lets others in. The name is one's own. @type {Lobby["createParty"]} */
  createParty(name, options) {
    return this.#lobby.createParty(name, options);
  }

  /** @type {Lobby["enterParty"]} */
  enterParty(code, name, options) {
    return this.#lobby.enterParty(code, name, options);
  }

  leaveParty() {
    this.#lobby.leaveParty();
  }

  /** Keep seats for others for a while, in a room or in the best one. @type {Lobby["reserve"]} */
  reserve(seats, options) {
    return this.#lobby.reserve(seats, options);
  }

  // --- the match ----------------------------------------------------------------------------------------------------

  /**
   * The newest state as plain data, whatever the game keeps it in; null before the first. Never changed in place: a
   * later state is another object. Of a game with a world it is made when it is read, so draw from `interpolate`.
   *
   * @returns {any}
   */
  get state() {
    return this.#match.replica.state;
  }

  /** The tables of a game that has a world, as numbers; null for other games. See state/world.js. */
  get world() {
    return this.#match.replica.world;
  }

  /** The part of the state that does not change during a match, such as a map. */
  get static() {
    return this.#match.replica.static;
  }

  get tick() {
    return this.#match.replica.tick;
  }

  /** `seq` of the last input that the newest state takes into account. */
  get ack() {
    return this.#match.replica.ack;
  }

  /** By how many seconds that input was early for its tick, negative if it was late; null if it was not for a tick. */
  get margin() {
    return this.#match.replica.margin;
  }

  /** Round-trip time in seconds; 0 until it is known. */
  get rtt() {
    return this.clock.rtt;
  }

  /**
   * Send an input: for the next tick, or for a tick of its own (`client.predict` does that).
   *
   * @param {Record<string, any>} data fields of the game's input
   * @param {{tick: number, seen?: number | null}} [timing] the tick it is for, and the tick that the player's picture shows
   * @returns {number} its sequence number, or 0 when there is no connection to send it over, or no player
   */
  sendInput(data, timing) {
    return this.#match.sendInput(data, timing);
  }

  /**
   * Play with prediction: from now on the controls are read once per tick and sent, and what comes of them is computed
   * here at once. Call it in a room; it goes on over matches and connections until it is stopped or the room is left.
   * Calling it again stops the one before. It rests while there is nothing to play: the match is paused, the player is out,
   * or this is a spectator. See prediction/predicted-player.js, and netcode.md for a whole example.
   *
   * @param {import("./prediction/predicted-player.js").PredictOptions<Client>} options
   */
  predict(options) {
    return this.#match.predict(options, this, (data, timing) => this.sendInput(data, timing));
  }

  /**
   * A smooth picture of the match, kept supplied by this client until the room is left. See state/interpolation.js for
   * games of plain data, state/world-interpolation.js for those with a world.
   *
   * @param {Record<string, import("./state/picture.js").Motion>} [motions]
   */
  interpolate(motions = {}) {
    return this.#match.interpolate(motions);
  }

  /** Supply this picture no longer. @param {ReturnType<Client["interpolate"]>} picture */
  stopInterpolating(picture) {
    this.#match.replica.stopInterpolating(picture);
  }
}
