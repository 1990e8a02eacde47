/**
 * A smooth picture of a match out of a world's tables.
 *
 * The tables say themselves how things move: a fixed-point column that `moves` is a position or a measure and is blended,
 * an angle turns by the shorter way, everything else is taken from the earlier snapshot. Where there is no later one, a
 * row goes on by its steps. The game adds only what no schema can know: `snap`, the distance in units beyond which x and
 * y have jumped, and `breaks`, columns whose change means a jump as well.
 *
 * Snapshots are kept as copies of the tables' typed arrays, in objects that are used again and again, and so are the
 * entities in the picture: a match of any length makes no garbage here but for the ids of who is new.
 */
import { HALF, Picture } from "./picture.js";
import { JUMP, WorldTable } from "./world-table.js";

/** @typedef {import("./picture.js").Motion} Motion */
/** @typedef {import("./picture.js").Entity} Entity */
/** @typedef {import("./world.js").World} World */
/** @typedef {import("./world-table.js").Column} Column */
/** @typedef {{tick: number, time: number, tables: WorldTable[]}} WorldSnapshot */

/** @extends {Picture<WorldSnapshot>} */
export class WorldInterpolation extends Picture {
  #blending;
  /** @type {World | null} */
  #world = null;
  #static = {};

  /**
   * @param {Record<string, Motion>} motions by the name of the table
   * @param {{tickRate: number, sendRate: number}} rates per second
   */
  constructor(motions, rates) {
    const blending = new WorldBlending();
    super(rates, blending);
    this.#blending = blending;
    this.motions = motions;
  }

  /**
   * Take the world as it is now.
   *
   * @param {World} world
   * @param {Record<string, any>} fixed the game's state that does not change during a match; part of `view.state`
   * @param {number} now local time, seconds
   */
  push(world, fixed, now) {
    if (world !== this.#world) this.#begin(world);
    if (fixed !== this.#static) {
      this.#static = fixed;
      this.view.state = { ...fixed };
    }
    const { tables } = this.snapshotOf(world.tick, now);
    for (let index = 0; index < tables.length; index += 1) tables[index].copy(world.tables[index]);
  }

  /** @param {World} world */
  #begin(world) {
    this.#world = world;
    this.forgetShape();
    this.view.state = { ...this.#static };
    this.view.entities = this.#blending.begin(world, this.motions);
  }
}

class WorldBlending {
  /** For each table. @type {TablePicture[]} */
  #pictures = [];

  /**
   * @param {World} world
   * @param {Record<string, Motion>} motions
   * @returns {Record<string, Map<string, Entity>>} the entities that will be shown, by table
   */
  begin(world, motions) {
    this.#pictures = world.tables.map((table) => new TablePicture(table, motions[table.name] ?? {}));
    const shown = this.#pictures.filter(({ table }) => !table.single);
    return Object.fromEntries(shown.map(({ table, entities }) => [table.name, entities]));
  }

