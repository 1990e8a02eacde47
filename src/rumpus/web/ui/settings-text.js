/** A room's settings in words: names, values, and what has changed between two of them. */
import { capital, clockText, MODE_NAMES } from "./dom.js";

/** @type {Record<string, string>} */
const NAMES = {
  mode: "Mode",
  time_limit: "Time",
  score_limit: "Score to win",
  friendly_fire: "Friendly fire",
  enemies: "Enemies",
  waves: "Waves",
  lives: "Lives",
};

/** @param {string} name */
export function settingName(name) {
  return NAMES[name] ?? capital(name.replaceAll("_", " "));
}

/**
 * @param {string} name
 * @param {any} value
 * @returns {string}
 */
export function settingText(name, value) {
  if (name === "mode") return MODE_NAMES[value] ?? capital(String(value));
  if (name === "time_limit") return value > 0 ? duration(value) : "no limit";
  if (name === "score_limit") return value > 0 ? String(value) : "no limit";
  if (name === "enemies") return value === null ? "usual" : value === 0 ? "none" : String(value);
  if (typeof value === "boolean") return value ? "on" : "off";
  return value === null || value === undefined ? "usual" : String(value);
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds % 60) return clockText(seconds);
  return seconds === 60 ? "1 minute" : `${seconds / 60} minutes`;
}

/**
 * A set of changes as one line, for votes.
 *
 * @param {Record<string, any>} changes
 */
export function changesText(changes) {
  return Object.entries(changes)
    .map(([name, value]) =>
      name === "mode" ? settingText(name, value) : `${settingName(name).toLowerCase()} ${settingText(name, value)}`,
    )
    .join(", ");
}

/**
 * Whether a setting matters: what a mode does not have is not worth a line.
 *
 * @param {string} name
 * @param {Record<string, any>} settings
 */
export function isToldOf(name, settings) {
  if (name === "score_limit") return settings.mode !== "coop" && settings.mode !== "elimination";
  if (name === "lives")
    return settings.mode === undefined || settings.mode === "coop" || settings.mode === "elimination";
  return true;
}
