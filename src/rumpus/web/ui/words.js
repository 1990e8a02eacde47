/**
 * What a game's modes, settings and endings are called. A game says what is its own; what many games have in common is
 * said here, and all else is called by its bare name.
 */
import { capital, clockText } from "./dom.js";

/**
 * What a game has words of its own for. All of it may be left out.
 *
 * @typedef {object} OwnWords
 * @property {Record<string, string>} [modes] values of the setting `mode`, the usual one first
 * @property {Record<string, string>} [reasons] why a match ended
 * @property {Record<string, string>} [settings] names of settings
 * @property {Record<string, any[]>} [offered] a few good values of a setting
 * @property {(name: string, value: any) => string | undefined} [value] of a setting; undefined where there is no word
 * @property {(name: string, settings: Record<string, any>) => boolean} [matters] whether a setting means anything
 *   beside the others
 */

/** What players everywhere abbreviate. @type {Record<string, string>} */
const MODES = { ffa: "Free for all", coop: "Co-op" };

/** @type {Record<string, string>} */
const REASONS = {
  score_limit: "Score limit reached",
  time_limit: "Time is up",
  last_standing: "The last one standing",
  players_left: "Everybody else has left",
  abandoned: "Everybody has left",
  server_stopped: "The server was stopped",
  reset: "Called off",
};

/** @type {Record<string, string>} */
const SETTINGS = { time_limit: "Time", score_limit: "Score to win" };

/** @type {Record<string, any[]>} */
const OFFERED = { time_limit: [60, 120, 180, 300, 600, 0], score_limit: [5, 10, 20, 40, 0], lives: [1, 3, 5, 10] };

export class Words {
  /** @param {OwnWords} [own] */
  constructor(own = {}) {
    this.own = own;
  }

  /**
   * What is played in a room: its mode, or for a game without modes the game.
   *
   * @param {Record<string, any> | null | undefined} settings
   * @param {string} game
   */
  played(settings, game) {
    const mode = settings?.mode;
    return typeof mode === "string" && mode !== "" ? this.mode(mode) : capital(game);
  }

  /** @param {string} mode */
  mode(mode) {
    return this.own.modes?.[mode] ?? MODES[mode] ?? spelled(mode);
  }

  /** Modes in the game's order: a schema has the alphabet's, and people think of the usual one. @param {any[]} modes */
  sorted(modes) {
    const usual = Object.keys(this.own.modes ?? {});
    const place = (/** @type {any} */ mode) => (usual.includes(mode) ? usual.indexOf(mode) : usual.length);
    return [...modes].sort((a, b) => place(a) - place(b));
  }

  /** Why a match ended. @param {string} reason */
  reason(reason) {
    return this.own.reasons?.[reason] ?? REASONS[reason] ?? spelled(reason);
  }

  /** @param {string} name of a setting */
  setting(name) {
    return this.own.settings?.[name] ?? SETTINGS[name] ?? spelled(name);
  }

  /**
   * @param {string} name of a setting
   * @param {any} value
   * @returns {string}
   */
  value(name, value) {
    const own = this.own.value?.(name, value);
    if (own !== undefined) return own;
    if (name === "mode") return this.mode(String(value));
    if (name === "time_limit") return value > 0 ? duration(value) : "no limit";
    if (name === "score_limit") return value > 0 ? String(value) : "no limit";
    if (typeof value === "boolean") return value ? "on" : "off";
    return value === null || value === undefined ? "usual" : String(value);
  }

  /** A set of changes as one line, for votes. @param {Record<string, any>} changes */
  changes(changes) {
    return Object.entries(changes)
      .map(([name, value]) =>
        name === "mode" ? this.value(name, value) : `${this.setting(name).toLowerCase()} ${this.value(name, value)}`,
      )
      .join(", ");
  }

  /** A few good values of a setting, if there are such. @param {string} name @returns {any[] | undefined} */
  offered(name) {
    return this.own.offered?.[name] ?? OFFERED[name];
  }

  /**
   * Whether a setting is worth a line: not what this mode does not have.
   *
   * @param {string} name
   * @param {Record<string, any>} settings
   */
  matters(name, settings) {
    return this.own.matters?.(name, settings) ?? true;
  }
}

/** @param {string} name "last_one" is "Last one" */
function spelled(name) {
  return capital(name.replaceAll("_", " "));
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds % 60) return clockText(seconds);
  return seconds === 60 ? "1 minute" : `${seconds / 60} minutes`;
}
