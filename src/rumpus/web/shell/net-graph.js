/**
 * How the connection is doing, for whoever asks for it with F3 or N: a small panel of strip charts over the last ten
 * seconds. It reads `client.stats` and nothing else, so it works for every game.
 *
 * It is drawn ten times a second and only while it is open; closed it costs nothing but the key.
 */
import { byId, show } from "../ui/dom.js";
import { recall, remember } from "../ui/storage.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */

/** Seconds between samples, and how many are kept: ten seconds of them. */
const EVERY = 0.1;
const KEPT = 100;

const WIDTH = 244;
const PADDING = 11;
const STRIP = 46;
const CHART = 21;
/** Where the lines begin, right of what their scale says. */
const LEFT = PADDING + 46;
const HEIGHT = 2 * PADDING + 5 * STRIP - 8;

const INK = "#eaf1ff";
const SOFT = "#b4c3ea";
const FAINT = "rgba(140,175,255,.2)";
const BAD = "#ff6f7f";

/** What is measured in one sample: seconds, units of the game, bytes per second; counts since the sample before. */
/** @typedef {{rtt: number, jitter: number, margin: number, late: number, correction: number, corrections: number,
 *   delay: number, buffer: number, underruns: number, in: number, out: number}} Sample */

/** @returns {Sample} */
function nothing() {
  return {
    rtt: 0,
    jitter: 0,
    margin: NaN,
    late: 0,
    correction: 0,
    corrections: 0,
    delay: 0,
    buffer: 0,
    underruns: 0,
    in: 0,
    out: 0,
  };
}

export class NetGraph {
  #canvas = byId("net-graph", HTMLCanvasElement);
  #pen = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
  /** Oldest first. @type {Sample[]} */
  #samples = [];
  /** Counts at the last sample. */
  #counts = { late: 0, corrected: 0, underruns: 0 };
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** Whether the player wants it; it shows while they are in a room. */
  open = recall("net-graph") === "yes";

  /** @param {Client} client */
  constructor(client) {
    this.client = client;
    this.follow();
  }

  toggle() {
    this.open = !this.open;
    remember("net-graph", this.open ? "yes" : "no");
    this.follow();
  }

