/**
 * The mock battle behind the title: ships that drift about and shoot at each other, played by nobody and decided by
 * dice. It makes states of the same shape as the server's, so the arena is drawn by the same code.
 */
import { Battlefield } from "./battlefield.js";
import { Effects } from "./effects.js";
import { OTHERS, SELF } from "../../ui/palette.js";

/** @typedef {import("./types.js").Entities} Entities */
/** @typedef {import("./types.js").Ship} Ship */
/** @typedef {{turn: number, course: number, load: number}} Pilot */

const SIZE = 1700;

/** @type {import("./types.js").ArenaMap} */
const MAP = {
  width: SIZE,
  height: SIZE,
  walls: [
    [340, 330, 230, 56],
    [340, 330, 56, 200],
    [1130, 330, 230, 56],
    [1304, 330, 56, 200],
    [340, 1314, 230, 56],
    [340, 1170, 56, 200],
    [1130, 1314, 230, 56],
    [1304, 1170, 56, 200],
    [780, 560, 140, 60],
    [780, 1080, 140, 60],
    [560, 790, 60, 130],
    [1080, 790, 60, 130],
  ],
};

export class Attract {
  /** @type {Entities} */
  #entities = { players: new Map(), scores: new Map(), enemies: new Map(), bullets: new Map(), pickups: new Map() };
  /** @type {Map<string, Pilot>} */
  #pilots = new Map();
  /** @type {Map<string, number>} */
  #lives = new Map();
  #field;
  #effects;
  #shots = 0;
  #last = 0;
  #time = 0;
  #frame = 0;
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {import("./types.js").Cast} */
  #cast = {
    selfId: "",
    followed: "",
    name: () => "",
    absence: () => "",
    signed: () => false,
    colour: (id) => (id === "0" ? SELF : OTHERS[Number(id) % OTHERS.length]),
  };

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#field = new Battlefield(canvas);
    this.#effects = new Effects(this.#field, this.#cast, () => {});
    for (let id = 0; id < 9; id += 1) this.#launch(String(id));
    /** @type {("health" | "rapid" | "shield")[]} */
    const kinds = ["health", "rapid", "shield"];
    kinds.forEach((kind, index) =>
      this.#entities.pickups.set(kind, { kind, x: 620 + index * 230, y: 850 - (index % 2) * 330 }),
    );
    this.#entities.enemies.set("e0", { kind: "chaser", x: 480, y: 700, angle: 0, hp: 1, max_hp: 1 });
    this.#entities.enemies.set("e1", { kind: "shooter", x: 1240, y: 960, angle: 3, hp: 1, max_hp: 1 });
    for (let step = 0; step < 90; step += 1) this.#advance(1 / 30);
  }

  start() {
    if (this.#frame) return;
    this.#last = performance.now();
    this.#field.resize();
    const step = (/** @type {number} */ at) => {
      this.#frame = requestAnimationFrame(step);
      // The first frame's time can lie a little before the moment it was asked for.
      const elapsed = Math.max(0, Math.min(0.05, (at - this.#last) / 1000));
      this.#last = at;
      // Whoever asked for less motion gets a still picture.
      if (this.#still.matches && this.#time > 4) return;
      this.#advance(elapsed);
      this.#draw(elapsed);
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  resize() {
    this.#field.resize();
    if (this.#frame) this.#draw(0);
  }

  /** @param {number} elapsed */
  #draw(elapsed) {
    const { camera } = this.#field;
    camera.x = SIZE / 2 + Math.cos(this.#time * 0.07) * 230;
    camera.y = SIZE / 2 + Math.sin(this.#time * 0.09) * 190;
    camera.lookFrom(camera.x, camera.y, 1);
    this.#effects.watch(this.#entities);
    this.#field.draw(this.#entities, MAP, this.#cast, this.#time, elapsed);
  }

  /** @param {string} id */
  #launch(id) {
    let x = 0;
    let y = 0;
    do {
      x = 200 + Math.random() * (SIZE - 400);
      y = 200 + Math.random() * (SIZE - 400);
    } while (blocked(x, y, 40));
    this.#entities.players.set(id, {
      x,
      y,
      vx: 0,
      vy: 0,
      angle: Math.random() * 6,
      hp: 100,
      shield: Math.random() < 0.2 ? 50 : 0,
      team: "",
      alive: true,
      protected: false,
      rapid: false,
      cooldown: 0,
      rail_cooldown: 0,
      respawn_in: 0,
    });
    this.#pilots.set(id, { turn: 0, course: Math.random() * 6, load: Math.random() * 2 });
  }

  /** @param {number} dt */
  #advance(dt) {
    this.#time += dt;
    for (const [id, ship] of this.#entities.players) this.#fly(id, ship, dt);
    for (const enemy of this.#entities.enemies.values()) {
      const target = this.#nearest("", enemy.x, enemy.y);
      if (target) enemy.angle = Math.atan2(target.y - enemy.y, target.x - enemy.x);
      const nx = enemy.x + Math.cos(enemy.angle) * 55 * dt;
      const ny = enemy.y + Math.sin(enemy.angle) * 55 * dt;
      if (!blocked(nx, ny, 24)) [enemy.x, enemy.y] = [nx, ny];
    }
    for (const [id, bullet] of this.#entities.bullets) {
      bullet.x += bullet.vx * dt;
      bullet.y += bullet.vy * dt;
      const life = (this.#lives.get(id) ?? 0) - dt;
      this.#lives.set(id, life);
      let gone = life < 0 || blocked(bullet.x, bullet.y, 0);
      for (const [other, ship] of this.#entities.players) {
        if (other === bullet.owner || Math.hypot(ship.x - bullet.x, ship.y - bullet.y) > 24) continue;
        gone = true;
        this.#hit(other, ship, bullet);
      }
      if (gone) {
        this.#entities.bullets.delete(id);
        this.#lives.delete(id);
      }
    }
  }

  /**
   * @param {string} id
   * @param {Ship} ship
   * @param {import("./types.js").Bullet} bullet
   */
  #hit(id, ship, bullet) {
    ship.hp -= 18;
    ship.shield = Math.max(0, ship.shield - 18);
    this.#field.tracks.of(id).flash = 1;
    if (ship.hp > 0) return;
    this.#effects.show(
      { tick: 0, name: "kill", data: { victim: id, killer: bullet.owner, x: ship.x, y: ship.y } },
      this.#entities,
    );
    this.#launch(id);
  }

  /**
   * @param {string} id
   * @param {Ship} ship
   * @param {number} dt
   */
  #fly(id, ship, dt) {
    const pilot = /** @type {Pilot} */ (this.#pilots.get(id));
    pilot.turn -= dt;
    if (pilot.turn < 0) {
      pilot.turn = 0.5 + Math.random() * 1.6;
      pilot.course = Math.atan2(SIZE / 2 - ship.y, SIZE / 2 - ship.x) + (Math.random() - 0.5) * 4.4;
    }
    const share = Math.min(1, dt * 4);
    ship.vx += (Math.cos(pilot.course) * 170 - ship.vx) * share;
    ship.vy += (Math.sin(pilot.course) * 170 - ship.vy) * share;
    if (blocked(ship.x + ship.vx * dt, ship.y, 24)) ship.vx *= -1;
    if (blocked(ship.x, ship.y + ship.vy * dt, 24)) ship.vy *= -1;
    ship.x += ship.vx * dt;
    ship.y += ship.vy * dt;
    const target = this.#nearest(id, ship.x, ship.y);
    if (!target) return;
    const aim = Math.atan2(target.y - ship.y, target.x - ship.x);
    const turn = Math.atan2(Math.sin(aim - ship.angle), Math.cos(aim - ship.angle));
    ship.angle += Math.max(-4 * dt, Math.min(4 * dt, turn));
    pilot.load -= dt;
    if (pilot.load > 0 || Math.abs(turn) > 0.3 || Math.hypot(target.x - ship.x, target.y - ship.y) > 520) return;
    pilot.load = Math.random() < 0.75 ? 0.22 : 1.2;
    const angle = ship.angle + (Math.random() - 0.5) * 0.2;
    const bullet = {
      x: ship.x + Math.cos(angle) * 32,
      y: ship.y + Math.sin(angle) * 32,
      vx: Math.cos(angle) * 640,
      vy: Math.sin(angle) * 640,
      owner: id,
      born: 0,
    };
    const name = `b${(this.#shots += 1)}`;
    this.#entities.bullets.set(name, bullet);
    this.#lives.set(name, 1.1);
  }

  /**
   * @param {string} id whom to leave out
   * @param {number} x
   * @param {number} y
   */
  #nearest(id, x, y) {
    let best = null;
    let least = Infinity;
    for (const [other, ship] of this.#entities.players) {
      const distance = Math.hypot(ship.x - x, ship.y - y);
      if (other !== id && distance < least) {
        least = distance;
        best = ship;
      }
    }
    return best;
  }
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function blocked(x, y, radius) {
  if (x < radius || y < radius || x > SIZE - radius || y > SIZE - radius) return true;
  return MAP.walls.some(
    ([wx, wy, w, h]) => wx - radius < x && x < wx + w + radius && wy - radius < y && y < wy + h + radius,
  );
}
