/**
 * What one's own input brings into the world, drawn from the moment of the input instead of a round trip later: shots,
 * mostly. Game-independent: the game says where a thing starts, and which of the server's things are one's own.
 *
 * A server with lag compensation lets a shot of tick T start at what the shooter saw, which is behind T: at the end of
 * that tick the shot is where it would be if it had been fired at `seen`. So here it is drawn on the same line, by the
 * playhead P of the picture in which all the others are: start + velocity * (P - seen). It leaves the muzzle at the press,
 * it moves among the targets as they are drawn, and when the playhead reaches T and the server's row appears, both are
 * in the same place. Where the server takes another moment than the playhead's for `seen` (its cap on rewinding, or an
 * input that was sent a little earlier and is still in force), the flight up to T is stretched, so that it starts in the
 * muzzle and ends in that place all the same. The row is known by the tick of the input, which the game keeps in a column. From then on the row is
 * followed; what is left of a difference (a corrected start, the cap on rewinding) fades.
 *
 * A shot that the server does not confirm (it was not allowed, or hit at once) ends soon after its tick is shown.
 */

/**
 * @typedef {object} Spawn
 * @property {number} key by which the server's row is known, as a rule the tick; compared modulo `modulo`
 * @property {number} tick of the input
 * @property {number} seen tick with a fraction that the server takes for what the player saw
 * @property {number} x where it starts
 * @property {number} y
 * @property {number} vx units per second
 * @property {number} vy
 * @property {number} [life] seconds until it is over, such as when it reaches a wall; for ever if left out
 * @property {any} [data] the game's own
 *
 * @typedef {{x: number, y: number, [field: string]: any}} Place
 * @typedef {{key: number, x: number, y: number, vx: number, vy: number, data: any, id: string | null}} DrawnSpawn `id`:
 *   of the server's row that it stands for, if it has come
 */

/** A difference of so many units is not seen. */
const NOTHING = 0.05;

export class PredictedSpawns {
  /** @type {Tracked[]} */
  #tracked = [];
  /** Ids of rows that are known: those of predicted ones, and others. @type {Map<string, {mark: number}>} */
  #known = new Map();
  #mark = 0;
  #updatedAt = NaN;
  /** What to draw, as of the last update. @type {DrawnSpawn[]} */
  drawn = [];
  /** Ids of the server's rows that are not to be drawn, because a predicted one stands for them. @type {Set<string>} */
  hidden = new Set();
  /** How many were never confirmed. */
  unconfirmed = 0;

  /**
   * @param {object} options
   * @param {number} options.tickRate ticks per second
   * @param {number} [options.modulo] of keys; Infinity if they are whole
   * @param {number} [options.late] ticks after its own in which the server's may come, because the input was late
   * @param {number} [options.fade] seconds in which a difference fades to a tenth
   */
  constructor({ tickRate, modulo = Infinity, late = 3, fade = 0.1 }) {
    this.tickRate = tickRate;
    this.modulo = modulo;
    this.late = late;
    this.fade = fade;
  }

  /** @param {Spawn} spawn */
  add(spawn) {
    this.#tracked.push(new Tracked(spawn));
  }

  /** It is over, as an event has told. @param {number} key */
  end(key) {
    const index = this.#tracked.findIndex(({ spawn }) => this.#behind(spawn.key, key) === 0);
    if (index >= 0) this.#tracked.splice(index, 1);
  }

  clear() {
    this.#tracked.length = 0;
    this.#known.clear();
    this.drawn.length = 0;
    this.hidden.clear();
  }