  /** Show it if it is wanted and there is something to show. */
  follow() {
    const shown = this.open && this.client.room !== null;
    show(this.#canvas, shown);
    if (!shown) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#samples.length = 0;
    } else if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#step(), EVERY * 1000);
      this.#count();
      this.#step();
    }
  }

  /** The newest sample; null while it is closed. @returns {Sample | null} */
  get reading() {
    return this.#samples[this.#samples.length - 1] ?? null;
  }

  #count() {
    const { stats } = this.client;
    const counts = this.#counts;
    counts.late = stats.lateInputs;
    counts.corrected = stats.mispredictions - stats.teleports;
    counts.underruns = stats.underruns;
  }

  #step() {
    if (document.visibilityState === "hidden") return;
    const { stats } = this.client;
    const before = { ...this.#counts };
    this.#count();
    const counts = this.#counts;
    const rates = stats.rates(performance.now() / 1000);
    const sample = nothing();
    sample.rtt = stats.rtt;
    sample.jitter = stats.jitter;
    sample.margin = stats.margin ?? NaN;
    sample.delay = stats.delay;
    sample.buffer = stats.buffer;
    sample.in = rates.in;
    sample.out = rates.out;
    // Joining again begins some counts anew.
    sample.late = Math.max(0, counts.late - before.late);
    sample.underruns = Math.max(0, counts.underruns - before.underruns);
    sample.corrections = Math.max(0, counts.corrected - before.corrected);
    if (sample.corrections > 0) sample.correction = Math.max(0, ...stats.corrections.slice(-sample.corrections));
    this.#samples.push(sample);
    if (this.#samples.length > KEPT) this.#samples.shift();
    this.#draw(sample);
  }

  /** @param {Sample} now */
  #draw(now) {
    const canvas = this.#canvas;
    const pen = this.#pen;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [Math.round(WIDTH * ratio), Math.round(HEIGHT * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    const worst = Math.max(...this.#samples.map((sample) => sample.correction));
    let top = PADDING;
    const strip = (/** @type {string} */ label, /** @type {string} */ value, /** @type {() => void} */ paint) => {
      this.#strip(top, label, value, paint);
      top += STRIP;
    };
    strip("round trip, jitter", `${ms(now.rtt)}, ${ms(now.jitter)} ms`, () => {
      const most = nice(Math.max(0.05, ...this.#values("rtt"), ...this.#values("jitter")));
      this.#line(top, "jitter", most, "#8fb2ff");
      this.#line(top, "rtt", most, "#4fe6ff");
      this.#scale(top, `${ms(most)} ms`);
    });
    strip("input margin", Number.isNaN(now.margin) ? "–" : `${signed(now.margin)} ms`, () => {
      const most = nice(Math.max(0.02, ...this.#values("margin").map(Math.abs)));
      this.#margins(top, most);
      this.#scale(top, `±${ms(most)} ms`);
    });
    strip("corrections", `${worst.toFixed(1)} units at most`, () => {
      const most = nice(Math.max(2, worst));
      this.#spikes(top, most);
      this.#scale(top, `${most} units`);
    });
    strip("interpolation delay", `${ms(now.delay)} ms`, () => {
      const most = nice(Math.max(0.1, ...this.#values("delay"), ...this.#values("buffer")));
      this.#line(top, "buffer", most, "#4a6bb0");
      this.#line(top, "delay", most, "#6fa2ff");
      this.#marks(top, "underruns");
      this.#scale(top, `${ms(most)} ms`);
    });
    strip("in, out", `${kilobytes(now.in)}, ${kilobytes(now.out)} kB/s`, () => {
      const most = nice(Math.max(1000, ...this.#values("in"), ...this.#values("out")));
      this.#line(top, "out", most, "#ff86c8");
      this.#line(top, "in", most, "#b79bff");
      this.#scale(top, `${kilobytes(most)} kB/s`);
    });
    canvas.setAttribute("aria-label", `Net graph: round trip ${ms(now.rtt)} ms, jitter ${ms(now.jitter)} ms`);
  }

  /** @param {keyof Sample} name @returns {number[]} those that are numbers */
  #values(name) {
    return this.#samples.map((sample) => sample[name]).filter((value) => !Number.isNaN(value));
  }

  /**
   * @param {number} top
   * @param {string} label
   * @param {string} value
   * @param {() => void} paint
   */
  #strip(top, label, value, paint) {
    const pen = this.#pen;
    pen.globalAlpha = 1;
    pen.font = '500 11px "Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
    pen.textBaseline = "top";
    pen.textAlign = "left";
    pen.fillStyle = SOFT;
    pen.fillText(label, PADDING, top);
    pen.textAlign = "right";
    pen.fillStyle = INK;
    pen.fillText(value, WIDTH - PADDING, top);
    pen.strokeStyle = FAINT;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const y of [top + 15.5, top + 15.5 + CHART]) {
      pen.moveTo(LEFT, y);
      pen.lineTo(WIDTH - PADDING, y);
    }
    pen.stroke();
    paint();
  }

  /** Where a sample lies; the newest is at the right. @param {number} index */
  #x(index) {
    const share = (index + KEPT - this.#samples.length) / (KEPT - 1);
    return LEFT + share * (WIDTH - PADDING - LEFT);
  }

  /**
   * @param {number} top of the strip
   * @param {keyof Sample} name
   * @param {number} most
   * @param {string} colour
   */
  #line(top, name, most, colour) {
    const pen = this.#pen;
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.lineJoin = "round";
    pen.beginPath();
    this.#samples.forEach((sample, index) => {
      const share = Math.min(1, Math.max(0, sample[name] / most));
      pen.lineTo(this.#x(index), top + 15.5 + CHART * (1 - share));
    });
    pen.stroke();
  }

  /**
   * Early inputs above the line, late ones below it.
   *
   * @param {number} top
   * @param {number} most
   */
  #margins(top, most) {
    const pen = this.#pen;
    const middle = top + 15.5 + CHART / 2;
    this.#samples.forEach(({ margin, late }, index) => {
      const bad = late > 0 || margin < 0;
      if (Number.isNaN(margin) && !bad) return;
      const share = Math.max(-1, Math.min(1, (margin || 0) / most));
      pen.fillStyle = bad ? BAD : "#6df2a4";
      pen.fillRect(this.#x(index) - 0.9, middle - Math.max(0, share) * (CHART / 2), 1.8, Math.abs(share) * (CHART / 2));
      if (late > 0) pen.fillRect(this.#x(index) - 0.9, middle, 1.8, CHART / 2);
    });
    pen.fillStyle = FAINT;
    pen.fillRect(LEFT, middle - 0.5, WIDTH - PADDING - LEFT, 1);
  }

  /** @param {number} top @param {number} most */
  #spikes(top, most) {
    const pen = this.#pen;
    pen.fillStyle = "#ffe06b";
    this.#samples.forEach(({ correction, corrections }, index) => {
      if (corrections === 0) return;
      const height = Math.max(2, Math.min(1, correction / most) * CHART);
      pen.fillRect(this.#x(index) - 1, top + 15.5 + CHART - height, 2, height);
    });
  }

  /** @param {number} top @param {"underruns"} name */
  #marks(top, name) {
    const pen = this.#pen;
    pen.fillStyle = BAD;
    this.#samples.forEach((sample, index) => {
      if (sample[name] > 0) pen.fillRect(this.#x(index) - 1, top + 15.5, 2, CHART);
    });
  }

  /** @param {number} top @param {string} text what the upper line stands for */
  #scale(top, text) {
    const pen = this.#pen;
    pen.font = '500 9px "Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
    pen.textAlign = "left";
    pen.fillStyle = "rgba(180,195,234,.75)";
    pen.fillText(text, PADDING, top + 16);
  }
}

/** @param {number} seconds @returns {string} */
function ms(seconds) {
  return String(Math.round(seconds * 1000));
}

/** @param {number} seconds @returns {string} */
function signed(seconds) {
  const whole = Math.round(seconds * 1000);
  return whole > 0 ? `+${whole}` : whole < 0 ? `−${-whole}` : "0";
}

/** @param {number} bytes @returns {string} */
function kilobytes(bytes) {
  return (bytes / 1000).toFixed(bytes < 9950 ? 1 : 0);
}

/**
 * The next number of the form 1, 2 or 5 times a power of ten.
 *
 * @param {number} value above 0
 */
export function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const factor = [1, 2, 5, 10].find((step) => value <= step * power * (1 + 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(6));
}
