/**
 * Turns what happens in a match into light and sound: muzzle flashes, sparks, bursts, shakes, numbers.
 *
 * Shots are not events; they are noticed by a bullet that was not in the picture before, and impacts by one that has
 * gone. Both cost the server nothing.
 */
import { bulletColour } from "./battlefield.js";
import { ENEMIES, PICKUPS } from "./palette.js";

/** @typedef {import("./types.js").Entities} Entities */
/** @typedef {{x: number, y: number, angle: number, colour: string, seen: number}} Shot */
/** @typedef {(name: string, x: number, y: number, own?: boolean) => void} PlaySound */

export class Effects {
  /** @type {Map<string, Shot>} */
  #shots = new Map();
  #frame = 0;

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
  }

  /** Compare the picture's bullets with those of the last one. @param {Entities} entities */
  watch(entities) {
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
        this.#muzzle(bullet, shot, entities);
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
    const x = owner ? owner.x + Math.cos(shot.angle) * 32 : bullet.x;
    const y = owner ? owner.y + Math.sin(shot.angle) * 32 : bullet.y;
    if (owner) tracks.of(bullet.owner).recoil = 1;
    const own = bullet.owner === this.cast.selfId;
    this.play(bullet.owner === "" ? "enemyShot" : "shot", x, y, own);
    if (own) camera.shake(0.16);
    if (!camera.sees(x, y, 60)) return;
    particles.puff(x, y, shot.colour, 34, 0.1);
    particles.puff(x, y, "#ffffff", 14, 0.07);
    particles.sparks(x, y, shot.colour, 4, 300, shot.angle, 0.45);
  }

  /**
   * @param {import("../sdk/types.js").GameEvent} event
   * @param {Entities} entities
   */
  show(event, entities) {
    const { field, cast } = this;
    const { data } = event;
    const { x, y } = data;
    switch (event.name) {
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
