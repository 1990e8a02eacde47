/**
 * Sends the player's input at a steady rate.
 *
 * Deadlines are absolute, so timer inaccuracy does not add up and the server gets one input per tick. While the page is
 * hidden nobody is playing: the neutral input goes out once, and then nothing until the page is seen again. (Browsers
 * slow timers of hidden pages down to one call a second anyway; without this a ship would go on running and shooting.)
 */
export class InputPump {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #deadline = 0;
  #hidden = false;

  /**
   * @param {object} options
   * @param {number} options.rate inputs per second
   * @param {() => Record<string, any>} options.read what the player wants right now
   * @param {Record<string, any>} options.neutral what is sent when the page is hidden or the pump stops
   * @param {(data: Record<string, any>) => void} options.send
   */
  constructor({ rate, read, neutral, send }) {
    this.interval = 1000 / rate;
    this.read = read;
    this.neutral = neutral;
    this.send = send;
    this.running = false;
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.#hidden = false;
    this.#deadline = performance.now();
    document.addEventListener("visibilitychange", this.#visibility);
    window.addEventListener("pagehide", this.#visibility);
    this.#step();
  }

  stop() {
    if (!this.running) return;
    this.running = false;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#visibility);
    window.removeEventListener("pagehide", this.#visibility);
    if (!this.#hidden) this.send(this.neutral);
  }

  #visibility = () => {
    const hidden = document.visibilityState === "hidden";
    if (hidden === this.#hidden) return;
    this.#hidden = hidden;
    clearTimeout(this.#timer);
    if (hidden) this.send(this.neutral);
    else {
      this.#deadline = performance.now();
      this.#step();
    }
  };

  #step = () => {
    if (!this.running || this.#hidden) return;
    this.send(this.read());
    const now = performance.now();
    this.#deadline += this.interval;
    // After a stall, go on from here: a burst of old inputs would only queue up at the server.
    if (this.#deadline < now) this.#deadline = now;
    this.#timer = setTimeout(this.#step, this.#deadline - now);
  };
}
