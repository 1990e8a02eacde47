/**
 * The match as it is played here: the copy of its state, the own inputs and what is predicted of them, and how well all of
 * that works. It follows what the server tells of states, and is told the rest: when a room is entered or left, when a
 * match begins, and when there is something to play or no more.
 */
import { RumpusError, SnapshotError } from "../errors.js";
import { Clock } from "../net/clock.js";
import { NetStats } from "../net/net-stats.js";
import { Standstill } from "../net/standstill.js";
import { Replica } from "../state/replica.js";
import { PredictedPlayer } from "./predicted-player.js";

/** @typedef {import("./input-stream.js").Input} Input */
/** @typedef {import("../types.js").Joined} Joined */

export class Match {
  #send;
  #emit;
  #room;
  #playing;
  #advanced;
  #seq = 0;
  #standstill = new Standstill();
  /** @type {PredictedPlayer | null} */
  #player = null;

  replica = new Replica();
  clock = new Clock();
  stats = new NetStats({
    clock: this.clock,
    ticks: () => this.#player?.clock ?? null,
    prediction: () => this.#player?.prediction ?? null,
    picture: () => this.replica.picture,
  });

  /**
   * @param {object} parts
   * @param {(message: Record<string, any>) => boolean} parts.send returns whether it was sent
   * @param {import("../types.js").Emit} parts.emit
   * @param {() => Joined | null} parts.room that one is in
   * @param {() => boolean} parts.playing whether there is something to do for the own player
   * @param {(tick: number) => void} parts.advanced a state of this tick has come
   */
  constructor({ send, emit, room, playing, advanced }) {
    this.#send = send;
    this.#emit = emit;
    this.#room = room;
    this.#playing = playing;
    this.#advanced = advanced;
  }

  // --- what one may do -----------------------------------------------------------------------------------------------

  /**
   * @param {Input} data
   * @param {{tick: number, seen?: number | null}} [timing]
   * @returns {number} its sequence number, or 0 when it was not sent
   */
  sendInput(data, timing) {
    const room = this.#room();
    if (!room || room.role === "spectator") return 0;
    const seq = this.#seq + 1;
    /** @type {Record<string, any>} */
    const message = { type: "input", seq, data };
    if (timing) message.tick = timing.tick;
    if (typeof timing?.seen === "number") message.seen = timing.seen;
    if (!this.#send(message)) return 0;
    this.#seq = seq;
    if (timing) this.stats.inputSent(seq, timing.tick);
    return seq;
  }

  /**
   * @template Source
   * @param {import("./predicted-player.js").PredictOptions<Source>} options
   * @param {Source} source what `options.state` finds the own state in
   * @param {(data: Input, timing: {tick: number, seen: number | null}) => number} send as `sendInput` does
   * @returns {PredictedPlayer}
   */
  predict(options, source, send) {
    const room = this.#room();
    if (!room) throw new RumpusError("not_joined", "Join a room before predicting what happens in it.");
    this.#player?.stop();
    this.#player = new PredictedPlayer(options, {
      tickRate: room.tick_rate || 30,
      maxRewind: () => this.#room()?.max_rewind ?? 0,
      rtt: () => this.clock.rtt,
      playing: this.#playing,
      state: () => options.state?.(source) ?? null,
      seen: () => this.replica.picture?.view.playhead ?? null,
      send,
      mispredicted: () => this.stats.mispredicted(),
      stopped: (player) => {
        if (this.#player === player) this.#player = null;
      },
    });
    return this.#player;
  }

  /** @param {Record<string, import("../state/picture.js").Motion>} motions */
  interpolate(motions) {
    const picture = this.replica.interpolate(motions);
    picture.oldest = (now) => this.#player?.oldestSeen(now) ?? -Infinity;
    return picture;
  }

  // --- what becomes of the room --------------------------------------------------------------------------------------

