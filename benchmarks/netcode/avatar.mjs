/**
 * One player of the measurement: the SDK and Arena's own prediction, as the page uses them, with a pilot for a person and
 * a timer for a screen. What it would draw in a frame is what everything else here is told and judges by.
 */
import { OwnShip } from "../../src/rumpus/web/views/arena/own-ship.js";
import { Walls } from "../../src/rumpus/web/views/arena/rules/walls.js";
import { RAIL, GUN } from "../../src/rumpus/web/views/arena/rules/weapons.js";
import { MOTIONS } from "../../src/rumpus/web/views/arena/types.js";
import { Client } from "../../src/rumpus/web/sdk/rumpus.js";

/** Milliseconds between frames: a screen of 60 Hz. */
export const FRAME = 1000 / 60;

/**
 * What is on the screen. `own` and `entities` are used again by the next frame; positions of the others are those that
 * are drawn, and `own` is in the present.
 *
 * @typedef {{now: number, entities: any, own: any, playhead: number, lead: number}} Frame
 *
 * A tick of the own ship, played here: whether it fired, and what its input was. `seen` is the tick that its picture
 * shows, as the server is told.
 * @typedef {{tick: number, now: number, input: any, ship: {x: number, y: number}, rail: boolean, gun: boolean, seen: number}} Played
 *
 * What watches: each of these may be left out.
 * @typedef {{frame?: (frame: Frame) => void, played?: (played: Played) => void, event?: (event: any) => void,
 *   snapshot?: (now: number) => void}} Watcher
 */

export class Avatar {
  /** @type {OwnShip} */
  #ship;
  /** @type {ReturnType<Client["interpolate"]>} */
  #smooth;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #due = 0;
  /** The last tick that the ship has played. */
  #tick = 0;
  #acked = -1;
  #mispredictions = 0;
  #teleports = 0;
  #starts = new Map();

  /** @type {Walls} */
  walls = /** @type {any} */ (null);
  /** Where the own ship was drawn last. */
  shown = { x: 0, y: 0 };
  /** `seq` of the last input sent. */
  lastSeq = 0;
  /** What was drawn last. @type {Frame | null} */
  frame = null;
  /** @type {Watcher[]} */
  watchers = [];
  /** Inputs acknowledged: seconds by which they were early. @type {number[]} */
  margins = [];
  /** Corrections that moved the ship: their sizes in units. @type {number[]} */
  corrections = [];
  /** Mispredictions of timers only, without a move. */
  stillCorrections = 0;
  teleports = 0;
  /** What the server refused; there should be nothing. @type {string[]} */
  complaints = [];
  /** Milliseconds by which frames came too late. @type {number[]} */
  frameLateness = [];
  /** Seconds that the picture is meant to be behind. @type {number[]} */
  delays = [];
  /** Frames that show a moment of which no snapshot has come: others are where their velocities take them. */
  guessed = 0;
  /** Seconds that it is behind the own ship: what lag compensation has to make good. @type {number[]} */
  viewLags = [];

