/**
 * What happens in a match as it concerns the player at this screen: marks of hits, wounds, the line of kills, who it was
 * that brought one down. Light and sound that everybody sees are made in effects.js.
 */

/** @typedef {import("../../sdk/types.js").GameEvent} GameEvent */
/** @typedef {import("./types.js").Entities} Entities */

/**
 * @typedef {object} Parts what shows it
 * @property {import("./overlay.js").Overlay} overlay
 * @property {import("./hud.js").Hud} hud
 * @property {ReturnType<typeof import("./feed.js").createFeed>} feed
 * @property {import("./narrator.js").Narrator} narrator
 */

export class Reactions {
  /**
   * @param {import("./types.js").Cast} cast
   * @param {Parts} parts
   */
  constructor(cast, parts) {
    this.cast = cast;
    this.parts = parts;
  }

  /**
   * Whether an event is of the player's own present, and so is shown as it is heard of instead of when the picture of the
   * others gets to it: what happens to the own ship, which is drawn in the present, and what came of a rail, whose beam
   * has been drawn long since.
   *
   * @param {GameEvent} event
   */
  isOwn({ name, data }) {
    const { selfId } = this.cast;
    if (name === "hit") return data.target === selfId || (data.by === selfId && data.weapon === "rail");
    if (name === "kill") return data.victim === selfId;
    if (name === "rail") return data.by === selfId || data.target === selfId;
    return (name === "respawn" || name === "pickup") && data.player === selfId;
  }

  /**
   * @param {GameEvent} event
   * @param {Entities} entities
   */
  to({ name, data }, entities) {
    const { overlay, hud, feed, narrator } = this.parts;
    const { selfId } = this.cast;
    const teamOf = (/** @type {string} */ id) => entities.scores.get(id)?.team ?? "";
    if (name === "hit" && data.by === selfId && data.target !== selfId) overlay.hit(false);
    if (name === "hit" && data.target === selfId) {
      const source = entities.players.get(data.by) ?? entities.enemies.get(data.by);
      const own = entities.players.get(selfId);
      if (own)
        overlay.wound(
          source ? Math.atan2(source.y - own.y, source.x - own.x) : Math.atan2(data.y - own.y, data.x - own.x),
          data.damage,
        );
      hud.hurt(0.16 + data.damage / 70);
    }
    if (name === "enemy_down" && data.by === selfId) overlay.hit(true);
    if (name === "kill") {
      feed.add(/** @type {any} */ (data), teamOf);
      if (data.killer === selfId && data.victim !== selfId) overlay.hit(true);
      if (data.victim === selfId) hud.fellTo(narrator.fate(data, teamOf));
    }
    narrator.hear(name, data, teamOf);
  }
}
