/** Numbers and bars of one's own ship and of the match. Reads the state, writes the document, and only what changed. */
import { byId, clockText, make, setText, show } from "../../ui/dom.js";

/** @typedef {import("./types.js").ArenaState} ArenaState */
/** @typedef {import("./types.js").Ship} Ship */

const RING = 276.5;

export class Hud {
  #health = byId("hud-health");
  #shield = byId("hud-shield");
  #score = byId("hud-score");
  #time = byId("hud-time");
  #goal = byId("hud-goal");
  #bars = {
    health: byId("bar-health"),
    ghost: byId("bar-ghost"),
    shield: byId("bar-shield"),
    weapon: byId("bar-weapon"),
    rail: byId("bar-rail"),
  };
  #railBar = /** @type {HTMLElement} */ (byId("bar-rail").parentElement);
  #healthBar = /** @type {HTMLElement} */ (byId("bar-health").parentElement);
  #vitals = /** @type {HTMLElement} */ (document.querySelector(".vitals"));
  #clock = /** @type {HTMLElement} */ (document.querySelector(".clock"));
  #fallenBy = byId("fallen-by");
  #longest = 0;
  #hurt = 0;
  #buffs = "";
  /** @type {Record<string, string>} */
  #written = {};

  /** @param {boolean} shown */
  show(shown) {
    show(byId("hud"), shown);
    if (!shown) this.reset();
  }

  reset() {
    this.#hurt = 0;
    this.#longest = 0;
    show(byId("fallen"), false);
    byId("hurt").style.opacity = "0";
  }

  /** The edges of the screen flash red. @param {number} strength 0 to 1 */
  hurt(strength) {
    this.#hurt = Math.min(1, this.#hurt + strength);
  }

  /**
   * @param {Ship} ship
   * @param {number} score
   * @param {number} loading how far its gun is from being ready, 0 to 1
   * @param {number} charge of its rail, 0 to 1
   * @param {ArenaState} state
   * @param {number} elapsed seconds
   */
  drawShip(ship, score, loading, charge, state, elapsed) {
    const hp = ship.alive ? Math.max(0, Math.ceil(ship.hp)) : 0;
    setText(this.#health, String(hp));
    setText(this.#shield, String(Math.ceil(ship.shield)));
    setText(this.#score, String(score));
    this.#scale("health", hp / 100);
    this.#scale("ghost", hp / 100);
    this.#scale("shield", ship.shield / 50);
    this.#scale("weapon", 1 - loading);
    this.#scale("rail", charge);
    this.#railBar.classList.toggle("ready", charge >= 1);
    this.#healthBar.classList.toggle("dire", hp <= 30);
    this.#healthBar.classList.toggle("hurtful", hp > 30 && hp <= 55);
    this.#vitals.classList.toggle("rapid", ship.rapid);
    this.#drawBuffs(ship);
    this.#drawFallen(ship, state);
    // A faint red pulse stays while little health is left.
    const dire = ship.alive && hp <= 30 ? 0.3 + 0.1 * Math.sin(performance.now() / 180) : 0;
    this.#hurt = Math.max(0, this.#hurt - elapsed * 1.9);
    const opacity = Math.max(this.#hurt, dire).toFixed(2);
    if (this.#written.hurt !== opacity) byId("hurt").style.opacity = this.#written.hurt = opacity;
  }

  /**
   * The ship of somebody else, as whoever watches sees it: its health, and nothing that belongs to steering.
   *
   * @param {Ship | undefined} ship
   * @param {number} score
   */
  drawWatched(ship, score) {
    const hp = ship?.alive ? Math.max(0, Math.ceil(ship.hp)) : 0;
    setText(this.#health, String(hp));
    setText(this.#shield, String(Math.ceil(ship?.shield ?? 0)));
    setText(this.#score, String(score));
    this.#scale("health", hp / 100);
    this.#scale("ghost", hp / 100);
    this.#scale("shield", (ship?.shield ?? 0) / 50);
    this.#healthBar.classList.toggle("dire", hp <= 30);
    this.#healthBar.classList.toggle("hurtful", hp > 30 && hp <= 55);
    if (ship) this.#drawBuffs(ship);
    show(byId("fallen"), false);
  }

  /**
   * @param {"health" | "ghost" | "shield" | "weapon" | "rail"} bar
   * @param {number} share
   */
  #scale(bar, share) {
    const transform = `scaleX(${Math.max(0, Math.min(1, share)).toFixed(3)})`;
    if (this.#written[bar] === transform) return;
    this.#written[bar] = transform;
    this.#bars[bar].style.transform = transform;
  }

  /** @param {Ship} ship */
  #drawBuffs(ship) {
    const buffs = [
      ship.rapid ? "rapid" : "",
      ship.shield > 0 ? "shield" : "",
      ship.protected && ship.alive ? "protected" : "",
    ];
    const key = buffs.join();
    if (key === this.#buffs) return;
    this.#buffs = key;
    /** @type {Record<string, string>} */
    const texts = { rapid: "Rapid fire", shield: "Shield", protected: "Protected" };
    byId("buffs").replaceChildren(
      ...buffs.filter(Boolean).map((buff) => make("span", { class: `buff ${buff}`, text: texts[buff] })),
    );
  }

  /** @param {Node | string} content */
  fellTo(content) {
    this.#fallenBy.replaceChildren(content);
  }

  /**
   * @param {Ship} ship
   * @param {ArenaState} state
   */
  #drawFallen(ship, state) {
    show(byId("fallen"), !ship.alive);
    if (ship.alive) {
      this.#longest = 0;
      return;
    }
    // Out of lives in co-op: there is no countdown, the ship comes back with the next wave.
    // In elimination it does not come back in this match.
    const isOut = state.mode === "elimination" && ship.respawn_in <= 0;
    const waiting = isOut || (state.mode === "coop" && state.lives === 0 && ship.respawn_in <= 0);
    setText(
      byId("fallen-note"),
      isOut
        ? "Out of lives: watch who is the last one standing"
        : waiting
          ? "Out of lives: you are back when this wave is over"
          : "Back in the fight in a moment",
    );
    this.#longest = Math.max(this.#longest, ship.respawn_in);
    setText(byId("fallen-count"), waiting ? "–" : String(Math.max(1, Math.ceil(ship.respawn_in))));
    const share = this.#longest > 0 ? Math.max(0, ship.respawn_in) / this.#longest : 0;
    byId("fallen-ring").style.strokeDashoffset = String(RING * (1 - share));
  }

  /** @param {ArenaState} state */
  drawMatch(state) {
    const timed = state.time_limit > 0;
    setText(this.#time, timed ? clockText(state.time_left) : state.mode === "coop" ? `Wave ${state.wave}` : "∞");
    this.#clock.classList.toggle("late", timed && state.time_left <= 10);
    setText(this.#goal, goal(state, timed));
    this.#drawTeam("score-red", state.mode === "teams", state.red_score);
    this.#drawTeam("score-blue", state.mode === "teams", state.blue_score);
  }

  /**
   * @param {string} id of the box
   * @param {boolean} shown
   * @param {number} score
   */
  #drawTeam(id, shown, score) {
    const box = byId(id);
    show(box, shown);
    if (shown) setText(/** @type {HTMLElement} */ (box.querySelector("span")), String(score));
  }

  /**
   * @param {number} rtt seconds
   * @param {number} fps
   */
  drawMeters(rtt, fps) {
    setText(byId("hud-ping"), rtt > 0 ? String(Math.round(rtt * 1000)) : "–");
    setText(byId("hud-fps"), String(Math.round(fps)));
  }
}

/**
 * What there is to do, in a line.
 *
 * @param {ArenaState} state
 * @param {boolean} timed whether there is a clock above it
 */
export function goal(state, timed) {
  if (state.mode === "coop") {
    const enemies = state.enemies_left;
    const lives = `${state.lives} ${state.lives === 1 ? "life" : "lives"}`;
    return `${timed ? `Wave ${state.wave} · ` : ""}${enemies} ${enemies === 1 ? "enemy" : "enemies"} · ${lives}`;
  }
  return state.score_limit > 0 ? `first to ${state.score_limit}` : MODES[state.mode];
}

const MODES = { ffa: "free for all", teams: "red against blue", coop: "co-op", elimination: "the last one standing" };