  /** @returns {WorldSnapshot} */
  make() {
    return { tick: 0, time: 0, tables: this.#pictures.map(({ table }) => new WorldTable(table.schema)) };
  }

  /**
   * @param {import("./picture.js").View} view
   * @param {WorldSnapshot} from
   * @param {WorldSnapshot | null} to
   * @param {number} share
   * @param {number} ahead
   * @param {number} interval
   */
  show(view, from, to, share, ahead, interval) {
    // Steps that a row without a later state goes on.
    const rate = 1 / interval;
    const flight = to ? Math.min(share, HALF) : ahead * rate;
    for (let index = 0; index < this.#pictures.length; index += 1) {
      const picture = this.#pictures[index];
      const later = to ? to.tables[index] : null;
      picture.rate = rate;
      if (picture.table.single) picture.drawRow(view.state, from.tables[index], 0, later, share, flight);
      else picture.draw(from.tables[index], later, share, flight);
    }
  }

  clear() {
    for (const picture of this.#pictures) picture.clear();
  }
}

/** The entities of one table. */
class TablePicture {
  /** @type {Map<string, Entity>} */
  entities = new Map();
  // Who was in the last picture: slot, id and object side by side; null for a row that was not drawn.
  /** @type {number[]} */
  #slots = [];
  /** @type {string[]} */
  #ids = [];
  /** @type {(Entity | null)[]} */
  #shown = [];
  #count = 0;
  /** By row of the picture being drawn. @type {(Entity | null)[]} */
  #next = [];
  /** @type {Entity[]} */
  #spare = [];

  /**
   * @param {WorldTable} table
   * @param {Motion} motion
   */
  constructor(table, motion) {
    this.table = table;
    const find = (/** @type {string} */ name) => table.columns.find((column) => column.name === name);
    const moving = (/** @type {string} */ name) => table.moving.find((column) => column.name === name) ?? null;
    this.x = moving("x");
    this.y = moving("y");
    this.snap = motion.snap;
    this.breaks = /** @type {Column[]} */ ((motion.breaks ?? []).map(find).filter(Boolean));
    this.blended = table.columns.map((column) => column.turn !== 0 || (column.moves && column.type === "fixed"));
    /** How far each column may go between two snapshots and still be blended: a measure may be set anew by itself. */
    this.reach = table.columns.map(({ name }) => (name === "x" || name === "y" ? Infinity : JUMP));
    this.names = table.columns.map((column) => column.name);
    /** Whether entities get their velocity in units per second, because the table does not have it. */
    this.velocity = this.x !== null && this.y !== null && !table.single && !find("vx") && !find("vy");
    /** Snapshots a second at present: a busy server sends fewer than it said. */
    this.rate = 0;
  }

  clear() {
    this.entities.clear();
    this.#count = 0;
  }

  /**
   * @param {WorldTable} from
   * @param {WorldTable | null} to
   * @param {number} share
   * @param {number} flight
   */
  draw(from, to, share, flight) {
    const next = this.#next;
    for (let row = 0; row < from.count; row += 1) next[row] = null;
    for (let index = 0; index < this.#count; index += 1) {
      const shown = this.#shown[index];
      if (shown === null) continue;
      const slot = this.#slots[index];
      const row = slot < from.rows.length ? from.rows[slot] : -1;
      const same = row >= 0 && from.ids[row] === this.#ids[index];
      if (same && !(to !== null && share > HALF && to.rowOf(from, row) < 0)) next[row] = shown;
      else {
        this.entities.delete(this.#ids[index]);
        this.#spare.push(shown);
      }
    }
    for (let row = 0; row < from.count; row += 1) {
      let entity = next[row];
      this.#slots[row] = from.slots[row];
      this.#ids[row] = from.ids[row];
      if (to !== null && share > HALF && to.rowOf(from, row) < 0) continue;
      if (entity === null) {
        next[row] = entity = this.#spare.pop() ?? this.#makeEntity();
        this.entities.set(from.ids[row], entity);
      }
      this.drawRow(entity, from, row, to, share, flight);
    }
    this.#count = from.count;
    this.#next = this.#shown;
    this.#shown = next;
  }

  #makeEntity() {
    /** @type {Entity} */
    const entity = {};
    for (const name of this.names) entity[name] = 0;
    if (this.velocity) entity.vx = entity.vy = 0;
    return entity;
  }

  /**
   * @param {Entity} entity
   * @param {WorldTable} from
   * @param {number} row
   * @param {WorldTable | null} to
   * @param {number} share
   * @param {number} flight
   */
  drawRow(entity, from, row, to, share, flight) {
    if (row >= from.count) return;
    const later = to === null ? -1 : to.rowOf(from, row);
    const jumps = to !== null && later >= 0 && this.#jumps(from, row, to, later);
    const { columns } = from;
    for (let index = 0; index < columns.length; index += 1) {
      const column = columns[index];
      let n = from.n[index * from.capacity + row];
      if (this.blended[index]) {
        if (to !== null && later >= 0) {
          let way = to.n[index * to.capacity + later] - n;
          if (column.turn !== 0) way -= Math.floor(way / column.turn + 0.5) * column.turn;
          if (!jumps && Math.abs(way) <= this.reach[index]) n += way * share;
        } else if (column.moves) {
          n += from.steps[column.step * from.capacity + row] * flight;
          if (n < 0 && column.turn === 0) n = 0;
        }
        put(entity, column.name, column.least + n * column.unit);
      } else if (column.type === "fixed") put(entity, column.name, column.least + n * column.unit);
      else entity[column.name] = column.isText ? from.texts[index][row] : column.value(n);
    }
    if (!this.velocity || this.x === null || this.y === null) return;
    entity.vx = from.steps[this.x.step * from.capacity + row] * this.x.unit * this.rate;
    entity.vy = from.steps[this.y.step * from.capacity + row] * this.y.unit * this.rate;
  }

  /**
   * @param {WorldTable} from
   * @param {number} row
   * @param {WorldTable} to
   * @param {number} later
   */
  #jumps(from, row, to, later) {
    for (let index = 0; index < this.breaks.length; index += 1) {
      const column = this.breaks[index];
      const before = column.isText ? from.texts[column.index][row] : from.n[column.index * from.capacity + row];
      const after = column.isText ? to.texts[column.index][later] : to.n[column.index * to.capacity + later];
      if (before !== after) return true;
    }
    const x = this.x === null ? 0 : way(this.x, from, row, to, later);
    const y = this.y === null ? 0 : way(this.y, from, row, to, later);
    // Without a distance of the game's own, what the protocol takes for a jump is one.
    if (this.snap === undefined) return Math.abs(x) > JUMP || Math.abs(y) > JUMP;
    // Not with Math.hypot, which makes garbage.
    const right = x * (this.x?.unit ?? 0);
    const down = y * (this.y?.unit ?? 0);
    return right * right + down * down > this.snap * this.snap;
  }
}

/**
 * @param {Column} column
 * @param {WorldTable} from
 * @param {number} row
 * @param {WorldTable} to
 * @param {number} later
 */
function way(column, from, row, to, later) {
  return to.n[column.index * to.capacity + later] - from.n[column.index * from.capacity + row];
}

/**
 * Set a field that nearly always holds a fraction. Where the name is written out, engines change the number in its place;
 * through a variable they make a new one each time, which for the usual names would be most of a picture's garbage.
 *
 * @param {Entity} entity
 * @param {string} name
 * @param {number} value
 */
function put(entity, name, value) {
  if (name === "x") entity.x = value;
  else if (name === "y") entity.y = value;
  else if (name === "vx") entity.vx = value;
  else if (name === "vy") entity.vy = value;
  else if (name === "angle") entity.angle = value;
  else entity[name] = value;
}