  /**
   * @param {string} url of the WebSocket
   * @param {import("./pilots.mjs").Pilot} pilot
   * @param {import("./statistics.mjs").Chance} chance
   */
  constructor(url, pilot, chance) {
    this.client = new Client({ url });
    this.pilot = pilot;
    this.chance = chance;
    pilot.avatar = this;
    const controls = {
      read: () => pilot.read(this.now()),
      taken: () => {},
      get aim() {
        return pilot.input.aim;
      },
    };
    this.#ship = new OwnShip(this.client, /** @type {any} */ (controls), (tick) => this.#played(tick));
    this.client.on("event", (event) => this.#tell("event", event));
    this.client.on("state", () => this.#snapshot());
    this.client.on("error", ({ code, message }) => this.complaints.push(`${code}: ${message}`));
    this.client.on("closed", ({ code, message }) => {
      throw new Error(`a client was turned away: ${code}: ${message}`);
    });
  }

  get id() {
    return this.client.playerId;
  }

  get room() {
    return this.client.room?.room_id ?? "";
  }

  /** Local time, seconds. */
  now() {
    return performance.now() / 1000;
  }

  /**
   * Take a seat, in a new room if none is named, and begin to play.
   *
   * @param {string} name
   * @param {{room?: string, settings?: Record<string, any>}} [where]
   */
  async join(name, { room, settings } = {}) {
    const { client } = this;
    const options = room ? undefined : { create: true, private: true, settings: settings ?? {} };
    await client.join({ name, room, options });
    while (!client.static.map) await new Promise((resolve) => setTimeout(resolve, 10));
    this.walls = new Walls(client.static.map);
    this.#smooth = client.interpolate(MOTIONS);
    this.#listenToInputs();
    this.#ship.start(client.static.map);
    this.#due = performance.now() + this.chance.between(0, FRAME);
    this.#timer = setTimeout(() => this.#wake(), this.#due - performance.now());
  }

  leave() {
    clearTimeout(this.#timer);
    this.#ship.stop();
    this.client.leave();
  }

  /** Forget what was measured until now: everything has settled. */
  begin() {
    this.margins.length = this.corrections.length = this.frameLateness.length = 0;
    this.delays.length = this.viewLags.length = 0;
    this.stillCorrections = this.teleports = this.guessed = 0;
    for (const name of COUNTS) this.#starts.set(name, this.client.stats[name]);
  }

  /** How much one of the SDK's counters has grown. @param {(typeof COUNTS)[number]} name */
  grown(name) {
    return this.client.stats[name] - (this.#starts.get(name) ?? 0);
  }

  // --- what happens ---------------------------------------------------------------------------------------------------

  /** @param {keyof Watcher} what @param {any} [data] */
  #tell(what, data) {
    for (const watcher of this.watchers) watcher[what]?.(data);
  }

  #listenToInputs() {
    const { client } = this;
    const send = client.sendInput.bind(client);
    client.sendInput = (data, timing) => {
      const seq = send(data, timing);
      if (seq > 0) this.lastSeq = seq;
      return seq;
    };
  }

  #snapshot() {
    const { client } = this;
    const { stats } = client;
    if (client.margin !== null && client.ack !== this.#acked) {
      this.#acked = client.ack;
      this.margins.push(client.margin);
    }
    if (stats.mispredictions !== this.#mispredictions) this.#corrected(stats);
    this.#tell("snapshot", this.now());
  }

  /** @param {import("../../src/rumpus/web/sdk/net/net-stats.js").NetStats} stats */
  #corrected(stats) {
    this.#mispredictions = stats.mispredictions;
    if (stats.teleports !== this.#teleports) {
      this.#teleports = stats.teleports;
      this.teleports += 1;
      return;
    }
    const size = stats.corrections[stats.corrections.length - 1];
    if (size > 0) this.corrections.push(size);
    else this.stillCorrections += 1;
  }

  /** @param {import("../../src/rumpus/web/views/arena/own-ship.js").PlayedTick} played */
  #played({ tick, input, after, seen }) {
    this.#tick = tick;
    const played = {
      tick,
      now: this.now(),
      input,
      ship: after,
      rail: after.shot === RAIL,
      gun: after.shot === GUN,
      seen,
    };
    this.#tell("played", played);
    this.pilot.played(played);
  }

  #wake() {
    const late = performance.now() - this.#due;
    this.frameLateness.push(late);
    this.#draw(this.now());
    // As a screen does: what was missed is not made up for.
    this.#due += FRAME * Math.max(1, Math.ceil((performance.now() - this.#due) / FRAME));
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, this.#due - performance.now()));
  }

  /** @param {number} now */
  #draw(now) {
    const view = this.#smooth.sample(now);
    if (!view) return;
    const { entities, playhead } = view;
    const own = entities.players.get(this.id);
    if (!own) return;
    this.#ship.place(/** @type {any} */ (own), now);
    this.shown.x = own.x;
    this.shown.y = own.y;
    const { delay, lead } = this.#smooth;
    this.delays.push(delay);
    if (lead < 0) this.guessed += 1;
    this.viewLags.push((this.#tick - playhead) / (this.client.room?.tick_rate ?? 30));
    this.frame = { now, entities, own, playhead, lead };
    this.#tell("frame", this.frame);
    this.pilot.look(this.frame);
  }
}

/** Counters of the SDK that are looked at. */
const COUNTS = /** @type {const} */ (["inputs", "lateInputs", "mispredictions", "lateMispredictions", "underruns", "snapshots", "bytesIn", "bytesOut"]);
