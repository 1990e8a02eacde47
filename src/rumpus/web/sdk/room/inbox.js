/**
 * Which messages are for nobody, and which are told late.
 *
 * For nobody are answers that nobody waits for any more. Who stops waiting for a room and keeps the connection may still
 * be told of a seat that was given a moment ago. The server answers in order, so a ping tells: what comes before its pong
 * was asked before it, what comes after is about what was asked since. And for nobody is what was received already: the
 * server tells again whatever it does not know to have arrived. Who comes back is told what was missed before the first
 * pong.
 */

/** What may answer a request for a seat. */
const ANSWERS = new Set(["joined", "queued", "queue_left", "error"]);

export class Inbox {
  #isNew;
  /** Times of pings that mean something to nobody else; 0: there is nothing to wait for. */
  #time = 0;
  #last = 0;
  #late = false;

  /** @param {(serial: number) => boolean} isNew whether a message with this number has not been received */
  constructor(isNew) {
    this.#isNew = isNew;
  }

  /** The connection is another one. */
  reopened() {
    this.#time = 0;
  }

  /** Nobody waits for what was asked until now. @param {(message: Record<string, any>) => boolean} send */
  forsake(send) {
    this.#last -= 1;
    if (send({ type: "ping", time: this.#last })) this.#time = this.#last;
  }

  /** A seat is taken. @param {boolean} resumed whether it was had before */
  seated(resumed) {
    this.#late = resumed;
  }

  /**
   * @param {any} message if it is told late, its `missed` is set
   * @returns {boolean} whether it is for nobody
   */
  stops(message) {
    if (this.#time !== 0) {
      if (message.type === "pong" && message.time === this.#time) {
        this.#time = 0;
        return true;
      }
      if (ANSWERS.has(message.type)) return true;
    }
    if (message.type === "pong") this.#late = false;
    if (message.serial === undefined || message.type === "joined") return false;
    if (!this.#isNew(message.serial)) return true;
    if (this.#late) message.missed = true;
    return false;
  }
}
