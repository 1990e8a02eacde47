/** Tells the story of the match: leads won and lost, streaks, waves, the last seconds. */
import { make } from "../../ui/dom.js";
import { ENEMIES } from "./palette.js";

/** @typedef {import("./standings.js").Standing} Standing */
/** @typedef {import("./types.js").ArenaState} ArenaState */

/** Kills closer together than this many seconds count as one streak. */
const STREAK = 4;
const STREAKS = ["", "", "Double kill", "Triple kill", "Rampage"];

export class Narrator {
  #leader = "";
  #left = Infinity;
  #streak = 0;
  #lastKill = -Infinity;
  #lives = -1;

  /**
   * @param {import("./announcer.js").Announcer} announcer
   * @param {import("./types.js").Cast} cast
   * @param {import("./sounds.js").ArenaSounds} sounds
   */
  constructor(announcer, cast, sounds) {
    this.announcer = announcer;
    this.cast = cast;
    this.sounds = sounds;
  }

  reset() {
    this.#leader = "";
    this.#left = Infinity;
    this.#streak = 0;
    this.#lastKill = -Infinity;
    this.#lives = -1;
  }

  /**
   * @param {Standing[]} list
   * @param {ArenaState} state
   * @param {string} ownTeam
   */
  watch(list, state, ownTeam) {
    this.#watchLead(list, state, ownTeam);
    if (state.time_limit > 0) this.#watchTime(state.time_left);
    if (state.mode === "coop" && state.lives !== this.#lives) {
      if (state.lives === 0 && this.#lives > 0)
        this.announcer.announce("No lives left", {
          detail: "Whoever falls now is back with the next wave",
          tone: "bad",
        });
      this.#lives = state.lives;
    }
  }

  /**
   * @param {Standing[]} list
   * @param {ArenaState} state
   * @param {string} ownTeam
   */
  #watchLead(list, state, ownTeam) {
    if (state.mode === "coop") return;
    let leader = "";
    if (state.mode === "teams") {
      if (state.red_score !== state.blue_score) leader = state.red_score > state.blue_score ? "red" : "blue";
    } else if (list[0]?.score > (list[1]?.score ?? 0)) leader = list[0].id;
    if (leader === "" || leader === this.#leader) return;
    const before = this.#leader;
    this.#leader = leader;
    const own = state.mode === "teams" ? ownTeam : this.cast.selfId;
    if (leader === own) {
      this.announcer.announce(state.mode === "teams" ? "Your team leads" : "You take the lead", {
        tone: "good",
        seconds: 1.8,
      });
      this.sounds.play("lead");
    } else if (before === own)
      this.announcer.announce("Lead lost", {
        detail: state.mode === "teams" ? `The ${leader} team is ahead` : `${this.cast.name(leader)} is ahead`,
        tone: "bad",
        seconds: 1.8,
      });
  }

  /** @param {number} left seconds */
  #watchTime(left) {
    const before = this.#left;
    this.#left = left;
    if (!Number.isFinite(before)) return;
    if (before > 60 && left <= 60) this.announcer.announce("One minute left", { tone: "sun" });
    const second = Math.ceil(left);
    if (second >= 1 && second <= 10 && second < Math.ceil(before)) {
      if (second <= 5) this.announcer.announce(String(second), { tone: "sun", seconds: 0.9 });
      this.sounds.play("beep", second <= 3 ? 1 : 0.5);
    }
  }

  /**
   * @param {string} name
   * @param {Record<string, any>} data
   * @param {(id: string) => string} teamOf
   */
  hear(name, data, teamOf) {
    if (name === "wave") {
      this.announcer.announce(`Wave ${data.number}`, {
        detail: `${data.enemies} ${data.enemies === 1 ? "enemy" : "enemies"} on the way`,
        tone: "bad",
        seconds: 2.6,
      });
      this.sounds.play("wave");
    }
    if (name !== "kill" || data.killer !== this.cast.selfId || data.victim === data.killer) return;
    const now = performance.now() / 1000;
    this.#streak = now - this.#lastKill < STREAK ? this.#streak + 1 : 1;
    this.#lastKill = now;
    this.announcer.note(
      STREAKS[Math.min(this.#streak, STREAKS.length - 1)]
        ? `${STREAKS[Math.min(this.#streak, STREAKS.length - 1)]}: `
        : "You got ",
      this.#player(data.victim, teamOf),
    );
    this.sounds.play("kill");
  }

  /**
   * How the own ship fell.
   *
   * @param {Record<string, any>} data of the kill
   * @param {(id: string) => string} teamOf
   */
  fate(data, teamOf) {
    if (data.killer === data.victim) return make("span", { text: "You brought yourself down" });
    if (data.killer_kind === "enemy") {
      const enemy = make("b", { text: "an enemy" });
      enemy.style.color = ENEMIES.chaser;
      return make("span", {}, "Brought down by ", enemy);
    }
    return make("span", {}, "Brought down by ", this.#player(data.killer, teamOf));
  }

  /**
   * @param {string} id
   * @param {(id: string) => string} teamOf
   */
  #player(id, teamOf) {
    const name = make("b", { text: this.cast.name(id) });
    name.style.color = this.cast.colour(id, teamOf(id));
    return name;
  }
}
