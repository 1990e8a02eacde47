/**
 * A server and its link in virtual time, to play against with the SDK's own pieces: a ball that is pushed about on a
 * grid of eighths, an input buffer after docs/protocol.md, and snapshots that come back late.
 */
import { InputStream } from "../../../src/rumpus/web/sdk/prediction/input-stream.js";
import { Prediction } from "../../../src/rumpus/web/sdk/prediction/prediction.js";
import { TickClock } from "../../../src/rumpus/web/sdk/prediction/tick-clock.js";
import { Direction } from "./link-model.js";
import { generator } from "./random.js";

export const TICK_RATE = 30;

/** The rule, the same on both sides: friction, a push, walls, and rounding at the end of the tick. */
export function step({ x, y, vx, vy }, { move_x = 0, move_y = 0 }, dt) {
  vx += (move_x * 260 - vx) * Math.min(1, 12 * dt);
  vy += (move_y * 260 - vy) * Math.min(1, 12 * dt);
  x = Math.min(1000, Math.max(0, x + vx * dt));
  y = Math.min(1000, Math.max(0, y + vy * dt));
  const round = (value) => Math.round(value * 8) / 8;
  return { x: round(x), y: round(y), vx: round(vx), vy: round(vy) };
}

/** One tick of the server at a time; inputs as they come. */
export class ModelServer {
  tick = 0;
  state = { x: 500, y: 500, vx: 0, vy: 0 };
  input = {};
  ack = -1;
  margin = null;
  late = 0;
  /** Of ticks: the input used. */
  used = [];
  #waiting = [];

  /** @param {number} offset local time of tick 0, seconds */
  constructor(offset) {
    this.offset = offset;
  }

  deadline(tick) {
    return this.offset + tick / TICK_RATE;
  }

  receive({ seq, tick, data }, now) {
    const margin = this.deadline(tick) - now;
    if (tick <= this.tick) this.late += 1;
    tick = Math.max(tick, this.tick + 1);
    const last = this.#waiting.at(-1);
    if (last && last.tick >= tick) this.#waiting.pop();
    this.#waiting.push({ seq, tick: last && last.tick > tick ? last.tick : tick, data, margin });
  }

  /** Somebody pushes the ball. */
  push(x) {
    this.state = { ...this.state, x: this.state.x + x };
  }

  play() {
    this.tick += 1;
    if (this.#waiting[0]?.tick <= this.tick) {
      const { seq, data, margin } = this.#waiting.shift();
      [this.input, this.ack, this.margin] = [data, seq, margin];
    }
    this.used[this.tick] = this.input;
    this.state = step(this.state, this.input, 1 / TICK_RATE);
    // Whole milliseconds on the wire.
    const margin = this.margin === null ? null : Math.round(this.margin * 1000) / 1000;
    return { tick: this.tick, ack: this.ack, margin, state: this.state };
  }
}

/**
 * Play for some seconds over a link.
 *
 * @param {{lag: number, jitter: number, stall: number}} link
 * @param {object} [options]
 * @param {number} [options.seconds]
 * @param {number} [options.seed]
 * @param {(now: number, random: any) => Record<string, any>} [options.read] the controls
 * @param {(server: ModelServer) => void} [options.meddle] called before each of the server's ticks
 * @param {number} [options.timers] seconds by which timers are late at most
 * @param {(now: number, drawn: any, me: any) => void} [options.frame] sixty times a second
 */
export function play(link, { seconds = 60, seed = 1, read = wander(), meddle, timers = 0.002, frame } = {}) {
  const random = generator(seed);
  const up = new Direction(link, random);
  const down = new Direction(link, random);
  const server = new ModelServer(0.0123);
  const clock = new TickClock(TICK_RATE);
  const stream = new InputStream(TICK_RATE, { move_x: 0, move_y: 0 });
  const prediction = new Prediction({ step, tickRate: TICK_RATE, blend: ["x", "y"], snap: 300 });
  const inputs = (tick) => stream.at(tick);
  const me = { server, clock, stream, prediction, sent: 0, inputs: [], seq: 0, offsets: [], ran: [] };
  const events = [];
  const at = (time, run) => {
    let index = events.length;
    while (index > 0 && events[index - 1].time > time) index -= 1;
    events.splice(index, 0, { time, run });
  };
  let controls = {};
  const catchUp = (now) => {
    clock.advance(now, link.lag);
    const count = clock.take(now);
    for (let tick = clock.tick - count + 1; tick <= clock.tick; tick += 1) {
      me.ran.push(tick);
      if (tick === clock.tick) {
        const message = stream.take(tick, controls, null);
        if (message) {
          const input = { seq: ++me.seq, ...message };
          clock.sent(input.seq);
          const arrival = up.due(now);
          at(arrival, () => server.receive(input, arrival));
        }
      }
      prediction.advance(tick, stream.held);
    }
    me.offsets.push({ now, origin: clock.origin, jumps: clock.jumps });
  };
  const wake = (now) => {
    controls = read(now, random);
    catchUp(now);
    const due = clock.ready ? Math.max(now + 0.0005, clock.timeOf(clock.tick + 1)) : now + 0.05;
    const next = due + random.share() * timers;
    at(next, () => wake(next));
  };
  const serve = (now) => {
    meddle?.(server);
    const snapshot = server.play();
    const arrival = down.due(now);
    at(arrival, () => {
      clock.heard(snapshot.tick, arrival);
      if (snapshot.margin !== null) clock.acknowledged(snapshot.ack, snapshot.margin, arrival);
      prediction.reconcile(snapshot.tick, snapshot.state, inputs);
    });
    const next = server.deadline(server.tick + 1);
    at(next, () => serve(next));
  };
  const draw = (now) => {
    controls = read(now, random);
    catchUp(now);
    frame(now, prediction.draw(clock.tickTime(now), controls), me);
    at(now + 1 / 60, () => draw(now + 1 / 60));
  };
  at(server.deadline(1), () => serve(server.deadline(1)));
  at(0.5, () => wake(0.5));
  if (frame) at(0.501, () => draw(0.501));
  for (;;) {
    const { time, run } = events.shift();
    if (time > seconds) return me;
    run();
  }
}

/** Changes its mind a few times a second. */
export function wander() {
  let until = 0;
  let input = { move_x: 0, move_y: 0 };
  return (now, random) => {
    if (now > until) {
      until = now + 0.05 + random.share() * 0.6;
      input = { move_x: random.whole(-1, 1), move_y: random.whole(-1, 1) };
    }
    return input;
  };
}
