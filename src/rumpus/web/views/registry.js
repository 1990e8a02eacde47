/**
 * Which game has which view. A game without one of its own gets the view that shows any game. To give a game its own,
 * write an object as view.js describes it and add its class here, by the game's name.
 */
import { ArenaView } from "./arena/view.js";
import { GenericView } from "./generic/view.js";

/** @typedef {import("./view.js").Page} Page */
/** @typedef {import("./view.js").View} View */
/** @typedef {new (page: Page, game: string) => View} ViewClass */

/** @type {Map<string, ViewClass>} */
const VIEWS = new Map([["arena", ArenaView]]);

/** Whose view is shown as long as the server has not said what is played on it. */
export const DEFAULT_GAME = "arena";

export class Views {
  /** @type {Map<string, View>} */
  #made = new Map();

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /** The view of a game, made when it is first asked for. @param {string} [game] */
  of(game = DEFAULT_GAME) {
    let view = this.#made.get(game);
    if (!view) {
      const View = VIEWS.get(game) ?? GenericView;
      view = new View(this.page, game);
      this.#made.set(game, view);
    }
    return view;
  }
}