  /** Begin in a room, or come back to it. It may throw a SnapshotError. @param {any} message `joined` */
  enter(message) {
    this.replica.join(message);
    this.#standstill.reset();
    this.#seq = 0;
    this.stats.begin();
  }

  /** Be in no room. */
  exit() {
    this.#player?.stop();
    this.#player = null;
    this.replica.leave();
    this.#seq = 0;
  }

  /** A match begins. @param {Record<string, any>} fixed what will not change during it */
  begin(fixed) {
    this.replica.begin(fixed);
    this.#standstill.reset();
    this.stats.begin();
    this.#player?.begin();
  }

  /** There may be something to play, or nothing any more. @param {boolean} [anew] the connection is another one */
  playChanged(anew = false) {
    if (this.#room()?.paused) {
      this.replica.pause();
      this.#standstill.reset();
    }
    // The next room or its next match may have other rates: whoever predicts there says so again.
    if (!this.#playing()) this.#player?.rest();
    else if (anew || !this.#player?.running) this.#player?.begin();
  }

  /** There is no connection. */
  rest() {
    this.#player?.rest();
  }

  // --- what the server says ------------------------------------------------------------------------------------------

  /** @param {Uint8Array} bytes a whole binary snapshot @returns {string | null} what is wrong with it, if anything is */
  snapshot(bytes) {
    let events;
    try {
      events = this.replica.apply(bytes);
    } catch (error) {
      if (error instanceof SnapshotError) return error.message;
      throw error;
    }
    this.#stateChanged(this.replica.world?.ack);
    for (const event of events) this.#happened(event);
    return null;
  }

  /** @param {any} message @returns {boolean} whether it was about the state of the match */
  follow(message) {
    switch (message.type) {
      case "pong":
        this.clock.pong(message.time, message.server_time, performance.now() / 1000);
        this.#emit("rtt", this.clock.rtt);
        return true;
      case "event": {
        const { type: _, ...event } = message;
        if (this.#room()) this.#happened({ ...event, data: event.data ?? {} });
        return true;
      }
      case "stalled":
        if (this.#room()) this.#stoodStill(message.ticks);
        return true;
      case "state":
        if (!this.#room()) return true;
        this.replica.replace(message.tick, message.state, message.ack, message.margin);
        this.#stateChanged(message.ack);
        return true;
      case "delta":
        if (!this.#room()) return true;
        this.replica.patch(message.tick, message.patch, message.ack, message.margin);
        this.#stateChanged(message.ack);
        return true;
    }
    return false;
  }

  /** The server has refused an input. @param {import("../types.js").ServerError} error */
  refused(error) {
    if (error.code === "bad_tick") this.#player?.mistimed();
  }

  /** @param {number} ticks */
  #stoodStill(ticks) {
    this.#standstill.told(ticks / this.#tickRate);
    this.replica.stoodStill(ticks);
    this.#player?.stoodStill(ticks);
    this.#emit("stalled", { tick: this.replica.tick, ticks });
  }

  get #tickRate() {
    return this.#room()?.tick_rate || 30;
  }

  /** @param {number} [ack] */
  #stateChanged(ack = -1) {
    const { replica } = this;
    const interval = 1 / (this.#room()?.send_rate || 30);
    const seconds = this.#standstill.heard(replica.tick / this.#tickRate, performance.now() / 1000, interval);
    if (seconds > 0) this.#stoodStill(Math.round(seconds * this.#tickRate));
    this.#advanced(replica.tick);
    this.stats.snapshot(replica.tick, ack, replica.margin);
    this.#player?.snapshot(replica.tick, ack, replica.margin, performance.now() / 1000);
    // The state of a world is made only if a listener reads it.
    this.#emit("state", {
      tick: replica.tick,
      get state() {
        return replica.state;
      },
    });
  }

  /** @param {import("../types.js").GameEvent} event */
  #happened(event) {
    // The picture has gone past what is told late.
    if (!event.missed) this.replica.schedule(event);
    this.#emit("event", event);
  }
}
