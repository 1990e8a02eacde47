/**
 * Which of a player's inputs are sent, and which is in force in each tick.
 *
 * An input is in force from its tick on until the next one, so what has not changed need not be said again: a held key
 * costs five messages a second and not thirty. Those five are there because silence must mean that something is wrong
 * (see `docs/protocol.md`, section 2). Nothing is lost on the way, so the server has the same input in each tick as
 * `at` tells here, as long as the inputs come in time.
 *
 * One that does not is used in the next tick, merged with what is for that tick (`Game.merge_inputs`): `expected` tells
 * what that comes to. Without it a late press would be forgotten by replays.
 */

/** @typedef {Record<string, any>} Input plain data, as the game's input has it */
/** @typedef {{tick: number, seen: number | null, data: Input}} TimedInput */

/** Seconds after which an input is sent again though nothing has changed. */
export const KEEP_ALIVE = 0.2;

/** Ticks that are remembered, and inputs sent: more than any round trip has. */
const REMEMBERED = 256;
const SENT = 64;

export class InputStream {
  #tick = -1;
  #sentTick = -Infinity;
  #ticks = new Float64Array(REMEMBERED).fill(-1);
  /** @type {Input[]} */
  #inputs = [];
  #lags = new Float64Array(REMEMBERED);
  #lag = 0;
  /** The last inputs sent, oldest first. @type {{seq: number, tick: number, data: Input}[]} */
  #sent = [];

  /**
   * @param {number} tickRate ticks per second
   * @param {Input} [neutral] what is in force before the first
   * @param {(older: Input, newer: Input) => Input} [merge] what the game makes of two inputs that count for one tick
   */
  constructor(tickRate, neutral = {}, merge = (_, newer) => newer) {
    this.merge = merge;
    this.keepAlive = Math.max(1, Math.floor(KEEP_ALIVE * tickRate + 1e-6));
    this.neutral = neutral;
    /** The input in force. @type {Input} */
    this.held = neutral;
  }

  /** A match or a connection begins. */
  reset() {
    this.#tick = -1;
    this.#sentTick = -Infinity;
    this.#ticks.fill(-1);
    this.#inputs = [];
    this.#sent = [];
    this.#lag = 0;
    this.held = this.neutral;
  }

  /**
   * The clock was set back: ticks that were played will come again. Until then what is held now was in force.
   *
   * @param {number} tick the last one that counts as played
   */
  rewind(tick) {
    this.#ticks.fill(-1);
    this.#sent = [];
    this.#sentTick = -Infinity;
    for (this.#tick = Math.max(0, tick - REMEMBERED + 1); this.#tick < tick; this.#tick += 1) this.#remember(this.#tick);
    this.#remember(this.#tick);
  }

  /**
   * Put an input in force from a tick on.
   *
   * @param {number} tick later than the last one
   * @param {Input} data
   * @param {number | null} seen the tick that the player's picture shows
   * @returns {TimedInput | null} what is to be sent, if anything is
   */
  take(tick, data, seen) {
    const changed = !same(data, this.held);
    const send = changed || tick - this.#sentTick >= this.keepAlive;
    // Ticks that were left out were played with what was in force.
    for (let gap = Math.max(this.#tick + 1, tick - REMEMBERED + 1); gap < tick && this.#tick >= 0; gap += 1)
      this.#remember(gap);
    if (changed) this.held = structuredClone(data);
    if (send) {
      this.#sentTick = tick;
      this.#lag = seen === null ? 0 : Math.max(0, tick - seen);
    }
    this.#tick = tick;
    this.#remember(tick);
    return send ? { tick, seen, data: this.held } : null;
  }

  /** @param {number} tick */
  #remember(tick) {
    const at = tick % REMEMBERED;
    this.#ticks[at] = tick;
    this.#inputs[at] = this.held;
    this.#lags[at] = this.#lag;
  }

  /** What `take` gave out was sent. @param {number} seq @param {TimedInput} input */
  sent(seq, { tick, data }) {
    if (this.#sent.length >= SENT) this.#sent.shift();
    this.#sent.push({ seq, tick, data });
  }

  /**
   * What the server will use in a tick, as far as can be told from what it had used before: inputs that it did not have
   * in time are still on their way, and count for this tick, merged.
   *
   * @param {number} tick
   * @param {number} ack `seq` of the last input used before that tick; -1 if none was
   * @returns {Input}
   */
  expected(tick, ack) {
    /** @type {Input | null} */
    let merged = null;
    for (const { seq, tick: wanted, data } of this.#sent)
      if (seq > ack && wanted <= tick) merged = merged === null ? data : this.merge(merged, data);
    return merged ?? this.at(tick);
  }

  /** The last input could not be sent: the next one will be, whatever it is. */
  unsent() {
    this.#sentTick = -Infinity;
  }

  /**
   * @param {number} tick
   * @returns {Input} what was in force in it; of ticks not known, what is nearest to them
   */
  at(tick) {
    if (this.#tick < 0) return this.neutral;
    if (tick >= this.#tick) return this.held;
    const at = tick % REMEMBERED;
    return this.#ticks[at] === tick ? this.#inputs[at] : this.neutral;
  }

  /**
   * @param {number} tick
   * @returns {number} ticks by which the picture was behind when the input in force was sent; 0 if that is not known
   */
  viewLag(tick) {
    const at = tick % REMEMBERED;
    return tick >= 0 && this.#ticks[at] === tick ? this.#lags[at] : 0;
  }
}

/**
 * Whether two plain values are equal.
 *
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  for (const name of names) if (!Object.hasOwn(b, name) || !same(a[name], b[name])) return false;
  return true;
}
