/**
 * A room as one who is in it knows it, and what they may say about it: host's controls, ready, votes, pause, chat. The
 * server decides; what was not allowed comes back as an `error` event whose message is a sentence to show. What it
 * takes to get here and to stay is in seat.js.
 */

/** @typedef {import("../types.js").Player} Player */
/** @typedef {import("../types.js").Joined} Joined */
/** @typedef {import("../types.js").Vote} Vote */
/** @typedef {import("../types.js").RunningVote} RunningVote */

/** What a server that knows nothing of it does not say. */
const PLAYER = { away: false, out: false, ready: false, rating: null, signed: false };
const ROOM = {
  ...{ role: /** @type {const} */ ("player"), resumed: false, serial: 0, host: null, locked: false, paused: false },
  ...{ title: "", language: null, bots: 0, spectators: 0, spectator_delay: 0, reconnect_time: 0, votes: [] },
  ...{ can_pause: false, rating: null },
};

/** What `room_changed` may change. */
const CHANGING = /** @type {const} */ ([
  ...["host", "locked", "private", "settings", "bots", "max_players", "min_players", "paused", "spectators", "teams"],
]);

export class Room {
  #send;
  #emit;
  #matchBegan;
  #playChanged;
  /** That of the newest state. */
  #tick = 0;
  /** The tick at which a pause has stopped the match; null while it runs. @type {number | null} */
  #stoppedAt = null;

  /** What the server said on joining, kept up to date; null before. @type {Joined | null} */
  joined = null;
  /** Everyone in the room, by id. @type {Map<string, Player>} */
  players = new Map();
  /** Whose chat is not to be heard. @type {Set<string>} */
  muted = new Set();
  /** The votes that run, by id, the newest last. @type {Map<number, RunningVote>} */
  votes = new Map();
  /** How the last round ended; null while one is played. @type {import("../types.js").GameOver | null} */
  lastResults = null;
  /** What it did to ratings; null until the server has told. @type {import("../types.js").RatingChange[] | null} */
  lastRatings = null;

  /**
   * @param {object} parts
   * @param {(message: Record<string, any>) => boolean} parts.send returns whether it was sent
   * @param {import("../types.js").Emit} parts.emit
   * @param {(fixed: Record<string, any>) => void} parts.matchBegan told what will not change during it
   * @param {() => void} parts.playChanged `playing` may have changed
   */
  constructor({ send, emit, matchBegan, playChanged }) {
    this.#send = send;
    this.#emit = emit;
    this.#matchBegan = matchBegan;
    this.#playChanged = playChanged;
  }

  get playerId() {
    return this.joined?.player_id ?? "";
  }

  /** The own player; null without one, as for a spectator. @returns {Player | null} */
  get me() {
    return this.players.get(this.playerId) ?? null;
  }

  get isHost() {
    return this.joined !== null && this.joined.host === this.joined.player_id;
  }

  /** Whether this is somebody who only watches. */
  get spectating() {
    return this.joined?.role === "spectator";
  }

  /** Whether there is something to do for the own player: a match runs, it is not paused, and they are not out. */
  get playing() {
    const room = this.joined;
    if (room === null || room.status !== "in-progress" || this.spectating) return false;
    return !room.paused && this.#stoppedAt === null && !this.me?.out;
  }

  /** The newest of the votes that run; null if there is none. @returns {RunningVote | null} */
  get currentVote() {
    return [...this.votes.values()].pop() ?? null;
  }

  // --- what one may say ---------------------------------------------------------------------------------------------

  /** Ready for the match; while results are shown: for the next one, which begins when all are. */
  ready(on = true) {
    this.#send({ type: "ready", ready: on });
  }

  /** Begin the match now, as the host. */
  start() {
    this.#send({ type: "start" });
  }

  /**
   * Change the room, as the host; what is left out stays.
   *
   * @param {{settings?: Record<string, any>, private?: boolean, locked?: boolean, bots?: number, max_players?: number}} changes
   */
  setRoom(changes) {
    this.#send({ type: "set_room", ...changes });
  }