  /**
   * Bring `drawn` and `hidden` up to date for a picture.
   *
   * @param {Iterable<[id: string, key: number, entity: Place]>} own the rows of the picture that are the player's own
   * @param {number} playhead of the picture, in ticks
   * @param {number} now local time, seconds
   * @returns {this}
   */
  update(own, playhead, now) {
    const elapsed = Math.max(0, now - this.#updatedAt) || 0;
    this.#updatedAt = now;
    this.#mark += 1;
    this.hidden.clear();
    for (const [id, key, entity] of own) this.#meet(id, key, entity, playhead);
    for (const [id, { mark }] of this.#known) if (mark !== this.#mark) this.#known.delete(id);
    const left = 0.1 ** (elapsed / this.fade);
    this.#tracked = this.#tracked.filter((tracked) => this.#goesOn(tracked, playhead, left));
    this.drawn.length = 0;
    for (const { out } of this.#tracked) this.drawn.push(out);
    return this;
  }

  /**
   * @param {string} id
   * @param {number} key
   * @param {Place} entity
   * @param {number} playhead
   */
  #meet(id, key, entity, playhead) {
    let row = this.#known.get(id);
    if (!row) {
      const tracked = this.#match(key);
      this.#known.set(id, (row = tracked ?? { mark: 0 }));
      if (tracked) {
        tracked.move(playhead, this.tickRate);
        tracked.errorX = tracked.out.x - entity.x;
        tracked.errorY = tracked.out.y - entity.y;
        tracked.out.id = id;
      }
    }
    row.mark = this.#mark;
    if (row instanceof Tracked) row.entity = entity;
  }

  /** @param {number} key @returns {Tracked | null} the one that waits for this row */
  #match(key) {
    let best = null;
    let least = Infinity;
    for (const tracked of this.#tracked) {
      const behind = this.#behind(tracked.spawn.key, key);
      // The one whose tick is nearest, and of those the first.
      if (tracked.out.id === null && behind <= this.late && behind < least) [best, least] = [tracked, behind];
    }
    return best;
  }

  /** @param {number} mine @param {number} other @returns {number} ticks that the other key is later */
  #behind(mine, other) {
    const way = other - mine;
    if (this.modulo === Infinity) return way < 0 ? Infinity : way;
    return way - Math.floor(way / this.modulo) * this.modulo;
  }

  /**
   * @param {Tracked} tracked
   * @param {number} playhead
   * @param {number} left share of a difference that is left since the last update
   * @returns {boolean} whether it is still to be drawn
   */
  #goesOn(tracked, playhead, left) {
    const { spawn, out } = tracked;
    if (out.id === null) {
      if (tracked.move(playhead, this.tickRate) > (spawn.life ?? Infinity)) return false;
      if (playhead <= spawn.tick + this.late) return true;
      this.unconfirmed += 1;
      return false;
    }
    // The row is gone from the picture: it hit something.
    if (tracked.mark !== this.#mark || tracked.entity === null) return false;
    tracked.errorX *= left;
    tracked.errorY *= left;
    out.x = tracked.entity.x + tracked.errorX;
    out.y = tracked.entity.y + tracked.errorY;
    if (Math.abs(tracked.errorX) < NOTHING && Math.abs(tracked.errorY) < NOTHING) return false;
    this.hidden.add(out.id);
    return true;
  }
}

/** One of them, while it is drawn. */
class Tracked {
  mark = 0;
  errorX = 0;
  errorY = 0;
  /** The playhead when it was drawn first. */
  #begun = NaN;
  /** Of the picture. @type {Place | null} */
  entity = null;

  /** @param {Spawn} spawn */
  constructor(spawn) {
    this.spawn = spawn;
    /** @type {DrawnSpawn} */
    this.out = { key: spawn.key, x: spawn.x, y: spawn.y, vx: spawn.vx, vy: spawn.vy, data: spawn.data, id: null };
  }

  /**
   * @param {number} playhead
   * @param {number} tickRate
   * @returns {number} seconds that it has flown
   */
  move(playhead, tickRate) {
    const { spawn, out } = this;
    const { tick, seen } = spawn;
    if (Number.isNaN(this.#begun)) this.#begun = playhead;
    const begun = this.#begun;
    const ticks = playhead < tick ? ((playhead - begun) * (tick - seen)) / (tick - begun) : playhead - seen;
    const seconds = Math.max(0, ticks) / tickRate;
    out.x = spawn.x + spawn.vx * seconds;
    out.y = spawn.y + spawn.vy * seconds;
    return seconds;
  }
}
