/**
 * One player's connection to a Rumpus server: joins a room, keeps the state of its match up to date, and predicts what
 * becomes of the player's inputs. It knows the protocol and nothing of any particular game. How it gets to its seat and
 * back to it is in presence.js, what one may say about a room in room-control.js, and what there is besides rooms in
 * lobby-control.js.
 */
import { Clock } from "./net/clock.js";
import { RumpusError, SnapshotError } from "./errors.js";
import { NetStats } from "./net/net-stats.js";
import { PredictedPlayer } from "./prediction/predicted-player.js";
import { Presence } from "./room/seat.js";
import { Replica } from "./state/replica.js";

export class Client extends Presence {
  #seq = 0;
  #replica = new Replica();
  /** @type {PredictedPlayer | null} */
  #player = null;

  clock = new Clock();
  /** How well the connection and the prediction work; see net-stats.js. */
  stats = new NetStats({
    clock: this.clock,
    ticks: () => this.#player?.clock ?? null,
    prediction: () => this.#player?.prediction ?? null,
    picture: () => this.#replica.picture,
  });

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
    if (!this.room || this.spectating) return 0;
    const seq = this.#seq + 1;
    /** @type {Record<string, any>} */
    const message = { type: "input", seq, data };
    if (timing) message.tick = timing.tick;
    if (typeof timing?.seen === "number") message.seen = timing.seen;
    if (!this.tell(message)) return 0;
    this.#seq = seq;
    if (timing) this.stats.inputSent(seq, timing.tick);
    return seq;
  }

  /**
   * Play with prediction: from now on the controls are read once per tick and sent, and what comes of them is computed
   * here at once. Call it in a room; it goes on over matches and connections until it is stopped or the room is left.
   * Calling it again stops the one before. It rests while there is nothing to play: the match is paused, the player is out,
   * or this is a spectator. See predicted-player.js, and netcode.md for a whole example.
   *
   * @param {import("./prediction/predicted-player.js").PredictOptions} options
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

  /**
   * A smooth picture of the match, kept supplied by this client until the room is left. See interpolation.js for games
   * of plain data, world-interpolation.js for those with a world.
   *
   * @param {Record<string, import("./state/picture.js").Motion>} [motions]
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

  // --- what the server says -----------------------------------------------------------------------------------------

  /** @protected @override @param {any} message `joined` */
  enter(message) {
    this.#replica.join(message);
    this.#seq = 0;
    this.stats.begin();
    return super.enter(message);
  }

  /** @protected @override */
  exit() {
    super.exit();
    this.#player?.stop();
    this.#player = null;
    this.#replica.leave();
    this.#seq = 0;
  }

  /** @protected @override @param {Record<string, any>} fixed */
  matchBegan(fixed) {
    this.#replica.begin(fixed);
    this.stats.begin();
    this.#player?.begin();
  }

  /** @protected @override @param {boolean} [anew] the connection is another one */
  playChanged(anew = false) {
    if (this.room?.paused) this.#replica.pause();
    // The next room or its next match may have other rates: whoever predicts there says so again.
    if (!this.playing) this.#player?.rest();
    else if (anew || !this.#player?.running) this.#player?.begin();
  }

  /** @protected @override */
  connectionLost() {
    this.#player?.rest();
  }

  /** @protected @override @param {number} received @param {number} sent bytes */
  counted(received, sent) {
    if (received > 0) this.stats.received(received);
    if (sent > 0) this.stats.sent(sent);
  }

  /** @protected @override @param {Uint8Array} bytes a whole message */
  snapshot(bytes) {
    let events;
    try {
      events = this.#replica.apply(bytes);
    } catch (error) {
      if (error instanceof SnapshotError) return this.unreadable("bad_snapshot", error.message);
      throw error;
    }
    this.#stateChanged(this.world?.ack);
    for (const event of events) this.#happened(event);
  }

  /** @protected @override @param {any} message */
  follow(message) {
    switch (message.type) {
      case "pong":
        this.clock.pong(message.time, message.server_time, performance.now() / 1000);
        return this.emit("rtt", this.clock.rtt);
      case "event": {
        const { type: _, ...event } = message;
        return this.room ? this.#happened({ ...event, data: event.data ?? {} }) : undefined;
      }
      case "state":
        if (!this.room) return;
        this.#replica.replace(message.tick, message.state, message.ack, message.margin);
        return this.#stateChanged(message.ack);
      case "delta":
        if (!this.room) return;
        this.#replica.patch(message.tick, message.patch, message.ack, message.margin);
        return this.#stateChanged(message.ack);
    }
    super.follow(message);
  }

  /** @param {number} [ack] */
  #stateChanged(ack = -1) {
    const replica = this.#replica;
    this.advanced(replica.tick);
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
    // The picture has gone past what is told late.
    if (!event.missed) this.#replica.schedule(event);
    this.emit("event", event);
  }
}
