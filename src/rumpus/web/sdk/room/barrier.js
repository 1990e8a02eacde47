/**
 * Answers that nobody waits for any more. Who stops waiting for a room and keeps the connection may still be told of a
 * seat that was given a moment ago. The server answers in order, so a ping tells: what comes before its pong was asked
 * before it, what comes after is about what was asked since.
 */

/** What may answer a request for a seat. */
const ANSWERS = new Set(["joined", "queued", "queue_left", "error"]);

export class Barrier {
  /** Times of pings that mean something to nobody else; 0: there is nothing to wait for. */
  #time = 0;
  #last = 0;

  /** @param {(message: Record<string, any>) => boolean} tell */
  raise(tell) {
    this.#last -= 1;
    if (tell({ type: "ping", time: this.#last })) this.#time = this.#last;
  }

  /** The connection is another one. */
  drop() {
    this.#time = 0;
  }

  /** @param {any} message @returns {boolean} whether it is for nobody */
  stops(message) {
    if (this.#time === 0) return false;
    if (message.type !== "pong" || message.time !== this.#time) return ANSWERS.has(message.type);
    this.drop();
    return true;
  }
}
