/**
 * Round-trip time and an estimate of the server's clock, from pings and pongs.
 *
 * The clock offset is taken from the quickest of the last pongs: a slow one was held up somewhere, and half of its round
 * trip is a worse guess of the way there (Cristian's algorithm; NTP's clock filter chooses in the same way).
 */
export class Clock {
  /** @type {{rtt: number, offset: number}[]} */
  #samples = [];

  /** Round-trip time in seconds, the median of the last five; 0 until the first pong. */
  rtt = 0;
  /** Slowest minus quickest of the last five, in seconds. */
  jitter = 0;
  /** Server time minus local time in seconds. */
  offset = 0;

  /**
   * @param {number} sent local time when the ping left, seconds
   * @param {number} serverTime seconds
   * @param {number} received local time when the pong arrived, seconds
   */
  pong(sent, serverTime, received) {
    const rtt = Math.max(0, received - sent);
    this.#samples.push({ rtt, offset: serverTime - (sent + rtt / 2) });
    if (this.#samples.length > 16) this.#samples.shift();
    // The median forgets a single stall at once, where an average would show it for half a minute.
    const recent = this.#samples
      .slice(-5)
      .map((sample) => sample.rtt)
      .sort((a, b) => a - b);
    this.rtt = recent[recent.length >> 1];
    this.jitter = recent[recent.length - 1] - recent[0];
    this.offset = this.#samples.reduce((best, sample) => (sample.rtt < best.rtt ? sample : best)).offset;
  }

  /**
   * @param {number} now local time, seconds
   * @returns {number} what the server's clock shows now, as far as we can tell
   */
  serverTime(now) {
    return now + this.offset;
  }
}
