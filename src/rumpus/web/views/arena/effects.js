/**
 * Turns what happens in a match into light and sound: muzzle flashes, sparks, bursts, shakes, numbers.
 *
 * Bullets are not events; a shot is noticed by a bullet that was not in the picture before, and an impact by one that
 * has gone. Both cost the server nothing. A rail is an event, for nothing of it is left to be seen.
 */
import { bulletColour } from "./battlefield.js";
import { ENEMIES, PICKUPS } from "./palette.js";

/** @typedef {import("./types.js").Entities} Entities */
/** @typedef {{x: number, y: number, angle: number, colour: string, seen: number}} Shot */
/** @typedef {(name: import("./sounds.js").SoundName, x: number, y: number, own?: boolean) => void} PlaySound */

/** From the middle of a ship to the end of its barrel. */
const BARREL = 32;

/** A bullet first seen further from its gun than this gets a tracer: the server has let it catch up with its shooter. */
const GAP = 62;
/** Nothing comes from further away than this: who fired has moved by a jump since. */
const FAR = 700;

export class Effects {
  /** @type {Map<string, Shot>} */
  #shots = new Map();
  #frame = 0;
  /** Rails that have been shown in this match. */
  rails = 0;

  /**
   * @param {import("./battlefield.js").Battlefield} field
   * @param {import("./types.js").Cast} cast
   * @param {PlaySound} play
   */
  constructor(field, cast, play) {
    this.field = field;
    this.cast = cast;
    this.play = play;
  }

  clear() {
    this.#shots.clear();
    this.rails = 0;
  }

  /**
   * Compare the picture's bullets with those of the last one.
   *
   * @param {Entities} entities
   * @param {(id: string, bullet: import("./types.js").Bullet) => boolean} [isKnown] whether the beginning of a bullet has been shown
   *   before under another id
   */
  watch(entities, isKnown = () => false) {
    this.#frame += 1;
    for (const [id, bullet] of entities.bullets) {
      let shot = this.#shots.get(id);
      if (!shot) {
        shot = {
          x: 0,
          y: 0,
          angle: Math.atan2(bullet.vy, bullet.vx),
          colour: bulletColour(bullet, entities, this.cast),
          seen: 0,
        };
        this.#shots.set(id, shot);
        if (!isKnown(id, bullet)) this.#muzzle(bullet, shot, entities);
      }
      shot.x = bullet.x;
      shot.y = bullet.y;
      shot.seen = this.#frame;
    }
    for (const [id, shot] of this.#shots) {
      if (shot.seen === this.#frame) continue;
      this.#shots.delete(id);
      if (!this.field.camera.sees(shot.x, shot.y, 60)) continue;
      this.field.particles.sparks(shot.x, shot.y, shot.colour, 7, 240, shot.angle + Math.PI, 1.1);
      this.field.particles.puff(shot.x, shot.y, shot.colour, 26, 0.16);
    }
  }

  /**
   * @param {import("./types.js").Bullet} bullet
   * @param {Shot} shot
   * @param {Entities} entities
   */
  #muzzle(bullet, shot, entities) {
    const { particles, tracks, camera } = this.field;
    const owner = entities.players.get(bullet.owner);
    const x = owner ? owner.x + Math.cos(shot.angle) * BARREL : bullet.x;
    const y = owner ? owner.y + Math.sin(shot.angle) * BARREL : bullet.y;
    if (owner) tracks.of(bullet.owner).recoil = 1;
    const own = bullet.owner === this.cast.selfId;
    const way = Math.hypot(bullet.x - x, bullet.y - y);
    if (!own && way > GAP && way < FAR) this.field.beams.tracer(x, y, bullet.x, bullet.y, shot.colour);
    this.play(bullet.owner === "" ? "enemyShot" : "shot", x, y, own);
    if (own) camera.shake(0.16);
    if (!camera.sees(x, y, 60)) return;
    particles.puff(x, y, shot.colour, 34, 0.1);
    particles.puff(x, y, "#ffffff", 14, 0.07);
    particles.sparks(x, y, shot.colour, 4, 300, shot.angle, 0.45);
  }

