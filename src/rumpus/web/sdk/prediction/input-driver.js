/**
 * Runs the ticks of a clock when they are due: by timers, and when a frame asks, so that a picture is never a tick behind.
 *
 * Timers aim at the clock's own deadlines, so their inaccuracy does not add up. After the page was held up, the ticks that
 * are due are run at once, the older ones as `late`: nobody could do anything in them, and the server has gone on with
 * the input that was in force. Of very many, all but the last are skipped; there is never a burst of old inputs.
 *
 * While the page is hidden nobody is playing: `hide` is called once, and nothing more until the page is seen again.
 * (Browsers slow timers of hidden pages down to one call a second anyway.) Without a document, as in Node, the page is
 * always there.
 */

/** @typedef {import("./tick-clock.js").TickClock} TickClock */

/** More ticks than this at once are skipped. */
const MOST = 10;

/** Milliseconds between looks at a clock that does not know the time, or waits until more is heard. */
const WAIT = 50;

export class InputDriver {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #hidden = false;
  running = false;

  /**
   * @param {object} options
   * @param {TickClock} options.clock
   * @param {() => number} options.rtt round trip in seconds, 0 if it is not known
   * @param {(tick: number, late: boolean) => void} options.run one tick
   * @param {(first: number, count: number) => void} options.skip these ticks are not run
   * @param {() => void} options.hide the page is hidden, or nobody plays any more
   */
  constructor({ clock, rtt, run, skip, hide }) {
    this.clock = clock;
    this.rtt = rtt;
    this.run = run;
    this.skip = skip;
    this.hide = hide;
  }

  start() {
    if (this.running) return;
    this.running = true;
    if (typeof document !== "undefined") {
      document.addEventListener("visibilitychange", this.#visibility);
      window.addEventListener("pagehide", this.#visibility);
      this.#hidden = document.visibilityState === "hidden";
    }
    this.#wake();
  }

  stop() {
    if (!this.running) return;
    this.running = false;
    clearTimeout(this.#timer);
    if (typeof document !== "undefined") {
      document.removeEventListener("visibilitychange", this.#visibility);
      window.removeEventListener("pagehide", this.#visibility);
    }
    if (!this.#hidden) this.hide();
  }

  /**
   * Run what is due.
   *
   * @param {number} now local time, seconds
   */
  catchUp(now) {
    if (!this.running || this.#hidden) return;
    const { clock } = this;
    clock.advance(now, this.rtt());
    let count = clock.take(now);
    const last = clock.tick;
    if (count > MOST) {
      this.skip(last - count + 1, count - 1);
      count = 1;
    }
    for (let tick = last - count + 1; tick <= last && this.running; tick += 1) this.run(tick, tick < last);
  }

  #visibility = () => {
    const hidden = document.visibilityState === "hidden";
    if (hidden === this.#hidden) return;
    this.#hidden = hidden;
    clearTimeout(this.#timer);
    if (hidden) this.hide();
    else this.#wake();
  };

  #wake = () => {
    clearTimeout(this.#timer);
    if (!this.running || this.#hidden) return;
    this.catchUp(performance.now() / 1000);
    if (!this.running || this.#hidden) return;
    const { clock } = this;
    const wait = clock.ready && !clock.holds ? clock.timeOf(clock.tick + 1) * 1000 - performance.now() : WAIT;
    // Whole milliseconds are all that timers know, and one that comes too early has come for nothing.
    this.#timer = setTimeout(this.#wake, Math.max(0, Math.ceil(wait)));
  };
}
