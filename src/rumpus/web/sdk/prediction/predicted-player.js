/**
 * The player at this client: reads the controls once per tick, sends what has changed, and predicts what comes of it.
 * Made by `client.predict`, this is where the clock (tick-clock.js), the inputs (input-stream.js), the prediction
 * (prediction.js) and the timers (input-driver.js) meet the connection. It follows the life of the room by itself: it
 * plays while a match is on, begins anew with each match and each connection, and rests in between.
 */
import { InputDriver } from "./input-driver.js";
import { InputStream } from "./input-stream.js";
import { Prediction } from "./prediction.js";
import { TickClock } from "./tick-clock.js";

/** @typedef {import("./input-stream.js").Input} Input */
/** @typedef {import("./prediction.js").State} State */
/** @typedef {import("./prediction.js").Step} Step */

/** @typedef {{tick: number, input: Input, before: State, after: State, seen: number}} PredictedTick */

/**
 * @template Client
 * @typedef {object} PredictOptions
 * @property {() => Input} read what the player wants right now. Asked at each tick and for each picture, so it must not
 *   change anything: let go of a latched press in `onTick`
 * @property {Input | (() => Input)} neutral the input of a player who is away: the page is hidden, or they stopped
 * @property {(client: Client) => State | null} [state] the own entity as the newest snapshot has it, only what `step`
 *   computes; null while there is none. It is copied, so it may be the same object each time
 * @property {Step} [step] the rule of one tick: a new state from state, input and seconds (always 1 / tick rate)
 * @property {(older: Input, newer: Input) => Input} [merge] the game's `merge_inputs`, if it has one: what becomes of two
 *   inputs that count for the same tick
 * @property {string[]} [blend] numbers of the state that are drawn in between; the first two are the position
 * @property {string[]} [angles] angles of the state in radians, drawn in between
 * @property {number} [snap] units; what jumps further is not smoothed
 * @property {(tick: PredictedTick) => void} [onTick] told once of each predicted tick, never of replays; `seen` is the tick
 *   that the server takes for what the player saw, see predicted-spawns.js
 * @property {() => number | null} [seen] the tick that the picture shows; that of the first picture made by
 *   `client.interpolate` when left out
 */

/**
 * What it knows of the match, and tells it.
 *
 * @typedef {object} Surroundings
 * @property {number} tickRate ticks per second
 * @property {() => number} maxRewind seconds that lag compensation looks back at most; 0: there is none
 * @property {() => number} rtt round trip, seconds; 0 until it is known
 * @property {() => boolean} playing whether there is something to do for the own player
 * @property {() => State | null} state `options.state` of the newest snapshot
 * @property {() => number | null} seen the tick that the picture shows
 * @property {(data: Input, timing: {tick: number, seen: number | null}) => number} send returns the `seq`, 0 if it fails
 * @property {() => void} mispredicted
 * @property {(player: PredictedPlayer) => void} stopped
 */

/** Seconds that a picture may be old when the input that it led to is sent: a frame. */
const FRAME = 1 / 60;

/** After a gap of more ticks than this the next snapshot is a better guess. */
const LONG_GAP = 60;

export class PredictedPlayer {
  /** Ticks by which the server has stood still, not taken account of yet. */
  #stoodStill = 0;
  #options;
  #match;
  #driver;

