/**
 * One's own part of the match, computed here instead of waiting for the server: `step` is the same rule that the server
 * has, with the same inputs in the same ticks, so both nearly always get the same numbers. Where they do not (somebody
 * else pushed, an input came late), the server is right: its state takes the place of the one predicted for that tick,
 * and the inputs since are played again. Pure: it has no clock and no network.
 *
 * **What is drawn** between two ticks is the way from the last predicted tick k towards a whole step from there with the
 * input as it is *now*. A key thus shows in the next frame. Rejected: blending the last two ticks, which shows everything
 * a tick late; and a step by the fraction of a tick, which is no rule of the server's: rounding at tick ends, friction
 * and walls would make what is drawn jump a little thirty times a second. The end of the whole step *is* the next tick, to
 * the bit, so nothing jumps as long as the input stays.
 *
 * **Errors** are smoothed in what is drawn, never in what is simulated. Each time, the moment that was drawn last is
 * computed once more; if it comes out different (a correction, or an input that changed within the tick), what is drawn
 * goes on from where it was, and the difference fades, to a tenth in a tenth of a second. So it is when all begins anew
 * because the clock was set (`restart`).
 */

import { same } from "./input-stream.js";
import { blendAngle } from "../state/interpolation.js";

/** @typedef {import("./input-stream.js").Input} Input */
/** @typedef {Record<string, any>} State numbers, booleans and short texts; flat */
/** @typedef {(state: State, input: Input, dt: number) => State} Step pure: it returns another object */

/** Ticks that are remembered. */
const REMEMBERED = 128;

/** Seconds in which an error of what is drawn fades to a tenth. */
const FADE = 0.1;

/** Pictures further apart than this, in seconds, have nothing to do with each other. */
const LONG = 0.5;

/** Sizes of corrections that are kept. */
const SIZES = 4096;

export class Prediction {
  #ticks = new Float64Array(REMEMBERED).fill(-1);
  /** @type {(State | null)[]} */
  #states = new Array(REMEMBERED).fill(null);
  // The whole step from the last tick, for the input that it was made with.
  /** @type {State | null} */
  #next = null;
  /** @type {Input | null} */
  #nextInput = null;
  /** When the last picture was, in ticks, and its values without the errors. */
  #drawnAt = NaN;
  /** @type {Float64Array} */
  #drawn;
  /** What was drawn last, errors included, when all began anew; null otherwise. @type {Float64Array | null} */
  #shown = null;
  /** By field: what is drawn minus what is so. @type {Float64Array} */
  #errors;
  /** @type {Float64Array} */
  #now;
  /** @type {State} */
  #out = {};

  /** The last predicted tick; -1 before the first. */
  tick = -1;
  /** The state after it; null while there is none (not there yet, dead). @type {State | null} */
  state = null;
  /** Snapshots that had another state than was predicted. */
  mispredictions = 0;
  /** By how much the position in the present was corrected each time, units; the last 4096. @type {number[]} */
  corrections = [];
  /** Corrections by more than `snap`, which are moves by the rules and no errors of drawing. */
  teleports = 0;

  /**
   * @param {object} options
   * @param {Step} options.step
   * @param {number} options.tickRate ticks per second
   * @param {string[]} [options.blend] fields that are blended and smoothed; the first two are the position
   * @param {string[]} [options.angles] fields that are angles in radians
   * @param {number} [options.snap] units beyond which an error is not smoothed
   */
  constructor({ step, tickRate, blend = [], angles = [], snap = Infinity }) {
    this.step = step;
    this.dt = 1 / tickRate;
    this.snap = snap;
    this.fields = [...blend, ...angles];
    /** From this one on fields are angles. */
    this.firstAngle = blend.length;
    this.#drawn = new Float64Array(this.fields.length);
    this.#errors = new Float64Array(this.fields.length);
    this.#now = new Float64Array(this.fields.length);
  }

  /** Forget all but the counts. */
  reset() {
    this.tick = -1;
    this.#vanish();
  }

  /** Begin anew with the server's next state, as `reset` does, and draw on from where the last picture was. */
  restart() {
    const shown = Number.isNaN(this.#drawnAt) ? this.#shown : this.#drawn.map((value, index) => value + this.#errors[index]);
    this.reset();
    this.#shown = shown;
  }

  #vanish() {
    this.state = null;
    this.#shown = null;
    this.#ticks.fill(-1);
    this.#states.fill(null);
    this.#next = this.#nextInput = null;
    this.#drawnAt = NaN;
    this.#errors.fill(0);
  }

  /**
   * Predict a tick: the one after `tick`, except for the first.
   *
   * @param {number} tick
   * @param {Input} input in force in it
   * @returns {{before: State, after: State} | null} null if there is nothing to predict from
   */
  advance(tick, input) {
    // The server was ahead, which has told already what that tick came to.
    if (tick <= this.tick) return null;
    const before = this.state;
    // Nobody knows what happened in a gap.
    if (before !== null && tick !== this.tick + 1) this.#vanish();
    this.tick = tick;
    if (this.state === null || before === null) return null;
    const after = this.#ahead(input);
    this.#put(tick, after);
    return { before, after };
  }