  /**
   * A rail is fired: from the barrel of whoever fires it, where that is drawn, to where the beam ends.
   *
   * @param {string} by
   * @param {{x: number, y: number, toX: number, toY: number}} beam
   * @param {Entities} entities
   */
  rail(by, { x, y, toX, toY }, entities) {
    const { particles, tracks, camera, beams } = this.field;
    const owner = entities.players.get(by);
    const own = by === this.cast.selfId;
    const colour = this.cast.colour(by, owner?.team ?? "");
    const from = owner?.alive ? owner : { x, y };
    const angle = Math.atan2(toY - from.y, toX - from.x);
    // One who stands at a wall has the end of the beam within the barrel.
    const barrel = Math.min(BARREL, Math.hypot(toX - from.x, toY - from.y) * 0.9);
    const startX = from.x + Math.cos(angle) * barrel;
    const startY = from.y + Math.sin(angle) * barrel;
    this.rails += 1;
    beams.rail(startX, startY, toX, toY, colour);
    if (owner) tracks.of(by).recoil = 1.6;
    this.play("rail", startX, startY, own);
    if (own) camera.shake(0.42);
    particles.puff(startX, startY, colour, 62, 0.2);
    particles.puff(startX, startY, "#ffffff", 26, 0.1);
    particles.sparks(startX, startY, colour, 8, 420, angle, 0.5);
    if (!camera.sees(toX, toY, 120)) return;
    particles.puff(toX, toY, "#ffffff", 34, 0.14);
    particles.puff(toX, toY, colour, 70, 0.3);
    particles.ring(toX, toY, colour, 40, 0.3);
    particles.sparks(toX, toY, colour, 16, 460, angle + Math.PI, 1);
    particles.sparks(toX, toY, "#ffffff", 7, 300, angle + Math.PI, 1.3);
  }

  /**
   * What happened out of the server's view of this player is told without its place, if at all, and is not shown.
   *
   * @param {import("../../sdk/types.js").GameEvent} event
   * @param {Entities} entities
   */
  show(event, entities) {
    const { field, cast } = this;
    const { data } = event;
    const { x, y } = data;
    if (x === undefined) return;
    switch (event.name) {
      case "rail":
        this.rail(data.by, { x, y, toX: data.to_x, toY: data.to_y }, entities);
        break;
      case "hit": {
        const target = entities.players.get(data.target) ?? entities.enemies.get(data.target);
        field.tracks.of(data.target).flash = 1;
        const colour =
          data.target_kind === "enemy"
            ? ENEMIES.chaser
            : cast.colour(data.target, entities.players.get(data.target)?.team ?? "");
        if (target) field.particles.sparks(x, y, colour, 9, 300, Math.atan2(y - target.y, x - target.x), 1.2);
        field.particles.sparks(x, y, "#ffffff", 4, 180);
        if (data.by === cast.selfId) {
          field.float(target?.x ?? x, target?.y ?? y, String(Math.round(data.damage)), "#ffffff");
          this.play("hitMarker", x, y, true);
        } else if (data.target === cast.selfId) {
          field.camera.shake(0.3 + data.damage / 90);
          this.play("hurt", x, y, true);
        } else this.play("hit", x, y);
        break;
      }
      case "kill":
        field.particles.burst(x, y, cast.colour(data.victim, entities.players.get(data.victim)?.team ?? ""));
        field.scar(x, y, 34);
        field.camera.shake(data.victim === cast.selfId ? 1 : data.killer === cast.selfId ? 0.5 : 0.2);
        this.play("death", x, y, data.victim === cast.selfId);
        break;
      case "enemy_down":
        field.particles.burst(x, y, data.kind === "shooter" ? ENEMIES.shooter : ENEMIES.chaser);
        field.scar(x, y, 24);
        this.play("enemyDown", x, y, data.by === cast.selfId);
        break;
      case "pickup": {
        const colour = PICKUPS[data.kind] ?? "#ffffff";
        field.particles.ring(x, y, colour, 56, 0.4);
        field.particles.sparks(x, y, colour, 16, 220);
        field.particles.puff(x, y, colour, 70, 0.3);
        if (data.player === cast.selfId) field.float(x, y, PICKUP_TEXTS[data.kind] ?? data.kind, colour, true);
        this.play(data.player === cast.selfId ? "pickup" : "otherPickup", x, y, data.player === cast.selfId);
        break;
      }
      case "respawn": {
        const colour = cast.colour(data.player, entities.players.get(data.player)?.team ?? "");
        field.particles.ring(x, y, colour, 80, 0.5);
        field.particles.ring(x, y, "#ffffff", 46, 0.35);
        field.particles.puff(x, y, colour, 90, 0.4);
        if (data.player === cast.selfId) this.play("respawn", x, y, true);
        break;
      }
    }
  }
}

/** @type {Record<string, string>} */
const PICKUP_TEXTS = { health: "+ Health", rapid: "Rapid fire", shield: "Shield" };