  /**
   * @param {PredictOptions<any>} options
   * @param {Surroundings} match
   */
  constructor(options, match) {
    this.#options = options;
    this.#match = match;
    const { tickRate } = match;
    this.clock = new TickClock(tickRate);
    this.stream = new InputStream(tickRate, this.#neutral(), options.merge);
    const { step, blend, angles, snap } = options;
    /** Null without a `step`: inputs are sent, and nothing is predicted. */
    this.prediction = step ? new Prediction({ step, tickRate, blend, angles, snap }) : null;
    this.#driver = new InputDriver({
      clock: this.clock,
      rtt: match.rtt,
      run: (tick, late) => this.#run(tick, late),
      skip: (first, count) => this.#skip(first, count),
      hide: () => this.#letGo(),
    });
    if (match.playing()) this.#driver.start();
  }

  /** Whether it is playing: a match is on. */
  get running() {
    return this.#driver.running;
  }

  /** The last tick that was played here; -1 before the first. */
  get tick() {
    return this.clock.tick;
  }

  /** The state predicted for that tick; null while there is none. */
  get state() {
    return this.prediction?.state ?? null;
  }

  /** @param {number} now local time, seconds @returns {number} in ticks; NaN before the first snapshot */
  tickTime(now) {
    return this.clock.tickTime(now);
  }

  /**
   * What to draw: the own state at local time `now` (seconds), between ticks and without jumps; null while there is none.
   * The object is used again by the next call.
   *
   * @param {number} now
   * @returns {State | null}
   */
  sample(now) {
    this.#driver.catchUp(now);
    if (!this.prediction || !this.#driver.running) return null;
    return this.prediction.draw(this.clock.tickTime(now), this.#options.read());
  }

  /**
   * @param {number} now local time, seconds
   * @returns {number} the oldest match time that lag compensation lets this player shoot at, seconds
   */
  oldestSeen(now) {
    const reach = this.#match.maxRewind();
    if (!this.#driver.running || !this.clock.ready || reach <= 0) return -Infinity;
    return this.clock.tickTime(now) / this.#match.tickRate - reach + FRAME;
  }

  /** Play no more: the neutral input is sent, and `client.predict` may be called again. */
  stop() {
    this.#driver.stop();
    this.#match.stopped(this);
  }

  // --- what the match tells ------------------------------------------------------------------------------------------

  /** A match begins, or goes on over a new connection. */
  begin() {
    this.#stoodStill = 0;
    this.clock.reset();
    this.stream.reset();
    this.stream.neutral = this.stream.held = this.#neutral();
    this.prediction?.reset();
    if (this.#match.playing()) this.#driver.start();
  }

  /** The server stood still: every tick is later by so many ticks, from the next snapshot on. @param {number} ticks */
  stoodStill(ticks) {
    this.#stoodStill += ticks;
  }

  /** The server does not take the ticks of inputs: what is known of its time is wrong, and is found out anew. */
  mistimed() {
    this.clock.reset();
    this.stream.rewind(0);
    this.prediction?.restart();
  }

  /** @param {number} now */
  #setBack(now) {
    this.clock.stoodStill(this.#stoodStill, now);
    this.#stoodStill = 0;
    this.stream.rewind(Math.max(0, this.clock.tick));
    this.prediction?.restart();
  }

  /** No match is on or it is paused, the player is out, or there is no connection. */
  rest() {
    this.#driver.stop();
    this.prediction?.reset();
  }

  /**
   * A snapshot was taken.
   *
   * @param {number} tick
   * @param {number} ack `seq` of the last input used; -1 if none was
   * @param {number | null} margin of that input, seconds
   * @param {number} now
   */
  snapshot(tick, ack, margin, now) {
    if (!this.#driver.running) return;
    if (this.#stoodStill > 0) this.#setBack(now);
    this.clock.heard(tick, now);
    if (margin !== null && ack >= 0) this.clock.acknowledged(ack, margin, now);
    // What the server has not used by then, though it was for ticks up to then, it will use in the next.
    const inputs = (/** @type {number} */ at) => (at === tick + 1 ? this.stream.expected(at, ack) : this.stream.at(at));
    if (this.prediction && this.#options.state && this.prediction.reconcile(tick, this.#match.state(), inputs))
      this.#match.mispredicted();
    // The clock may have learned the time just now.
    this.#driver.catchUp(now);
  }

  // --- ticks ---------------------------------------------------------------------------------------------------------

  /** @returns {Input} */
  #neutral() {
    const { neutral } = this.#options;
    return typeof neutral === "function" ? neutral() : neutral;
  }

  /**
   * @param {number} tick
   * @param {boolean} late it is over already: nothing new can have been wanted in it
   */
  #run(tick, late) {
    if (!late) this.#send(tick, this.#options.read());
    const input = this.stream.held;
    const step = this.prediction?.advance(tick, input);
    if (!step || !this.#options.onTick) return;
    const seen = tick - Math.min(this.stream.viewLag(tick), this.#mostLag());
    this.#options.onTick({ tick, input, before: step.before, after: step.after, seen });
  }

  /**
   * Ticks passed in which this client did nothing: what was in force went on.
   *
   * @param {number} first
   * @param {number} count
   */
  #skip(first, count) {
    if (count > LONG_GAP) return this.prediction?.reset();
    for (let tick = first; tick < first + count; tick += 1) this.prediction?.advance(tick, this.stream.held);
  }

  /**
   * @param {number} tick
   * @param {Input} data
   */
  #send(tick, data) {
    const seen = this.#options.seen ? this.#options.seen() : this.#match.seen();
    // A thousandth of a tick is more than enough, and what is not known is not said.
    const rounded = seen === null || !Number.isFinite(seen) ? null : Math.round(seen * 1000) / 1000;
    const message = this.stream.take(tick, data, rounded);
    if (!message) return;
    const seq = this.#match.send(message.data, message);
    if (seq === 0) this.stream.unsent();
    else {
      this.stream.sent(seq, message);
      this.clock.sent(seq);
    }
  }

  /** @returns {number} ticks that lag compensation looks back at most */
  #mostLag() {
    return this.#match.maxRewind() * this.#match.tickRate;
  }

  /** Hands off the controls. */
  #letGo() {
    if (this.clock.ready) this.#send(this.clock.tick + 1, this.#neutral());
  }
}
