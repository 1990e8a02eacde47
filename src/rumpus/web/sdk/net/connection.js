/**
 * The connection to a server, for as long as it is wanted: the state it is in, those who wait for it, and how long a lost
 * one is tried again. The sockets are in line.js and link.js. What a connection is wanted for, and what is said over it, is
 * the business of whoever has it: they are told what becomes of it, and they decide.
 */
import { RumpusError } from "../errors.js";
import { Line } from "./line.js";

/** @typedef {import("../types.js").Connection} State */

/**
 * Beyond what every link tells. `greeted`: everybody may speak now. `ended`: what was asked on it is not answered any
 * more, whichever side ended it; `lost` comes after that, if it was not this side. `closed`: there will be no other.
 *
 * @typedef {import("./link.js").Listener & {
 *   greeted: () => void, ended: () => void, closed: () => void,
 *   changed: (change: import("../types.js").ConnectionChange) => void,
 * }} Listener
 */

/** Seconds in which a lost connection is tried again, beyond those for which a seat is held. */
const GRACE = 45;

export class Connection {
  #line;
  #listener;
  /** Those who wait for a connection. @type {{resolve: () => void, reject: (error: RumpusError) => void}[]} */
  #openers = [];
  #greeted = false;

  /** @type {State} */
  state = "idle";
  /** Seconds in which the last lost connection was tried again. */
  patience = GRACE;

  /**
   * @param {string} url
   * @param {Listener} listener
   */
  constructor(url, listener) {
    this.#listener = listener;
    this.#line = new Line(url, {
      ...listener,
      lost: (code, reason) => {
        this.#ended();
        listener.lost(code, reason);
      },
    });
  }

  /** Whether messages can be sent. */
  get open() {
    return this.#line.open;
  }

  /** Whether everybody may speak: who comes back to a seat says so before anything else is said. */
  get ready() {
    return this.#line.open && this.#greeted;
  }

  /** Whether somebody waits for a connection. */
  get awaited() {
    return this.#openers.length > 0;
  }

  /** Which connection this is, counted from 1. */
  get number() {
    return this.#line.number;
  }

  /** Wait until everybody may speak, and connect for that if need be. @returns {Promise<void>} */
  connect() {
    if (this.ready) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#openers.push({ resolve, reject });
      if (this.state === "idle" || this.state === "closed") this.begin("connecting");
    });
  }

  /**
   * Begin anew, with the whole of the patience.
   *
   * @param {"connecting" | "reconnecting"} state
   * @returns {boolean} whether everybody may speak already; if not, it is being opened
   */
  begin(state) {
    this.#line.reset();
    this.set(state);
    if (this.ready) return true;
    this.#line.connect();
    return false;
  }

  /** Try to reconnect now instead of waiting. */
  retryNow() {
    if (this.state === "reconnecting") this.#line.connect();
  }

  /**
   * @param {Record<string, any>} message
   * @returns {boolean} whether it was sent
   */
  send(message) {
    return this.#line.send(message);
  }

  /** Begin to ping. */
  beat() {
    this.#line.beat();
  }

  /** Everybody may speak. */
  greet() {
    if (this.#greeted) return;
    this.#greeted = true;
    this.#line.beat();
    this.#listener.greeted();
    for (const opener of this.#openers.splice(0)) opener.resolve();
  }

  /** The connection serves its purpose. */
  settled() {
    this.#line.settled();
  }

  /**
   * The connection is lost: another one will be tried.
   *
   * @param {number} hold seconds for which the server holds a lost seat
   * @param {boolean} held whether it holds one, as far as is known
   * @param {boolean} [stopping] whether the server said that it stops
   * @returns {boolean} false: it was tried long enough
   */
  retry(hold, held, stopping = false) {
    this.patience = hold + GRACE;
    const retryAt = this.#line.retry(this.patience, hold, stopping);
    if (retryAt === 0) return false;
    const { lostAt } = this.#line;
    this.state = "reconnecting";
    this.#tell(retryAt, lostAt + this.patience * 1000, held ? lostAt + hold * 1000 : 0);
    return true;
  }

  /** End this connection, and open no other for now. */
  hangUp() {
    this.#line.close();
    this.#ended();
  }

  /** End this connection as if it had been lost. @param {number} code @param {string} [reason] */
  drop(code, reason) {
    this.#line.close(code, reason);
    this.#ended();
    this.#listener.lost(code, "");
  }

  /**
   * There is nothing to be connected for.
   *
   * @param {"idle" | "closed"} state
   * @param {RumpusError} [error] for those who wait
   */
  rest(state, error = new RumpusError("left", "You left.")) {
    this.hangUp();
    this.#listener.closed();
    for (const opener of this.#openers.splice(0)) opener.reject(error);
    this.set(state);
  }

  /** @param {State} state */
  set(state) {
    if (state === this.state && state !== "reconnecting") return;
    this.state = state;
    this.#tell(0, 0, 0);
  }

  #ended() {
    this.#greeted = false;
    this.#listener.ended();
  }

  /** @param {number} retryAt @param {number} giveUpAt @param {number} seatUntil */
  #tell(retryAt, giveUpAt, seatUntil) {
    const { attempt } = this.#line;
    this.#listener.changed({ connection: this.state, attempt, retryAt, giveUpAt, seatUntil });
  }
}