  /**
   * Send a player away, as the host; with `ban` for as long as the room exists.
   *
   * @param {string} playerId
   * @param {{ban?: boolean}} [options]
   */
  kick(playerId, { ban = false } = {}) {
    this.#send({ type: "kick", player_id: playerId, ban });
  }

  /** Make somebody else the host. @param {string} playerId */
  passHost(playerId) {
    this.#send({ type: "pass_host", player_id: playerId });
  }

  /** Ask for a pause, which begins when all ask for it, or end it. */
  pause(paused = true) {
    this.#send({ type: "pause", paused });
  }

  /**
   * Start a vote: to send a player away, or to change settings.
   *
   * @param {"kick" | "settings"} kind
   * @param {{player_id?: string, settings?: Record<string, any>}} about
   */
  callVote(kind, about) {
    this.#send({ type: "call_vote", kind, ...about });
  }

  /**
   * Vote, or change one's mind: `vote(id, choice)`, or `vote(choice)` in the vote that runs.
   *
   * @param {number} idOrChoice
   * @param {number} [choice] index into the vote's choices
   */
  vote(idOrChoice, choice) {
    const id = choice === undefined ? this.currentVote?.id : idOrChoice;
    const mine = choice ?? idOrChoice;
    const vote = id === undefined ? undefined : this.votes.get(id);
    if (id === undefined || !this.#send({ type: "vote", id, choice: mine }) || !vote) return;
    vote.mine = mine;
  }

  /** Hear no chat of a player, or hear it again. @param {string} playerId @param {boolean} [muted] */
  mute(playerId, muted = true) {
    if (!this.#send({ type: "mute", player_id: playerId, muted })) return;
    if (muted) this.muted.add(playerId);
    else this.muted.delete(playerId);
  }

  /**
   * @param {string} text
   * @param {{to?: "all" | "team"}} [options] spectators are heard by spectators only
   */
  chat(text, { to } = {}) {
    this.#send(to === undefined ? { type: "chat", text } : { type: "chat", text, to });
  }

  /** @param {string} team one of `room.teams`; the server allows it while no match is running */
  setTeam(team) {
    this.#send({ type: "team", team });
  }

  // --- what the server says -----------------------------------------------------------------------------------------

  /**
   * Begin in a room, or come back to it.
   *
   * @param {any} message `joined`
   * @returns {Joined}
   */
  enter(message) {
    /** @type {Joined} */
    const room = { ...ROOM, ...message };
    // What came of the last match was told already, and is not told again to one who comes back.
    const kept = room.resumed && room.status === "ended" && room.room_id === this.joined?.room_id;
    if (!kept) this.lastResults = this.lastRatings = null;
    this.joined = room;
    this.players = new Map(room.players.map((player) => [player.player_id, { ...PLAYER, ...player }]));
    this.#tick = room.tick;
    this.#stoppedAt = room.paused ? room.tick : null;
    const before = this.votes;
    this.votes = new Map();
    for (const vote of room.votes) this.#run(vote, room.resumed ? (before.get(vote.id)?.mine ?? null) : null);
    return room;
  }

  /** Be in no room. */
  exit() {
    this.joined = null;
    this.players.clear();
    this.votes.clear();
    this.muted.clear();
    this.lastResults = this.lastRatings = null;
    this.#stoppedAt = null;
  }

  /** A state of this tick has come: a match that stood still goes on with it. @param {number} tick */
  advanced(tick) {
    this.#tick = tick;
    if (this.#stoppedAt === null || this.joined?.paused || tick <= this.#stoppedAt) return;
    this.#stoppedAt = null;
    this.#playChanged();
  }

  /** @param {any} message about the room that one is in */
  follow(message) {
    const room = this.joined;
    if (!room) return;
    switch (message.type) {
      case "player_joined":
      case "player_changed":
        return this.#playerIs(message.type, message.player);
      case "player_left": {
        const player = this.players.get(message.player_id);
        this.players.delete(message.player_id);
        if (player) this.#emit("player_left", { player, reason: message.reason });
        return this.tellPlayers();
      }
      case "room_changed":
        return this.#roomIs(room, message);
      case "game_started":
        room.status = "in-progress";
        room.settings = message.settings ?? room.settings;
        room.paused = false;
        this.#stoppedAt = null;
        this.lastResults = this.lastRatings = null;
        // For everybody at once, and so not told of each.
        for (const [id, player] of this.players) this.players.set(id, { ...player, ready: false, out: false });
        this.#matchBegan(message.static ?? {});
        return this.#emit("game_started", message);
      case "game_over":
        room.status = "ended";
        this.lastResults = message;
        this.#playChanged();
        return this.#emit("game_over", message);
      case "room_reset":
        room.status = "waiting";
        this.#playChanged();
        return this.#emit("room_reset", {});
      case "rated":
        return this.#rated(room, message.ratings);
      case "chat": {
        const name = message.name || this.players.get(message.player_id)?.name || "Somebody";
        return this.#emit("chat", { to: "all", ...message, name });
      }
      case "notice":
        return this.#emit("notice", message);
      case "vote_started":
        this.#run(message.vote, null);
        return this.#voteIs("started", message.vote.id);
      case "vote_counted": {
        const vote = this.votes.get(message.id);
        if (vote) vote.counts = message.counts;
        return this.#voteIs("counted", message.id);
      }
      case "vote_ended":
        this.#voteIs("ended", message.id, message.chosen);
    }
  }

  /** Tell who is in the room. */
  tellPlayers() {
    this.#emit("players", [...this.players.values()]);
  }

  /**
   * @param {"player_joined" | "player_changed"} event
   * @param {Player} told
   */
  #playerIs(event, told) {
    const player = { ...PLAYER, ...told };
    this.players.set(player.player_id, player);
    if (player.player_id === this.playerId) this.#playChanged();
    this.#emit(event, player);
    this.tellPlayers();
  }

  /**
   * @param {Joined} room
   * @param {any} changed
   */
  #roomIs(room, changed) {
    const { type: _, ...changes } = changed;
    for (const name of CHANGING) if (name in changes) Object.assign(room, { [name]: changes[name] });
    this.#emit("room_changed", changes);
    if (changes.paused === undefined && changes.resumes_in === undefined) return;
    if (room.paused && this.#stoppedAt === null) this.#stoppedAt = this.#tick;
    this.#playChanged();
    const resumesAt = changes.resumes_in ? performance.now() + changes.resumes_in * 1000 : 0;
    this.#emit("paused", { paused: room.paused, resumesAt });
  }

  /**
   * @param {Joined} room
   * @param {import("../types.js").RatingChange[]} ratings
   */
  #rated(room, ratings) {
    this.lastRatings = ratings;
    for (const { player_id, after } of ratings) {
      const player = this.players.get(player_id);
      if (player) this.players.set(player_id, { ...player, rating: after });
      if (player_id === room.player_id) room.rating = after;
    }
    this.#emit("rated", { ratings });
    this.tellPlayers();
  }

  /** @param {Vote} vote @param {number | null} mine */
  #run(vote, mine) {
    this.votes.set(vote.id, { ...vote, mine, endsAt: performance.now() + vote.ends_in * 1000 });
  }

  /**
   * @param {"started" | "counted" | "ended"} stage
   * @param {number} id
   * @param {number | null} [chosen]
   */
  #voteIs(stage, id, chosen) {
    const vote = this.votes.get(id);
    if (!vote) return;
    if (stage === "ended") this.votes.delete(id);
    this.#emit("vote", stage === "ended" ? { stage, vote, chosen: chosen ?? null } : { stage, vote });
  }
}
