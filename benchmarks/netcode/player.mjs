/**
 * Plays the matches of one link and prints what came of them, as one line of JSON: `run.py` starts this, once for each
 * link, beside the servers.
 *
 *     node --experimental-websocket benchmarks/netcode/player.mjs PLAN
 *
 * The plan is JSON: `seconds` and `warm_up` of play, a `seed`, `up` and `down` (seconds that the link takes each way), and
 * `servers`, their addresses by name.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Avatar } from "./avatar.mjs";
import { Evenness } from "./evenness.mjs";
import { Tapper, Watch } from "./keys.mjs";
import { Fighter, Gunner, Pilot, RailShooter, Runner, Walker } from "./pilots.mjs";
import { GunJudge, RailJudge, Tally } from "./shooting.mjs";
import { Chance, deviation, mean, percentile, quantiles, summary } from "./statistics.mjs";

const DUEL = [RailShooter, RailShooter, RailShooter, RailShooter, RailShooter, Gunner];

/** Who plays in which room, on which server. Rooms are small, so that no one process is ever busy. */
const ROOMS = [
  { name: "free", server: "walls", cast: [Walker, Walker, Walker, Walker] },
  { name: "walls", server: "walls", cast: DUEL },
  { name: "open", server: "open", cast: DUEL },
  { name: "keys", server: "open", cast: [Tapper, Tapper, Tapper, Runner] },
  { name: "combat", server: "combat", cast: [Fighter, Fighter, Fighter, Fighter] },
];

/** Ticks that began less than 5 ms late, among the server's counters. */
const ON_TIME = 'tick_lateness_seconds_bucket{le="0.005"}';

/** Milliseconds that the event loop's delay is measured in. */
const RESOLUTION = 1;

const plan = JSON.parse(process.argv[2]);
const pause = (/** @type {number} */ seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** What is measured in one room. */
class Table {
  /** @type {Avatar[]} */
  avatars = [];
  rails = new Tally();
  guns = new Tally();
  /** @type {Evenness[]} */
  evenness = [];

  /** @param {(typeof ROOMS)[number]} room @param {Chance} chance */
  constructor({ name, server, cast }, chance) {
    this.name = name;
    this.chance = chance;
    this.url = plan.servers[server].replace("http", "ws") + "/ws";
    this.cast = cast;
  }

  async gather() {
    const { chance } = this;
    for (const [number, Kind] of this.cast.entries()) {
      const avatar = new Avatar(this.url, new Kind(chance), new Chance(chance.share() * 2 ** 32));
      await avatar.join(`${Kind.name} ${number + 1}`, { room: this.avatars[0]?.room });
      this.avatars.push(avatar);
      const judges = [new RailJudge(avatar, this.rails), new GunJudge(avatar, this.guns)];
      avatar.watchers.push(...judges);
    }
    const tappers = /** @type {Tapper[]} */ (this.pilots.filter((pilot) => pilot instanceof Tapper));
    if (tappers.length > 0) this.#watchKeys(tappers);
    for (const avatar of this.avatars) {
      const runner = this.avatars.find(({ pilot }) => pilot instanceof Runner);
      if (!runner) continue;
      const evenness = new Evenness(runner.id, runner === avatar);
      this.evenness.push(evenness);
      avatar.watchers.push(evenness);
    }
  }

  /** @returns {Pilot[]} */
  get pilots() {
    return this.avatars.map(({ pilot }) => pilot);
  }

  /** @param {Tapper[]} tappers */
  #watchKeys(tappers) {
    for (const avatar of this.avatars) {
      const others = tappers.filter((tapper) => tapper !== avatar.pilot);
      const watch = new Watch(avatar, others);
      for (const tapper of others) tapper.watches.push(watch);
      avatar.watchers.push(watch);
      if (avatar.pilot instanceof Tapper) avatar.watchers.push({ snapshot: () => avatar.pilot.acknowledged() });
    }
  }

  begin() {
    for (const avatar of this.avatars) avatar.begin();
    this.rails.clear();
    this.guns.clear();
    for (const evenness of this.evenness) evenness.active = true;
    for (const pilot of this.pilots) if (pilot instanceof Tapper) pilot.start(plan);
  }

  end() {
    for (const avatar of this.avatars) avatar.leave();
  }
}

/** @param {string} url @returns {Promise<Record<string, number>>} the server's counters */
async function counters(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.split(" ")[0], Number(line.split(" ")[1])]));
}

