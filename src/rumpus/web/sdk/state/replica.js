/**
 * This client's copy of the match: plain data that patches change, or a world of tables that binary snapshots change.
 * Whoever draws need not know which of them a game has, and gets plain data from both.
 */
import { SnapshotError } from "../errors.js";
import { Interpolation } from "./interpolation.js";
import { mergePatch } from "./merge-patch.js";
import { World } from "./world.js";
import { WorldInterpolation } from "./world-interpolation.js";

/** @typedef {import("../types.js").Joined} Joined */
/** @typedef {import("../types.js").GameEvent} GameEvent */
/** @typedef {import("./picture.js").Motion} Motion */

export class Replica {
  /** @type {any} */
  #state = null;
  /** Whether `#state` is older than the world. */
  #stale = false;
  /** @type {Set<Interpolation | WorldInterpolation>} */
  #pictures = new Set();
  /** The tick at which a pause has stopped the match; -1: none has. */
  #stoppedAt = -1;
  #rates = { tickRate: 30, sendRate: 30 };

  tick = 0;
  ack = 0;
  /** Seconds by which the input `ack` was early for its tick; null if it was for none. @type {number | null} */
  margin = null;
  /** The world's tables; null for a game of plain data. @type {World | null} */
  world = null;
  /** What does not change during a match. @type {Record<string, any>} */
  static = {};

  /**
   * The newest state as plain data; null before the first. It is never changed in place: a later state is another
   * object. A world's is made when somebody asks for it, once per snapshot.
   */
  get state() {
    if (this.#stale && this.world) {
      this.#state = { ...this.static, ...this.world.plain() };
      this.#stale = false;
    }
    return this.#state;
  }

  /** Begin in a room. @param {Joined} joined */
  join(joined) {
    this.#rates = { tickRate: joined.tick_rate || 30, sendRate: joined.send_rate || 30 };
    this.forget();
    this.world = joined.schema?.tables ? new World(joined.schema.tables) : null;
    this.static = joined.static ?? {};
  }

  /** A match begins. @param {Record<string, any>} fixed what will not change during it */
  begin(fixed) {
    this.static = fixed;
    // The state stays: it is what the server's next snapshot may build on. The picture of the last match does not.
    for (const picture of this.#pictures) picture.reset();
  }

  /** The match is paused: what comes after the newest tick will come late, and that says nothing about the network. */
  pause() {
    this.#stoppedAt = this.tick;
  }

  /** The server stood still: ticks are later from now on. @param {number} ticks */
  stoodStill(ticks) {
    for (const picture of this.#pictures) picture.playhead.stoodStill(ticks / this.#rates.tickRate);
  }

  /** Forget the match. */
  forget() {
    this.#stoppedAt = -1;
    this.world = null;
    this.static = {};
    this.ack = 0;
    this.margin = null;
    this.#state = null;
    this.#stale = false;
    for (const picture of this.#pictures) picture.reset();
  }

  /** Forget the match and all pictures of it. */
  leave() {
    this.forget();
    this.#pictures.clear();
  }

  /**
   * @param {number} tick
   * @param {any} state the whole of it
   * @param {number | undefined} ack
   * @param {number} [margin]
   */
  replace(tick, state, ack, margin) {
    this.tick = tick;
    this.margin = margin ?? null;
    this.#state = state;
    this.#stale = false;
    if (ack !== undefined) this.ack = ack;
    this.#supply();
  }

  /**
   * @param {number} tick
   * @param {any} patch
   * @param {number | undefined} ack
   * @param {number} [margin]
   */
  patch(tick, patch, ack, margin) {
    this.replace(tick, mergePatch(this.state, patch), ack, margin);
  }

  /**
   * Apply a binary snapshot. Throws a SnapshotError if it is damaged.
   *
   * @param {Uint8Array} bytes the whole message
   * @returns {GameEvent[]} what happened
   */
  apply(bytes) {
    const { world } = this;
    if (!world) throw new SnapshotError("A snapshot of tables that nobody told of.");
    world.apply(bytes);
    this.tick = world.tick;
    if (world.ack >= 0) this.ack = world.ack;
    this.margin = world.margin;
    this.#stale = true;
    this.#supply();
    return world.events;
  }

  /**
   * @param {Record<string, Motion>} motions
   * @returns {Interpolation | WorldInterpolation}
   */
  interpolate(motions) {
    const picture = this.world ? new WorldInterpolation(motions, this.#rates) : new Interpolation(motions, this.#rates);
    this.#pictures.add(picture);
    if (this.#stale || this.#state !== null) this.#supplyOne(picture);
    return picture;
  }

  /** The picture that was asked for first; null if there is none. @returns {Interpolation | WorldInterpolation | null} */
  get picture() {
    for (const picture of this.#pictures) return picture;
    return null;
  }

  /** @param {Interpolation | WorldInterpolation} picture */
  stopInterpolating(picture) {
    this.#pictures.delete(picture);
  }

  /** Let the pictures show an event when they reach its tick. @param {GameEvent} event */
  schedule(event) {
    for (const picture of this.#pictures) picture.schedule(event);
  }

  #supply() {
    if (this.#stoppedAt >= 0 && this.tick !== this.#stoppedAt) {
      this.#stoppedAt = -1;
      for (const picture of this.#pictures) picture.playhead.reset();
    }
    for (const picture of this.#pictures) this.#supplyOne(picture);
  }

  /** @param {Interpolation | WorldInterpolation} picture */
  #supplyOne(picture) {
    const now = performance.now() / 1000;
    if (picture instanceof Interpolation) picture.push(this.tick, this.state, now);
    else if (this.world) picture.push(this.world, this.static, now);
  }
}
