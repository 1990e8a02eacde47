/** A playhead fed over a bad link, in virtual time: what the tests of its rule and their report look at. */
import { Playhead } from "../../../src/rumpus/web/sdk/state/playhead.js";
import { Direction } from "./link-model.js";
import { generator } from "./random.js";

/** Seconds in which the playhead gets to know the link. */
const SETTLE = 15;

/**
 * @param {{lag: number, jitter: number, stall: number}} link
 * @param {{seconds?: number, rate?: number, seed?: number, make?: (interval: number) => any}} [options] rate: snapshots
 *   per second; make: another kind of playhead, to compare with
 */
export function watch(link, { seconds = 600, rate = 30, seed = 1, make = (interval) => new Playhead(interval) } = {}) {
  const way = new Direction(link, generator(seed));
  const playhead = make(1 / rate);
  const arrivals = Array.from({ length: seconds * rate }, (_, k) => ({ time: k / rate, at: way.due(k / rate) }));
  const speeds = [];
  let next = 0;
  let newest = -1;
  let starved = false;
  let underruns = 0;
  let behind = 0;
  let last = NaN;
  for (let frame = 60; frame < (seconds - 1) * 60; frame += 1) {
    const now = frame / 60;
    for (; next < arrivals.length && arrivals[next].at <= now; next += 1) {
      const { time, at } = arrivals[next];
      playhead.arrived(time, at, newest < 0 ? 0 : time - newest);
      newest = time;
    }
    const time = playhead.sample(now);
    if (now > SETTLE) {
      if (time > newest && !starved) underruns += 1;
      starved = time > newest;
      behind += now - link.lag / 2 - time;
      speeds.push((time - last) * 60);
    }
    last = time;
  }
  const mean = speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
  const spread = Math.sqrt(speeds.reduce((sum, speed) => sum + (speed - mean) ** 2, 0) / speeds.length);
  return {
    /** Per minute. */
    underruns: underruns / ((seconds - SETTLE) / 60),
    /** Seconds behind the server, the way itself not counted. */
    delay: behind / speeds.length,
    /** Of the speeds at which the match goes by, 1 being right. */
    spread,
    slowest: Math.min(...speeds.slice(0, 100_000)),
  };
}
