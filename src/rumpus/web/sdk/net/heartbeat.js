/**
 * Pings at a steady pace: they measure the round trip, and show that the connection is alive. A connection may be dead
 * without being closed (the other side lost its power, or a router forgot it); then nothing is ever heard again. Silence
 * counts from the start, pings are sent only when they are asked for: who comes back to a seat may say nothing else first.
 */

/** Milliseconds between pings. */
const EVERY = 2000;

/** Milliseconds of a few pings at once, so that the round trip is known when the match begins. */
const FIRST = [0, 150, 400, 800];

/** A connection that says nothing for this many milliseconds, pongs included, is dead. */
const SILENCE = 9000;

export class Heartbeat {
  /** @type {ReturnType<typeof setTimeout>[]} */
  #first = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #heardAt = 0;
  #pinging = false;

  /** @param {{ping: (time: number) => void, dead: () => void}} actions `time`: local time, seconds */
  constructor({ ping, dead }) {
    this.ping = ping;
    this.dead = dead;
  }

  /** Notice silence, and say nothing. */
  listen() {
    this.stop();
    this.heard();
    this.#timer = setInterval(() => this.#beat(), EVERY);
  }

  /** Ping from now on. */
  start() {
    this.#pinging = true;
    this.#first = FIRST.map((delay) => setTimeout(() => this.#beat(), delay));
  }

  stop() {
    this.#pinging = false;
    clearInterval(this.#timer);
    for (const timer of this.#first) clearTimeout(timer);
  }

  /** Something has arrived. */
  heard() {
    this.#heardAt = performance.now();
  }

  #beat() {
    const now = performance.now();
    if (now - this.#heardAt > SILENCE) this.dead();
    else if (this.#pinging) this.ping(now / 1000);
  }
}