async function allCounters() {
  const all = await Promise.all(Object.values(plan.servers).map((url) => counters(url)));
  /** @type {Record<string, number>} */
  const sums = {};
  for (const one of all) for (const [name, value] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

const tables = ROOMS.filter(({ server }) => plan.servers[server]).map(
  (room, number) => new Table(room, new Chance(plan.seed * 1000 + number)),
);
await Promise.all(tables.map((table) => table.gather()));
// The first time a server makes its list of counters it loads what it needs for that, which holds it up.
await allCounters();
await pause(plan.warm_up);

const before = await allCounters();
const loop = monitorEventLoopDelay({ resolution: RESOLUTION });
loop.enable();
const cpu = process.cpuUsage();
const began = performance.now();
for (const table of tables) table.begin();
await pause(plan.seconds);
const seconds = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
loop.disable();
const after = await allCounters();

const complaints = tables.flatMap(({ avatars }) => avatars.flatMap((avatar) => avatar.complaints));
if (complaints.length > 0) throw new Error(`the server complained: ${complaints.slice(0, 3).join(" | ")}`);

const everybody = tables.flatMap(({ avatars }) => avatars);
const of = (/** @type {string} */ name) => tables.find((table) => table.name === name);
const sum = (/** @type {Avatar[]} */ avatars, /** @type {(avatar: Avatar) => number} */ value) =>
  avatars.reduce((total, avatar) => total + value(avatar), 0);
const grown = (/** @type {string} */ name) => (after[`rumpus_${name}`] ?? 0) - (before[`rumpus_${name}`] ?? 0);

/** @param {Table | undefined} table */
function predictions(table) {
  const avatars = table?.avatars ?? [];
  const corrections = avatars.flatMap((avatar) => avatar.corrections);
  return {
    minutes: (avatars.length * seconds) / 60,
    mispredictions: sum(avatars, (avatar) => avatar.grown("mispredictions")),
    explained: sum(avatars, (avatar) => avatar.grown("lateMispredictions")),
    still: sum(avatars, (avatar) => avatar.stillCorrections),
    teleports: sum(avatars, (avatar) => avatar.teleports),
    moves: corrections.length,
    snapshots: sum(avatars, (avatar) => avatar.grown("snapshots")),
    late_inputs: sum(avatars, (avatar) => avatar.grown("lateInputs")),
    sizes: summary(corrections),
    quantiles: quantiles(corrections),
  };
}

/** @param {boolean} own */
function evenness(own) {
  const runs = tables.flatMap(({ evenness }) => evenness.filter((one) => one.own === own));
  const speeds = runs.flatMap((run) => run.speeds);
  return { frames: speeds.length, deviation: deviation(speeds) / (mean(speeds) || 1), mean: mean(speeds) };
}

function keys() {
  const tappers = /** @type {Tapper[]} */ (tables.flatMap(({ pilots }) => pilots.filter((one) => one instanceof Tapper)));
  const seen = tappers.flatMap((tapper) => tapper.seen);
  const column = (/** @type {string} */ name) => summary(seen.map((one) => one[name]));
  return {
    own_frames: summary(tappers.flatMap((tapper) => tapper.ownFrames)),
    own_ms: summary(tappers.flatMap((tapper) => tapper.ownTimes)),
    missed: tappers.reduce((total, tapper) => total + tapper.missed, 0),
    ...Object.fromEntries(
      ["total", "beyond", "tick", "link", "margin", "uneven", "picture"].map((name) => [name, column(name)]),
    ),
  };
}

const margins = everybody.flatMap((avatar) => avatar.margins.map((margin) => margin * 1000));
const figures = {
  seconds,
  clients: everybody.length,
  free: predictions(of("free")),
  duels: predictions(of("walls")),
  combat: predictions(of("combat")),
  rail: Object.fromEntries(["open", "walls", "combat"].map((name) => [name, of(name)?.rails])),
  gun: Object.fromEntries(["open", "walls", "combat"].map((name) => [name, of(name)?.guns])),
  inputs: {
    player_ticks: sum(everybody, (avatar) => seconds * (avatar.client.room?.tick_rate ?? 30)),
    sent: sum(everybody, (avatar) => avatar.grown("inputs")),
    late_by_client: sum(everybody, (avatar) => avatar.grown("lateInputs")),
    late: grown("inputs_late_total"),
    starved: grown("ticks_starved_total"),
    refused: grown("inputs_refused_total"),
  },
  margins: quantiles(margins),
  picture: {
    minutes: (everybody.length * seconds) / 60,
    underruns: sum(everybody, (avatar) => avatar.grown("underruns")),
    delay_ms: mean(everybody.flatMap(({ delays }) => delays)) * 1000,
    guessed: sum(everybody, ({ guessed }) => guessed) / Math.max(1, sum(everybody, ({ delays }) => delays.length)),
    view_lag_ms: summary(everybody.flatMap(({ viewLags }) => viewLags.map((lag) => lag * 1000))),
    own: evenness(true),
    others: evenness(false),
  },
  keys: keys(),
  client: {
    rtt_ms: mean(everybody.map(({ client }) => client.rtt)) * 1000,
    in: sum(everybody, (avatar) => avatar.grown("bytesIn")) / seconds / everybody.length,
    out: sum(everybody, (avatar) => avatar.grown("bytesOut")) / seconds / everybody.length,
  },
  server: {
    late_ticks: 1 - grown(ON_TIME) / Math.max(1, grown("tick_lateness_seconds_count")),
  },
  process: {
    node: process.version,
    cpu: (used.user + used.system) / 1e6 / seconds,
    whole_cpu: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
    loop_p99_ms: Math.max(0, loop.percentile(99) / 1e6 - RESOLUTION),
    loop_max_ms: Math.max(0, loop.max / 1e6 - RESOLUTION),
    frame_p99_ms: percentile(
      everybody.flatMap(({ frameLateness }) => frameLateness),
      0.99,
    ),
  },
};
for (const table of tables) table.end();
console.log(JSON.stringify(figures));
// Timers of the SDK may be left: nobody waits for them.
setTimeout(() => process.exit(0), 100);
