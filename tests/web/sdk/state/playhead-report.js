/**
 * How the playhead's rule was chosen: prints what it and simpler ones do on links of several kinds.
 *
 *     node tests/web/sdk/state/playhead-report.js
 */
import { LINKS } from "../../fakes/link-model.js";
import { watch } from "../../fakes/playhead-model.js";

/** Always the same delay, never slower. */
class Fixed {
  base = Infinity;
  /** @param {number} delay seconds */
  constructor(delay) {
    this.delay = delay;
  }
  arrived(time, now) {
    this.base = Math.min(this.base, now - time);
  }
  sample(now) {
    return now - this.base - this.delay;
  }
}

const RULES = {
  ours: undefined,
  "fixed 67 ms": () => new Fixed(0.067),
  "fixed 90 ms": () => new Fixed(0.09),
  "fixed 125 ms": () => new Fixed(0.125),
  "fixed 200 ms": () => new Fixed(0.2),
};

console.log("link      rule          underruns/min  behind ms  speed sd");
for (const [name, link] of Object.entries({ ...LINKS, "no stalls": { ...LINKS.typical, stall: 0 } }))
  for (const [rule, make] of Object.entries(RULES)) {
    const { underruns, delay, spread } = watch(link, { seconds: 7200, make });
    const cells = [name.padEnd(10), rule.padEnd(13), underruns.toFixed(2).padStart(13)];
    console.log(...cells, (delay * 1000).toFixed(0).padStart(10), spread.toFixed(3).padStart(9));
  }
