/**
 * The pages of the title screen: which one is shown follows from the address, so links and the back button work. While a
 * room is open the title is not shown, and neither are they.
 */
import { guestAccount } from "./account.js";
import { ask } from "./api.js";
import { byId, setText, show } from "../ui/dom.js";
import { LeaderboardPage } from "./leaderboard.js";
import { ProfilePage } from "./profile.js";
import { route } from "./routes.js";
import { recall, remember } from "../ui/storage.js";

/** @typedef {import("./routes.js").Page} Page */
/** @typedef {import("../ui/words.js").Words} Words */

/** @type {Page[]} */
const PAGES = ["home", "rooms", "leaderboard", "player"];

export class TitlePages {
  #shown = false;
  #leaderboard;
  #profile;
  /** Of the guest key, which stays the same. */
  #account = "";

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {{play: () => void, words: (game: string) => Words}} actions
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    const account = () => (this.#account ||= guestAccount(client.guest));
    this.account = account;
    this.#leaderboard = new LeaderboardPage({ account, ...actions });
    this.#profile = new ProfilePage({ account, words: actions.words });
    client.on("rated", ({ ratings }) => {
      if (ratings.some((rating) => rating.player_id === client.playerId)) remember("rated", "yes");
    });
    window.addEventListener("hashchange", () => this.#shown && this.#show());
  }

  open() {
    if (this.#shown) return;
    this.#shown = true;
    this.#show();
    void this.#drawMe();
  }

  close() {
    this.#shown = false;
    this.#leaderboard.close();
    this.#profile.close();
  }

  #show() {
    const { page, path, query } = route();
    const screen = byId("screen-title");
    screen.dataset.page = page;
    for (const name of PAGES) show(byId(`page-${name}`), name === page);
    for (const link of screen.querySelectorAll(".top-bar nav a")) {
      const here = /** @type {HTMLElement} */ (link).dataset.page === page;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    screen.scrollTop = 0;
    if (page === "leaderboard") this.#leaderboard.open(query);
    if (page === "player") this.#profile.open(path);
  }

  /** The own name and rating, for those who have one. */
  async #drawMe() {
    const account = this.account();
    // Who has never been rated has nothing to be asked for.
    if (!account || !recall("rated")) return;
    try {
      /** @type {import("./api.js").Profile} */
      const me = await ask(`/api/players/${encodeURIComponent(account)}`);
      setText(byId("me-name"), me.name);
      setText(byId("me-rating"), String(Math.round(me.rating)));
      show(byId("me-chip"), true);
    } catch {
      // It is not there for the moment.
    }
  }
}
