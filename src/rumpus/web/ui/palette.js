/**
 * Who has which colour, the same all over the page: in lists, in the chat, and in the picture of a match.
 *
 * You are always cyan, and nobody else is; other players get the rest of the circle, but for the hot colours, which are
 * left to what is dangerous. Teams are coral and blue.
 */
export const SELF = "#4fe6ff";

export const OTHERS = [
  "#ffe06b",
  "#ff86c8",
  "#a8f05a",
  "#b79bff",
  "#f3ead6",
  "#57efb0",
  "#7f9dff",
  "#e59bff",
  "#d5f279",
  "#ffb3a1",
  "#9fc4d8",
];

/** @type {Record<string, string>} */
export const TEAMS = { red: "#ff6f6f", blue: "#58a8ff", green: "#7be36a", yellow: "#ffd75e" };

/** Gives every player a colour and keeps it for as long as the player is around. */
export class Colours {
  /** @type {Map<string, number>} */
  #slots = new Map();
  selfId = "";

  /**
   * @param {string} id
   * @param {string | null} [team]
   * @returns {string}
   */
  of(id, team) {
    if (team && TEAMS[team]) return TEAMS[team];
    if (id === this.selfId) return SELF;
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      // Start at the id's hash, so that most people see most players in the same colour, and take the next free one.
      slot = hash(id) % OTHERS.length;
      const taken = new Set(this.#slots.values());
      for (let step = 0; step < OTHERS.length && taken.has(slot); step += 1) slot = (slot + 1) % OTHERS.length;
      this.#slots.set(id, slot);
    }
    return OTHERS[slot];
  }

  /** @param {Iterable<string>} ids of those still in the room */
  keep(ids) {
    const present = new Set(ids);
    for (const id of this.#slots.keys()) if (!present.has(id)) this.#slots.delete(id);
  }
}

/** @param {string} text */
function hash(text) {
  let value = 2166136261;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  return value >>> 0;
}

/**
 * @param {string} colour "#rrggbb"
 * @param {number} alpha 0 to 1
 * @returns {string}
 */
export function fade(colour, alpha) {
  const value = parseInt(colour.slice(1), 16);
  return `rgba(${value >> 16},${(value >> 8) & 255},${value & 255},${alpha})`;
}

/**
 * @param {string} from "#rrggbb"
 * @param {string} to "#rrggbb"
 * @param {number} share 0 gives `from`, 1 gives `to`
 * @returns {string} "#rrggbb"
 */
export function mix(from, to, share) {
  const a = parseInt(from.slice(1), 16);
  const b = parseInt(to.slice(1), 16);
  let value = 0;
  for (const shift of [16, 8, 0]) {
    const start = (a >> shift) & 255;
    value |= Math.round(start + (((b >> shift) & 255) - start) * share) << shift;
  }
  return `#${value.toString(16).padStart(6, "0")}`;
}
