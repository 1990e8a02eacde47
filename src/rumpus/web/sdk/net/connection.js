/**
 * Somebody who is connected to a server, with a seat or without: the connection that is there as long as it is wanted, and
 * what is said about it. What it is wanted for is said by who extends this.
 */
import { RumpusError } from "../errors.js";
import { Line } from "./line.js";
import { LobbyControl } from "../room/lobby.js";
import { socketAddress } from "./addresses.js";

/** @typedef {import("../types.js").Connection} Connection */

/** Seconds in which a lost connection is tried again, beyond those for which a seat is held. */
const GRACE = 45;

export class Connected extends LobbyControl {
  /** Those who wait for a connection. @type {{resolve: () => void, reject: (error: RumpusError) => void}[]} */
  #openers = [];
  /** @protected */
  line;
  /** Whether this connection may be spoken on, and was told what there is besides a seat. @protected */
  greeted = false;

  /** @type {Connection} */
  connection = "idle";

  /** @param {string} [url] the WebSocket's address; the page's own server when left out */
  constructor(url) {
    super();
    this.url = url ?? socketAddress();
    this.line = new Line(this.url, {
      opened: () => this.opened(),
      message: (message) => this.received(message ?? {}),
      snapshot: (bytes) => this.room && this.snapshot(bytes),
      unreadable: (problem) => this.unreadable("bad_message", problem),
      lost: (code, reason) => {
        this.greeted = false;
        this.lost(code, reason);
      },
      received: (bytes) => this.counted(bytes, 0),
      sent: (bytes) => this.counted(0, bytes),
    });
  }

  /** Connect without a seat; `watchRooms` and its like do it by themselves. @override @returns {Promise<void>} */
  connect() {
    if (this.line.open && this.greeted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#openers.push({ resolve, reject });
      if (this.connection !== "idle" && this.connection !== "closed") return;
      this.line.reset();
      this.setConnection("connecting");
      this.line.connect();
    });
  }

  /** Try to reconnect now instead of waiting. */
  retryNow() {
    if (this.connection === "reconnecting") this.line.connect();
  }

  // --- for who extends this -----------------------------------------------------------------------------------------

  /** Whether there is anything to be connected for. @protected */
  get wanted() {
    return this.loitering || this.#openers.length > 0;
  }

  /** Seconds for which the server holds a lost seat of this room. @protected */
  get hold() {
    return 0;
  }

  /** Whether a seat is being held, as far as is known. @protected */
  get held() {
    return false;
  }

  /** Seconds in which a lost connection is tried again. @protected */
  get patience() {
    return this.hold + GRACE;
  }

  /** @protected @override @param {Record<string, any>} message */
  tell(message) {
    return this.line.send(message);
  }

  /** The connection may be spoken on. @protected */
  greet() {
    if (this.greeted) return;
    this.greeted = true;
    this.line.beat();
    this.lobbyReopened();
    for (const opener of this.#openers.splice(0)) opener.resolve();
  }

  /** The connection is lost: another one will be tried. @protected @returns {boolean} false: it was tried long enough */
  retry() {
    const retryAt = this.line.retry(this.patience, this.hold);
    if (retryAt > 0) this.setConnection("reconnecting", retryAt);
    return retryAt > 0;
  }

  /** End the connection. @protected @param {number} [code] @param {string} [reason] */
  hangUp(code, reason) {
    this.line.close(code, reason);
    this.greeted = false;
    this.lobbyLost();
  }

  /** There is nothing to be connected for. @protected @param {"idle" | "closed"} connection @param {RumpusError} [error] */
  rest(connection, error = new RumpusError("left", "You left.")) {
    this.hangUp();
    this.lobbyClosed();
    for (const opener of this.#openers.splice(0)) opener.reject(error);
    this.setConnection(connection);
  }

  /** @protected @override */
  restIfIdle() {
    if (!this.wanted) this.rest("idle");
  }

  /**
   * @protected
   * @param {Connection} connection
   * @param {number} [retryAt] local time of the next attempt, milliseconds as performance.now()
   */
  setConnection(connection, retryAt = 0) {
    if (connection === this.connection && connection !== "reconnecting") return;
    this.connection = connection;
    const { lostAt, attempt } = this.line;
    const lost = connection === "reconnecting" && lostAt >= 0;
    const giveUpAt = lost ? lostAt + this.patience * 1000 : 0;
    const seatUntil = lost && this.held ? lostAt + this.hold * 1000 : 0;
    this.emit("connection", { connection, attempt, retryAt, giveUpAt, seatUntil });
  }

  // --- what the connection tells ------------------------------------------------------------------------------------

  /** There is a connection. @protected */
  opened() {}

  /** There is none any more, or an attempt has failed. @protected @param {number} code @param {string} reason */
  lost(code, reason) {
    void [code, reason];
  }

  /** @protected @param {any} message */
  received(message) {
    void message;
  }

  /** A binary snapshot has come. @protected @param {Uint8Array} bytes */
  snapshot(bytes) {
    void bytes;
  }

  /** What has come makes no sense. @protected @param {string} code @param {string} problem */
  unreadable(code, problem) {
    void [code, problem];
  }

  /** What depends on a connection has none. @protected */
  connectionLost() {}

  /** Bytes have gone over the line. @protected @param {number} received @param {number} sent */
  counted(received, sent) {
    void [received, sent];
  }
}
