/**
 * How late things were in the last seconds, and how much of it is worth waiting for.
 *
 * Waiting longer makes fewer of them late and everything else later. `worth` is the delay with the least cost, where the
 * cost is the delay itself and so many seconds for the share of things that it would make late. Jitter is waited for,
 * because there a few milliseconds save many; the stalls of a connection that loses packets are not, because they are
 * long and hit few. A percentile cannot tell the two apart: a high one waits for every stall, a low one is late when there
 * are none.
 */

/** So many are remembered at most. */
const MOST = 512;

/** With fewer than this, each counts as if there were so many: a single one proves little. */
const FEW = 200;

export class Lateness {
  #values = new Float64Array(MOST);
  #times = new Float64Array(MOST);
  #sorted = new Float64Array(MOST);
  #first = 0;
  count = 0;
  /** The smallest, the middle one, and the delay that is worth waiting for; as of the last `judge`. */
  least = NaN;
  median = NaN;
  worth = NaN;

  /**
   * @param {number} memory seconds
   * @param {number} cost seconds of delay that are worth as much as having nothing late instead of everything
   */
  constructor(memory, cost) {
    this.memory = memory;
    this.cost = cost;
  }

  /**
   * @param {number} value seconds; the larger, the later
   * @param {number} now
   */
  add(value, now) {
    if (this.count === MOST) this.#drop();
    const at = (this.#first + this.count) % MOST;
    this.#values[at] = value;
    this.#times[at] = now;
    this.count += 1;
    while (this.#times[this.#first] < now - this.memory) this.#drop();
    this.#judge();
  }

  /** All of them were later by so many seconds: what they are measured by was moved. @param {number} seconds */
  shift(seconds) {
    for (let index = 0; index < this.count; index += 1) this.#values[(this.#first + index) % MOST] += seconds;
    this.least += seconds;
    this.median += seconds;
    this.worth += seconds;
  }

  clear() {
    this.count = 0;
    this.least = this.median = this.worth = NaN;
  }

  #drop() {
    this.#first = (this.#first + 1) % MOST;
    this.count -= 1;
  }

  #judge() {
    const { count } = this;
    const sorted = this.#sorted.subarray(0, count);
    for (let index = 0; index < count; index += 1) sorted[index] = this.#values[(this.#first + index) % MOST];
    sorted.sort();
    const each = this.cost / Math.max(count, FEW);
    let best = count - 1;
    for (let last = count - 2; last >= 0; last -= 1)
      if (sorted[best] - sorted[last] > (best - last) * each) best = last;
    this.least = sorted[0];
    this.median = sorted[count >> 1];
    this.worth = sorted[best];
  }
}
