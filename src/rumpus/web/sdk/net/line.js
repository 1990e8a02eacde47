/**
 * The line to the server: one connection after another. A lost one is tried again after a while that grows with each
 * attempt, at once when the network is back or the page is looked at again, and not for ever. What is said over it, and
 * whether a new connection is wanted at all, is the client's business.
 */
import { Backoff } from "./backoff.js";
import { Link } from "./link.js";

/** @typedef {import("./link.js").Listener} Listener */

/** A connection that has lasted this many milliseconds was a good one: what comes next is not the same trouble again. */
const STABLE = 5000;

/** Milliseconds from one attempt to the next at least, however often the network is said to be back. */
const EAGER = 1000;

/**
 * Milliseconds after a loss in which a server that restarts is about to be there again, and seconds from one attempt to the
 * next at most in that time: players shall be back two seconds after the server is.
 */
const RESTART = 30_000;
const SOON = 1.25;

/** So often, at least, it is tried as long as a seat is held. */
const ATTEMPTS = 4;

export class Line {
  #url;
  #listener;
  /** @type {Link | null} */
  #link = null;
  #backoff = new Backoff();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #triedAt = -Infinity;
  #settledAt = -Infinity;
  /** When the last good connection was lost, or the first attempt failed; -1 while all is well. */
  #lostAt = -1;
  /** Whether it was a good connection that was lost, or the server said that it stops. */
  #promising = false;

  /** Which connection this is, counted from 1. */
  number = 0;

  /**
   * @param {string} url
   * @param {Listener} listener `lost` is told of every connection that ends, and of every attempt that fails
   */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
  }

  /** Whether messages can be sent. */
  get open() {
    return this.#link?.open ?? false;
  }

  /** Attempts since the last good connection. */
  get attempt() {
    return this.#backoff.attempt;
  }

  /** Local time at which the trouble began, milliseconds as performance.now(); -1 while there is none. */
  get lostAt() {
    return this.#lostAt;
  }

  /** Open a connection now, if there is none and none is being opened. */
  connect() {
    this.#stopWaiting();
    if (this.#link) return;
    this.#triedAt = performance.now();
    this.number += 1;
    this.#link = new Link(this.#url, {
      ...this.#listener,
      lost: (code, reason) => {
        this.#link = null;
        this.#listener.lost(code, reason);
      },
    });
  }

  /** Whoever begins anew has the whole of the patience again. */
  reset() {
    this.#backoff.reset();
    this.#lostAt = -1;
  }

  /** The connection serves its purpose. */
  settled() {
    this.#settledAt = performance.now();
    this.#lostAt = -1;
  }

  /**
   * The connection is lost: open another one after a while.
   *
   * @param {number} patience seconds after the loss in which it is tried
   * @param {number} hold seconds after it in which a seat is held: so long it is tried several times; 0: there is none
   * @param {boolean} stopping whether the server said that it stops
   * @returns {number} local time of the next attempt, milliseconds as performance.now(); 0: it has been tried long enough
   */
  retry(patience, hold, stopping) {
    const now = performance.now();
    if (this.#lostAt < 0) {
      this.#lostAt = now;
      // One that is lost as soon as it is good must not be had again at once, time after time.
      if (now - this.#settledAt > STABLE || stopping) this.#backoff.reset();
      this.#promising = this.#backoff.attempt === 0;
    }
    const passed = now - this.#lostAt;
    if (passed >= patience * 1000) return 0;
    this.#stopWaiting();
    const held = passed < hold * 1000;
    const longest = this.#promising && passed < RESTART ? SOON : undefined;
    const wait = Math.min(this.#backoff.next(longest), held ? hold / ATTEMPTS : Infinity) * 1000;
    this.#timer = setTimeout(() => this.connect(), wait);
    globalThis.addEventListener?.("online", this.#eager);
    globalThis.document?.addEventListener("visibilitychange", this.#eager);
    return now + wait;
  }

  #eager = () => {
    if (globalThis.document?.visibilityState === "hidden") return;
    if (performance.now() - this.#triedAt >= EAGER) this.connect();
  };

  #stopWaiting() {
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#eager);
    globalThis.document?.removeEventListener("visibilitychange", this.#eager);
  }

  /** Begin to ping. */
  beat() {
    this.#link?.beat();
  }

  /**
   * @param {Record<string, any>} message
   * @returns {boolean} whether it was sent
   */
  send(message) {
    return this.#link?.send(message) ?? false;
  }

  /**
   * End the connection, and open no other.
   *
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code = 1000, reason) {
    this.#stopWaiting();
    this.#link?.close(code, reason);
    this.#link = null;
  }
}
