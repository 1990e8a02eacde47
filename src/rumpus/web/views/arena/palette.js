/**
 * The colours of Arena: a cold, dark floor, so that everything that matters is what glows. Hot colours (crimson, amber)
 * belong to the enemies; players have theirs from ui/palette.js. Teams are never told apart by colour alone: see the
 * marks in sprites.js.
 */

/** Where the rail is told of; its beam has the colour of who fires it. */
export const RAIL = "#c9a2ff";

export const ENEMIES = { chaser: "#ff3f63", shooter: "#ff9f3a" };

/** @type {Record<string, string>} */
export const PICKUPS = { health: "#5dffa0", rapid: "#ffe45c", shield: "#62c8ff" };
