/**
 * A match of Arena from the player's side: takes the interpolated picture of the others from the SDK, puts the own ship
 * and the own shots into it as they are predicted, and draws it. This is the one place where the network and the drawing
 * meet.
 */
import { Announcer } from "./announcer.js";
import { Battlefield } from "./battlefield.js";
import { RoomCast } from "./cast.js";
import { Cockpit } from "./cockpit.js";
import { Controls } from "./controls.js";
import { Effects } from "./effects.js";
import { createFeed } from "./feed.js";
import { Hud } from "./hud.js";
import { Minimap } from "./minimap.js";
import { Narrator } from "./narrator.js";
import { OwnShip } from "./own-ship.js";
import { Reactions } from "./reactions.js";
import { Shots } from "./shots.js";
import { standings, StandingsView } from "./standings.js";
import { MOTIONS } from "./types.js";
import { Watching } from "./watching.js";

/** @typedef {import("../../sdk/rumpus.js").Client} Client */
/** @typedef {import("./types.js").Entities} Entities */
/** @typedef {import("./types.js").ArenaState} ArenaState */
/** @typedef {import("../../sdk/types.js").GameEvent} GameEvent */

/** Sorting hundreds of players takes longer than drawing those in sight, and nobody reads sixty ladders a second. */
const RANK_EVERY = 0.1;

const MOST_URGENT = 100;

/** @param {Entities} entities */
function plain(entities) {
  const copy = (/** @type {Map<string, any>} */ rows) =>
    Object.fromEntries([...rows].map(([id, entity]) => [id, { ...entity }]));
  return Object.fromEntries(Object.entries(entities).map(([name, rows]) => [name, copy(rows)]));
}

export class Match {
  #field;
  #effects;
  /** @type {Controls} */
  #controls;
  /** @type {Cockpit} */
  #cockpit;
  #hud = new Hud();
  #announcer = new Announcer();
  #minimap;
  #standings;
  #feed;
  #narrator;
  /** @type {ReturnType<Client["interpolate"]> | null} */
  #smooth = null;
  #ownShip;
  /** The player's own shots; null while they do not play. @type {Shots | null} */
  #shots = null;
  #reactions;
  /** What has just happened to the player, to be shown in the next frame. @type {GameEvent[]} */
  #urgent = [];
  /** Events that are shown before the picture gets to them. @type {WeakSet<GameEvent>} */
  #shown = new WeakSet();
  #frame = 0;
  /** Pictures drawn. */
  #frames = 0;
  #last = 0;
  #fps = 60;
  #metersAt = 0;
  #rankedAt = 0;
  /** @type {import("./standings.js").Standing[]} */
  #ranking = [];
  #playing = false;
  #watching;
  /** The picture with the own shots in it. @type {Entities | null} */
  #entities = null;
  /** @type {ArenaState | null} */
  #state = null;

  /**
   * @param {Client} client
   * @param {HTMLCanvasElement} canvas
   * @param {{sounds: import("./sounds.js").ArenaSounds, colours: import("../../ui/palette.js").Colours, firstPicture: () => void}} parts
   */
  constructor(client, canvas, { sounds, colours, firstPicture }) {
    this.firstPicture = firstPicture;
    this.client = client;
    this.canvas = canvas;
    this.sounds = sounds;
    this.cast = new RoomCast(client, colours, (id) => this.#entities?.scores.get(id)?.team);
    this.#field = new Battlefield(canvas);
    this.#effects = new Effects(this.#field, this.cast, (name, x, y, own) => sounds.at(name, x, y, own));
    this.#controls = new Controls(canvas, () => this.#cockpit.ship);
    this.#cockpit = new Cockpit(this.#controls, this.#hud, sounds);
    this.#watching = new Watching(canvas, this.cast);
    this.#minimap = new Minimap(/** @type {HTMLCanvasElement} */ (document.getElementById("minimap")));
    this.#standings = new StandingsView(this.cast);
    this.#feed = createFeed(this.cast);
    this.#narrator = new Narrator(this.#announcer, this.cast, sounds);
    this.#reactions = new Reactions(this.cast, {
      overlay: this.#cockpit.overlay,
      hud: this.#hud,
      feed: this.#feed,
      narrator: this.#narrator,
    });
    this.#ownShip = new OwnShip(client, this.#controls, (tick) => this.#shots?.played(tick));
    client.on("event", (event) => this.#heard(event));
    this.#standings.listen(() => (this.#playing ? "playing" : this.#watching.active ? "watching" : ""));
  }

