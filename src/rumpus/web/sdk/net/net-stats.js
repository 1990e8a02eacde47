/**
 * How well the netcode works for this player: what a net graph shows, and what measurements read. Everything is counted
 * here and nothing depends on it. Seconds, bytes, ticks and units of the game; counts are since joining.
 */

/** Margins that percentiles are taken of. */
const MARGINS = 256;
/** Inputs whose fate is open. */
const OPEN = 256;
/** Seconds between looks at the bytes. */
const SLICE = 0.25;
/** Slices that a rate is the average of. */
const SLICES = 8;

/**
 * @typedef {object} Sources what knows the rest
 * @property {{rtt: number, jitter: number}} clock
 * @property {() => {lead: (rtt: number) => number} | null} ticks
 * @property {() => {mispredictions: number, teleports: number, corrections: number[]} | null} prediction
 * @property {() => {delay: number, lead: number, underruns: number} | null} picture
 */

export class NetStats {
  #sources;
  #margins = new Float64Array(MARGINS);
  #marginCount = 0;
  #ack = -1;
  /** `seq` of the last input that was found late. */
  #late = -1;
  /** Whether the newest snapshot had to do without an own input, or was the first to have it. */
  #missed = false;
  /** Inputs under way, by seq: their ticks. @type {Map<number, number>} */
  #open = new Map();
  /** @type {{at: number, in: number, out: number}[]} */
  #slices = [];

  /** Timed inputs sent, and those of them that came after their tick was computed. */
  inputs = 0;
  lateInputs = 0;
  /** Those mispredictions that an own input explains, because it came too late for its tick. */
  lateMispredictions = 0;
  /** By how much the last input acknowledged was early, seconds; null before there is one. @type {number | null} */
  margin = null;
  /** Payload of messages, without the framing of WebSocket, TCP and IP. */
  bytesIn = 0;
  bytesOut = 0;
  messagesIn = 0;
  messagesOut = 0;
  snapshots = 0;

  /** @param {Sources} sources */
  constructor(sources) {
    this.#sources = sources;
  }

  /** Round trip, seconds; 0 until it is known. */
  get rtt() {
    return this.#sources.clock.rtt;
  }

  /** Slowest minus quickest of the last round trips, seconds. */
  get jitter() {
    return this.#sources.clock.jitter;
  }

  /** Seconds that the own tick clock runs ahead of the server. */
  get lead() {
    return this.#sources.ticks()?.lead(this.rtt) ?? 0;
  }

  /** One in twenty of the last inputs was less early than this, seconds; null before any is known. */
  get marginP5() {
    const sorted = this.#margins.slice(0, Math.min(this.#marginCount, MARGINS)).sort();
    return sorted.length > 0 ? sorted[Math.floor(sorted.length * 0.05)] : null;
  }

  /** Snapshots that had another own state than was predicted. */
  get mispredictions() {
    return this.#sources.prediction()?.mispredictions ?? 0;
  }

  /** Sizes of the last 4096 corrections in units, oldest first; those that teleported are not among them. */
  get corrections() {
    return this.#sources.prediction()?.corrections ?? [];
  }

  get teleports() {
    return this.#sources.prediction()?.teleports ?? 0;
  }

  /** Seconds that the picture of the others runs behind the newest arrivals. */
  get delay() {
    return this.#sources.picture()?.delay ?? 0;
  }

  /** Seconds from what is shown to the newest snapshot. */
  get buffer() {
    return this.#sources.picture()?.lead ?? 0;
  }

  /** Times that the picture had nothing newer to move towards. */
  get underruns() {
    return this.#sources.picture()?.underruns ?? 0;
  }

  /** A connection begins: numbers of inputs start anew. */
  begin() {
    this.#open.clear();
    this.#ack = this.#late = -1;
  }

  /** @param {number} bytes */
  received(bytes) {
    this.bytesIn += bytes;
    this.messagesIn += 1;
  }

  /** @param {number} bytes */
  sent(bytes) {
    this.bytesOut += bytes;
    this.messagesOut += 1;
  }

  /**
   * @param {number} seq
   * @param {number} tick
   */
  inputSent(seq, tick) {
    this.inputs += 1;
    this.#open.set(seq, tick);
    if (this.#open.size > OPEN) this.#open.delete(/** @type {number} */ (this.#open.keys().next().value));
  }

  /**
   * @param {number} tick
   * @param {number} ack `seq` of the last input used in it
   * @param {number | null} margin of that input, seconds
   */
  snapshot(tick, ack, margin) {
    this.snapshots += 1;
    if (margin !== null && ack !== this.#ack) {
      this.margin = margin;
      this.#margins[this.#marginCount++ % MARGINS] = margin;
    }
    this.#ack = ack;
    let found = false;
    for (const [seq, at] of this.#open) {
      // Inputs are used in order: what the newest snapshot has not seen though its tick is over came too late.
      if (seq > ack && at > tick) break;
      if (seq > ack || (seq === ack && margin !== null && margin < 0)) {
        this.lateInputs += 1;
        this.#late = seq;
        found = true;
      }
      this.#open.delete(seq);
    }
    this.#missed = found || this.#late > ack;
  }

  /** The newest snapshot had another own state than was predicted. */
  mispredicted() {
    if (this.#missed) this.lateMispredictions += 1;
  }

  /**
   * Bytes per second, averaged over two seconds; to be asked for a few times a second.
   *
   * @param {number} now local time, seconds
   * @returns {{in: number, out: number}}
   */
  rates(now) {
    const slices = this.#slices;
    const newest = slices[slices.length - 1];
    if (!newest || now - newest.at >= SLICE) slices.push({ at: now, in: this.bytesIn, out: this.bytesOut });
    while (slices.length > SLICES + 1) slices.shift();
    const first = slices[0];
    const seconds = now - first.at;
    if (seconds <= 0) return { in: 0, out: 0 };
    return { in: (this.bytesIn - first.in) / seconds, out: (this.bytesOut - first.out) / seconds };
  }
}