  /**
   * @param {number} tick
   * @param {State} state
   */
  #put(tick, state) {
    this.#ticks[tick % REMEMBERED] = tick;
    this.#states[tick % REMEMBERED] = state;
    this.state = state;
    this.#next = null;
  }

  /**
   * @param {number} tick one of the last hundred
   * @returns {State | null} the state after it, as it is predicted now
   */
  at(tick) {
    const at = tick % REMEMBERED;
    return tick >= 0 && this.#ticks[at] === tick ? this.#states[at] : null;
  }

  /** @param {Input} input */
  #ahead(input) {
    if (this.#next !== null && same(this.#nextInput, input)) return this.#next;
    this.#next = this.step(/** @type {State} */ (this.state), input, this.dt);
    // Whoever reads the controls may fill the same object again.
    this.#nextInput = structuredClone(input);
    return this.#next;
  }

  /**
   * The server tells the state after a tick. Fields that it does not tell stay as they were predicted for that tick.
   *
   * @param {number} tick
   * @param {State | null} server null: there is none; it is copied
   * @param {(tick: number) => Input} inputs what is in force in a tick
   * @returns {boolean} whether another one was predicted
   */
  reconcile(tick, server, inputs) {
    if (server === null) {
      if (this.state !== null) this.#vanish();
      return false;
    }
    const predicted = this.state === null ? null : this.at(tick);
    if (predicted !== null && agrees(predicted, server)) return false;
    const present = predicted === null ? null : this.state;
    if (this.tick < tick) this.tick = tick;
    // Of more than is remembered nothing is known to be played again: the newest state has to do.
    const from = this.tick - tick < REMEMBERED ? tick : this.tick;
    this.#put(from, { ...predicted, ...server });
    for (let at = from + 1; at <= this.tick; at += 1)
      this.#put(at, this.step(/** @type {State} */ (this.state), inputs(at), this.dt));
    if (present === null) return false;
    this.#corrected(present, /** @type {State} */ (this.state));
    return true;
  }

  /**
   * @param {State} before
   * @param {State} after
   */
  #corrected(before, after) {
    this.mispredictions += 1;
    let square = 0;
    for (let index = 0; index < Math.min(2, this.firstAngle); index += 1) {
      const way = after[this.fields[index]] - before[this.fields[index]];
      square += way * way;
    }
    const size = Math.sqrt(square);
    if (size > this.snap) {
      this.teleports += 1;
      return;
    }
    if (this.corrections.length >= SIZES) this.corrections.shift();
    this.corrections.push(size);
  }

  /**
   * What to draw at a moment. The object is used again by the next call.
   *
   * @param {number} tickTime in ticks, as the clock has it
   * @param {Input} input as it is now
   * @returns {State | null}
   */
  draw(tickTime, input) {
    if (this.state === null || this.tick < 0) return null;
    const { fields } = this;
    if (this.#shown === null) this.#follow(tickTime, input);
    // Whatever is not blended is that of the last tick.
    const out = Object.assign(this.#out, this.state);
    this.#moment(tickTime, input, this.#now);
    if (this.#shown !== null) {
      this.#carry(this.#shown, this.#now);
      this.#shown = null;
    }
    this.#drawnAt = tickTime;
    this.#drawn.set(this.#now);
    for (let index = 0; index < fields.length; index += 1) out[fields[index]] = this.#now[index] + this.#errors[index];
    return out;
  }

  /** Let the errors fade, and go on from what was drawn last. @param {number} tickTime @param {Input} input */
  #follow(tickTime, input) {
    const errors = this.#errors;
    const seconds = Math.max(0, tickTime - this.#drawnAt) * this.dt;
    if (!(seconds < LONG) || !this.#moment(this.#drawnAt, input, this.#now)) {
      errors.fill(0);
      return;
    }
    const left = 0.1 ** (seconds / FADE);
    this.#carry(this.#drawn, this.#now);
    for (let index = 0; index < errors.length; index += 1) {
      errors[index] *= left;
      // Small enough to be nothing, and not for ever smaller.
      if (Math.abs(errors[index]) < 1e-6) errors[index] = 0;
    }
  }

  /**
   * What was drawn at `from` is at `to` now: draw on from there.
   *
   * @param {Float64Array} from
   * @param {Float64Array} to
   */
  #carry(from, to) {
    const errors = this.#errors;
    for (let index = 0; index < errors.length; index += 1) {
      const change = from[index] - to[index];
      errors[index] += index >= this.firstAngle ? blendAngle(0, change, 1) : change;
    }
    const x = this.firstAngle > 0 ? errors[0] : 0;
    const y = this.firstAngle > 1 ? errors[1] : 0;
    if (x * x + y * y > this.snap * this.snap) errors.fill(0);
  }

  /**
   * The fields at a moment, as they are known now.
   *
   * @param {number} tickTime
   * @param {Input} input for what lies after the last tick
   * @param {Float64Array} out
   * @returns {boolean} whether they are known
   */
  #moment(tickTime, input, out) {
    const tick = Math.min(this.tick, Math.floor(tickTime));
    const from = this.at(tick);
    if (from === null) return this.#only(out);
    const to = tick === this.tick ? this.#ahead(input) : this.at(tick + 1);
    if (to === null) return false;
    const share = Math.min(1, tickTime - tick);
    for (let index = 0; index < out.length; index += 1) {
      const a = from[this.fields[index]];
      const b = to[this.fields[index]];
      out[index] = index < this.firstAngle ? a + (b - a) * share : blendAngle(a, b, share);
    }
    return true;
  }

  /** Before the first tick of a life there is only that one. @param {Float64Array} out */
  #only(out) {
    for (let index = 0; index < out.length; index += 1) out[index] = this.state?.[this.fields[index]];
    return false;
  }
}

/**
 * Whether the server tells what was predicted, number for number. What `step` leaves out is not predicted.
 *
 * @param {State} predicted
 * @param {State} server
 */
function agrees(predicted, server) {
  for (const name in server) if (predicted[name] !== server[name] && predicted[name] !== undefined) return false;
  return true;
}