  /** Begin to show the room's match. */
  start() {
    this.cast.selfId = this.client.playerId;
    if (this.#smooth) this.client.stopInterpolating(this.#smooth);
    this.#smooth = this.client.interpolate(MOTIONS);
    this.#field.resize();
    this.#field.clear();
    this.newRound();
    if (this.#playing) this.#takePart();
    if (this.#frame) return;
    this.#last = performance.now();
    this.#frame = requestAnimationFrame(this.#step);
  }

  /** Leave nothing of the last round on the screen. */
  newRound() {
    this.#field.clear();
    this.#effects.clear();
    this.#cockpit.overlay.clear();
    this.#announcer.clear();
    this.#feed.clear();
    this.#standings.reset();
    this.#narrator.reset();
    this.#ranking = [];
    this.#rankedAt = 0;
    this.#urgent.length = 0;
  }

  stop() {
    this.play(false);
    this.watch("");
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#smooth) this.client.stopInterpolating(this.#smooth);
    this.#smooth = null;
    this.#entities = this.#state = null;
    this.cast.clear();
    this.newRound();
  }

  /**
   * Take part (or only watch, while results are shown).
   *
   * @param {boolean} playing
   */
  play(playing) {
    this.#hud.show((playing || this.#watching.active) && this.ready);
    if (playing === this.#playing) return;
    this.#playing = playing;
    if (playing) {
      this.#controls.start();
      this.#takePart();
      return;
    }
    this.#controls.stop();
    this.#ownShip.stop();
    this.#shots = null;
    this.#standings.reset();
    this.#announcer.clear();
  }

  /**
   * Watch others play, instead of taking part.
   *
   * @param {string} note why, or how late: what is said above the name of whoever is followed; "" ends it
   */
  watch(note) {
    if (note) this.#watching.start(note);
    else if (this.#watching.active) {
      this.#watching.stop();
      this.cast.followed = "";
      this.#field.zoomTo(1);
      this.#standings.reset();
      this.#announcer.clear();
    }
    this.#hud.show((this.#playing || note !== "") && this.ready);
  }

  /** Predict the own ship of this match. */
  #takePart() {
    const { room, static: fixed, playerId } = this.client;
    if (!room || !fixed.map) return;
    const walls = this.#ownShip.start(fixed.map);
    const settings = /** @type {any} */ (room.settings);
    this.#shots = new Shots(walls, { ...settings, tickRate: room.tick_rate }, playerId);
    this.#cockpit.begin();
  }

  /** @param {GameEvent} event */
  #heard(event) {
    if (!this.#shots || !this.#reactions.isOwn(event)) return;
    this.#shown.add(event);
    // A beam that has been drawn already is not drawn again.
    const { name, data, tick } = event;
    if (name === "rail" && data.by === this.cast.selfId && this.#shots.hasRail(tick)) return;
    this.#urgent.push(event);
    // A hidden page draws nothing, and would keep them all.
    if (this.#urgent.length > MOST_URGENT) this.#urgent.shift();
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
    return {
      ...plain(this.#entities),
      time_left: this.#state.time_left,
      ship: { ...this.#cockpit.ship },
      watched: this.#watching.active ? this.#watching.id : "",
      free: this.#watching.free,
      frame: this.#frames,
      rails: this.#effects.rails,
      beams: this.#field.beams.count,
      charge: this.#cockpit.charge,
    };
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
    const entities = this.#inThePresent(/** @type {any} */ (view.entities), view.playhead, at / 1000);
    const first = !this.ready;
    this.#entities = entities;
    this.#state = view.state;
    if (first) {
      this.#hud.show(this.#playing || this.#watching.active);
      this.firstPicture();
    }
    // After a pause (the page was hidden) what was missed is not shown all at once.
    const events = away ? [] : [...this.#urgent, ...view.events.filter((event) => !this.#shown.has(event))];
    this.#urgent.length = 0;
    this.#draw(entities, view.state, events, at / 1000, elapsed);
    this.#frames += 1;
  };

  /**
   * The picture with the own ship and the own shots as they are now.
   *
   * @param {Entities} entities of the picture
   * @param {number} playhead its moment, in ticks
   * @param {number} now local time, seconds
   * @returns {Entities}
   */
  #inThePresent(entities, playhead, now) {
    const own = entities.players.get(this.cast.selfId);
    if (own && this.#ownShip.playing) this.#ownShip.place(own, now);
    if (!this.#shots) return entities;
    return { ...entities, bullets: this.#shots.update(entities, playhead, now) };
  }

  /**
   * @param {Entities} entities
   * @param {ArenaState} state
   * @param {import("../../sdk/types.js").GameEvent[]} events
   * @param {number} now
   * @param {number} elapsed
   */
  #draw(entities, state, events, now, elapsed) {
    const { camera } = this.#field;
    const own = entities.players.get(this.cast.selfId);
    this.#rank(entities, now);
    this.#follow(own, entities, state, elapsed);
    if (own?.alive && this.#playing) {
      this.sounds.ear.x = own.x;
      this.sounds.ear.y = own.y;
    } else {
      this.#controls.forget();
      Object.assign(this.sounds.ear, { x: camera.x, y: camera.y });
    }
    this.#effects.watch(entities, (id, bullet) => this.#shots?.isKnown(id, bullet) ?? false);
    for (const beam of this.#shots?.takeRails(entities) ?? []) this.#effects.rail(this.cast.selfId, beam, entities);
    for (const event of events) {
      this.#effects.show(event, entities);
      this.#reactions.to(event, entities);
      const { name, data } = event;
      if (name === "hit" && data.by === this.cast.selfId && data.weapon !== "rail")
        this.#shots?.hit(/** @type {any} */ (data));
    }
    this.#field.draw(entities, state.map, this.cast, now, elapsed);
    if (this.#playing) this.#drawOwn(own, entities, state, now, elapsed);
    else if (this.#watching.active) this.#drawWatched(entities, state, now);
  }

  /**
   * What lies over the arena for somebody who plays.
   *
   * @param {import("./types.js").Ship | undefined} own
   * @param {Entities} entities
   * @param {ArenaState} state
   * @param {number} now
   * @param {number} elapsed
   */
  #drawOwn(own, entities, state, now, elapsed) {
    const score = entities.scores.get(this.cast.selfId);
    const railTime = /** @type {any} */ (this.client.room?.settings)?.rail_cooldown ?? 0;
    this.#cockpit.draw(this.#field, own, { score: score?.score ?? 0, state, railTime, elapsed });
    this.#minimap.draw(entities, state.map, this.cast, now);
    this.#drawMatch(state, score?.team ?? "", now);
  }

  /**
   * What lies over the arena for somebody who watches.
   *
   * @param {Entities} entities
   * @param {ArenaState} state
   * @param {number} now
   */
  #drawWatched(entities, state, now) {
    const { id, free } = this.#watching;
    this.cast.followed = free ? "" : id;
    this.#minimap.draw(entities, state.map, free ? this.cast : { ...this.cast, selfId: id }, now);
    this.#hud.drawWatched(entities.players.get(id), entities.scores.get(id)?.score ?? 0);
    this.#drawMatch(state, "", now);
  }

  /**
   * @param {ArenaState} state
   * @param {string} ownTeam
   * @param {number} now
   */
  #drawMatch(state, ownTeam, now) {
    this.#hud.drawMatch(state);
    this.#standings.draw(this.#ranking, state, this.client.room?.room_id ?? "");
    this.#narrator.watch(this.#ranking, state, ownTeam);
    if (now - this.#metersAt > 0.5) {
      this.#metersAt = now;
      this.#hud.drawMeters(this.client.rtt, this.#fps);
    }
  }

  /** @param {Entities} entities @param {number} now */
  #rank(entities, now) {
    if (now - this.#rankedAt <= RANK_EVERY) return;
    this.#rankedAt = now;
    this.#ranking = standings(entities.scores, this.cast);
  }

  /**
   * @param {import("./types.js").Ship | undefined} own
   * @param {Entities} entities
   * @param {ArenaState} state
   * @param {number} elapsed
   */
  #follow(own, entities, state, elapsed) {
    const { camera, ratio } = this.#field;
    if (this.#watching.active) {
      this.#field.zoomTo(this.#watching.zoom);
      this.#watching.update(entities, this.#ranking, camera, ratio, elapsed);
      camera.lookFrom(camera.x, camera.y, elapsed);
      return camera.confine(state.map.width, state.map.height);
    }
    let x = own?.x ?? state.map.width / 2;
    let y = own?.y ?? state.map.height / 2;
    const { pointer } = this.#controls;
    if (own?.alive && this.#playing && pointer.seen) {
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
}
