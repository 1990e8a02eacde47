/**
 * A match of Arena from the player's side: takes the interpolated picture from the SDK, draws it, listens to the player
 * and sends what they want. This is the one place where the network and the drawing meet.
 */
import { InputPump } from "../sdk/rumpus.js";
import { Announcer } from "./announcer.js";
import { Battlefield } from "./battlefield.js";
import { Controls, isTyping } from "./controls.js";
import { Effects } from "./effects.js";
import { createFeed } from "./feed.js";
import { Hud } from "./hud.js";
import { Minimap } from "./minimap.js";
import { Overlay } from "./overlay.js";
import { Narrator } from "./narrator.js";
import { Reload } from "./reload.js";
import { standings, StandingsView } from "./standings.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */
/** @typedef {import("./types.js").Entities} Entities */
/** @typedef {import("./types.js").ArenaState} ArenaState */

/** What Arena's tables do not say about how entities move; see sdk/world-interpolation.js. */
const MOTIONS = { players: { snap: 160, breaks: ["alive"] }, enemies: { snap: 160 }, bullets: { snap: 260 } };

/** Sorting hundreds of players takes longer than drawing those in sight, and nobody reads sixty ladders a second. */
const RANK_EVERY = 0.1;

const NEUTRAL = { move_x: 0, move_y: 0, fire: false };

export class Match {
  #field;
  #effects;
  #controls;
  #overlay = new Overlay();
  #hud = new Hud();
  #announcer = new Announcer();
  #minimap;
  #standings;
  #feed;
  #narrator;
  /** @type {ReturnType<Client["interpolate"]> | null} */
  #smooth = null;
  /** @type {InputPump | null} */
  #pump = null;
  #frame = 0;
  #last = 0;
  #fps = 60;
  #metersAt = 0;
  #rankedAt = 0;
  /** @type {import("./standings.js").Standing[]} */
  #ranking = [];
  /** Of everybody seen so far: the picture is a moment late and may still show who has just left. @type {Map<string, string>} */
  #names = new Map();
  #playing = false;
  #ship = { x: 0, y: 0 };
  #reload = new Reload();
  /** @type {Entities | null} */
  #entities = null;
  /** @type {ArenaState | null} */
  #state = null;

  /**
   * @param {Client} client
   * @param {HTMLCanvasElement} canvas
   * @param {{sounds: import("./sounds.js").Sounds, colours: import("./palette.js").Colours, firstPicture: () => void}} parts
   */
  constructor(client, canvas, { sounds, colours, firstPicture }) {
    this.firstPicture = firstPicture;
    this.client = client;
    this.canvas = canvas;
    this.sounds = sounds;
    /** @type {import("./types.js").Cast} */
    this.cast = {
      selfId: "",
      name: (id) => this.#nameOf(id),
      // Who is out of sight has no ship here to tell the team.
      colour: (id, team) => colours.of(id, team || this.#entities?.scores.get(id)?.team),
    };
    this.#field = new Battlefield(canvas);
    this.#effects = new Effects(this.#field, this.cast, (name, x, y, own) => sounds.at(name, x, y, own));
    this.#controls = new Controls(canvas, () => this.#ship);
    this.#minimap = new Minimap(/** @type {HTMLCanvasElement} */ (document.getElementById("minimap")));
    this.#standings = new StandingsView(this.cast);
    this.#feed = createFeed(this.cast);
    this.#narrator = new Narrator(this.#announcer, this.cast, sounds);
    window.addEventListener("keydown", (event) => this.#tab(event, true));
    window.addEventListener("keyup", (event) => this.#tab(event, false));
    window.addEventListener("blur", () => (this.#standings.held = false));
    document
      .getElementById("hud-scores")
      ?.addEventListener("click", () => (this.#standings.held = !this.#standings.held));
  }

  /** Begin to show the room's match. */
  start() {
    this.cast.selfId = this.client.playerId;
    if (this.#smooth) this.client.stopInterpolating(this.#smooth);
    this.#smooth = this.client.interpolate(MOTIONS);
    this.#field.resize();
    this.#field.clear();
    this.newRound();
    if (this.#frame) return;
    this.#last = performance.now();
    this.#frame = requestAnimationFrame(this.#step);
  }

  /** Leave nothing of the last round on the screen. */
  newRound() {
    this.#field.clear();
    this.#effects.clear();
    this.#overlay.clear();
    this.#announcer.clear();
    this.#feed.clear();
    this.#standings.reset();
    this.#narrator.reset();
    this.#ranking = [];
    this.#rankedAt = 0;
  }

  stop() {
    this.play(false);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#smooth) this.client.stopInterpolating(this.#smooth);
    this.#smooth = null;
    this.#entities = this.#state = null;
    this.#names.clear();
    this.newRound();
  }

  /**
   * Take part (or only watch, while results are shown).
   *
   * @param {boolean} playing
   */
  play(playing) {
    this.#hud.show(playing && this.ready);
    if (playing === this.#playing) return;
    this.#playing = playing;
    if (!playing) {
      this.#controls.stop();
      this.#pump?.stop();
      this.#pump = null;
      this.#standings.reset();
      this.#announcer.clear();
      return;
    }
    this.#controls.start();
    this.#pump = new InputPump({
      rate: this.client.room?.tick_rate || 30,
      read: () => this.#controls.read(),
      neutral: NEUTRAL,
      send: (data) => this.client.sendInput("aim" in data ? data : { ...data, aim: this.#controls.aim }),
    });
    this.#pump.start();
  }

  /** @param {string} id */
  #nameOf(id) {
    const name = this.client.players.get(id)?.name;
    if (name !== undefined) this.#names.set(id, name);
    return name ?? this.#names.get(id) ?? "Enemy";
  }

  /** While the player types, keys and mouse do not steer. @param {boolean} typing */
  typing(typing) {
    this.#controls.paused = typing;
    if (typing) this.#controls.release();
  }

  /** Whether there is anything to show yet. */
  get ready() {
    return this.#state !== null;
  }

  resize() {
    this.#field.resize();
  }

  /** What is drawn now, as plain data; for tests. `ship` is where the own ship is on the page, CSS pixels. */
  view() {
    if (!this.#entities || !this.#state) return null;
    const copy = (/** @type {Map<string, any>} */ entities) =>
      Object.fromEntries([...entities].map(([id, entity]) => [id, { ...entity }]));
    const { players, scores, enemies, bullets, pickups } = this.#entities;
    return {
      players: copy(players),
      scores: copy(scores),
      enemies: copy(enemies),
      bullets: copy(bullets),
      pickups: copy(pickups),
      time_left: this.#state.time_left,
      ship: { ...this.#ship },
    };
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} held
   */
  #tab(event, held) {
    if (event.key !== "Tab" || !this.#playing || isTyping(event.target)) return;
    event.preventDefault();
    this.#standings.held = held;
  }

  #step = (/** @type {number} */ at) => {
    this.#frame = requestAnimationFrame(this.#step);
    const elapsed = Math.min(0.1, Math.max(0, (at - this.#last) / 1000));
    const away = at - this.#last > 1500;
    if (at > this.#last && !away) this.#fps += (1000 / (at - this.#last) - this.#fps) * 0.06;
    this.#last = at;
    // The frame's own time, which is even, and not the moment at which this code happens to run.
    const view = this.#smooth?.sample(at / 1000);
    if (!view?.state?.map) return;
    const entities = /** @type {any} */ (view.entities);
    const first = !this.ready;
    this.#entities = entities;
    this.#state = view.state;
    if (first) {
      this.#hud.show(this.#playing);
      this.firstPicture();
    }
    // After a pause (the page was hidden) what was missed is not shown all at once.
    if (away) view.events.length = 0;
    this.#draw(entities, view.state, view.events, at / 1000, elapsed);
  };

  /**
   * @param {Entities} entities
   * @param {ArenaState} state
   * @param {import("../sdk/types.js").GameEvent[]} events
   * @param {number} now
   * @param {number} elapsed
   */
  #draw(entities, state, events, now, elapsed) {
    const { camera, pen, ratio } = this.#field;
    const own = entities.players.get(this.cast.selfId);
    this.#follow(own, state, elapsed);
    if (own?.alive && this.#playing) {
      // The own gun points where the mouse does, at once; only what it does to others takes the server's time.
      own.angle = this.#controls.aim;
      this.sounds.ear.x = own.x;
      this.sounds.ear.y = own.y;
    }
    this.#effects.watch(entities);
    for (const event of events) {
      this.#effects.show(event, entities);
      this.#react(event, entities);
    }
    this.#field.draw(entities, state.map, this.cast, now, elapsed);
    if (!this.#playing) return;
    if (own) this.#ship = { x: camera.screenX(own.x) / ratio, y: camera.screenY(own.y) / ratio };
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const loading = this.#reload.share(own?.cooldown ?? 0);
    this.#overlay.drawWounds(pen, elapsed, this.#ship);
    this.#controls.sticks.draw(pen, this.canvas.clientWidth, this.canvas.clientHeight);
    if (this.#controls.pointer.seen) this.#overlay.drawCrosshair(pen, elapsed, this.#controls.pointer, loading);
    this.#minimap.draw(entities, state.map, this.cast, now);
    const score = entities.scores.get(this.cast.selfId);
    if (own) this.#hud.drawShip(own, score?.score ?? 0, loading, state, elapsed);
    this.#hud.drawMatch(state);
    if (now - this.#rankedAt > RANK_EVERY) {
      this.#rankedAt = now;
      this.#ranking = standings(entities.scores, this.cast);
    }
    this.#standings.draw(this.#ranking, state, this.client.room?.room_id ?? "");
    this.#narrator.watch(this.#ranking, state, score?.team ?? "");
    if (now - this.#metersAt > 0.5) {
      this.#metersAt = now;
      this.#hud.drawMeters(this.client.rtt, this.#fps);
    }
  }

  /**
   * @param {import("./types.js").Ship | undefined} own
   * @param {ArenaState} state
   * @param {number} elapsed
   */
  #follow(own, state, elapsed) {
    const { camera } = this.#field;
    let x = own?.x ?? state.map.width / 2;
    let y = own?.y ?? state.map.height / 2;
    const { pointer } = this.#controls;
    if (own?.alive && this.#playing && pointer.seen) {
      const { ratio } = this.#field;
      x += ((pointer.x * ratio - camera.width / 2) / camera.scale) * 0.16;
      y += ((pointer.y * ratio - camera.height / 2) / camera.scale) * 0.16;
    } else if (own?.alive && this.#controls.sticks.right.active) {
      x += Math.cos(own.angle) * 70;
      y += Math.sin(own.angle) * 70;
    }
    camera.follow(x, y, elapsed);
    camera.lookFrom(own?.x ?? camera.x, own?.y ?? camera.y, elapsed);
    camera.confine(state.map.width, state.map.height);
  }

  /**
   * What an event means to this player.
   *
   * @param {import("../sdk/types.js").GameEvent} event
   * @param {Entities} entities
   */
  #react({ name, data }, entities) {
    const { selfId } = this.cast;
    const teamOf = (/** @type {string} */ id) => entities.scores.get(id)?.team ?? "";
    if (name === "hit" && data.by === selfId && data.target !== selfId) this.#overlay.hit(false);
    if (name === "hit" && data.target === selfId) {
      const source = entities.players.get(data.by) ?? entities.enemies.get(data.by);
      const own = entities.players.get(selfId);
      if (own)
        this.#overlay.wound(
          source ? Math.atan2(source.y - own.y, source.x - own.x) : Math.atan2(data.y - own.y, data.x - own.x),
          data.damage,
        );
      this.#hud.hurt(0.16 + data.damage / 70);
    }
    if (name === "enemy_down" && data.by === selfId) this.#overlay.hit(true);
    if (name === "kill") {
      this.#feed.add(/** @type {any} */ (data), teamOf);
      if (data.killer === selfId && data.victim !== selfId) this.#overlay.hit(true);
      if (data.victim === selfId) this.#hud.fellTo(this.#narrator.fate(data, teamOf));
    }
    this.#narrator.hear(name, data, teamOf);
  }
}
