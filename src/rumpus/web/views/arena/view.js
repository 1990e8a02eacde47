/** Arena as the shell sees it: the mock battle behind screens, matches, and what it adds to the title and results. */
import { byId } from "../../ui/dom.js";
import { recall, remember } from "../../ui/storage.js";
import { toast } from "../../ui/toasts.js";
import { Attract } from "./attract.js";
import { createRoomForm, quickPlayForm } from "./forms.js";
import { Match } from "./match.js";
import { ArenaSounds } from "./sounds.js";
import { words } from "./words.js";

/** @typedef {import("../view.js").View} View */

/** @implements {View} */
export class ArenaView {
  name = "arena";
  title = "Arena";
  showsRoom = false;
  words = words;
  /** @type {View["keys"]} */
  keys = [
    [["W", "A", "S", "D"], "move"],
    [["Mouse"], "aim and fire"],
    [["Right button", "Shift"], "rail"],
    [["Enter"], "chat"],
    [["Tab"], "scores"],
    [["M"], "mute"],
    [["N"], "net graph"],
  ];
  #attract;
  #match;
  #sounds;

  /** @param {import("../view.js").Page} page */
  constructor(page) {
    this.client = page.client;
    this.#sounds = new ArenaSounds(page.sounds);
    this.#attract = new Attract(page.stage);
    this.#match = new Match(page.client, page.stage, {
      sounds: this.#sounds,
      colours: page.colours,
      firstPicture: page.firstPicture,
    });
    byId("hud-leave").addEventListener("click", page.leave);
    byId("hud-menu").addEventListener("click", page.openMenu);
    byId("hud-chat").addEventListener("click", page.openChat);
  }

  enter() {
    // Until a match runs there is nothing of it to be seen.
  }

  leave() {
    this.#match.stop();
  }

  /** @type {View["start"]} */
  start(started) {
    this.#match.start();
    if (!started) return;
    this.#sounds.play("go");
    if (recall("hinted") || this.client.spectating) return;
    remember("hinted", "yes");
    const touch = matchMedia("(pointer: coarse)").matches;
    const played = words.played(started.settings, this.title);
    toast(
      touch
        ? "Left thumb moves, right thumb aims and fires. Pull the small ring for the rail."
        : `${played}: move with WASD, fire with the mouse, rail with its right button.`,
    );
  }

  stop() {
    this.#match.stop();
  }

  /** @param {boolean} playing */
  play(playing) {
    this.#match.play(playing);
  }

  /** @param {string} note */
  watch(note) {
    this.#match.watch(note);
  }

  /** @type {View["over"]} */
  over({ missed }) {
    if (!missed) this.#sounds.play("over");
  }

  /** @param {boolean} shown */
  backdrop(shown) {
    if (shown) this.#attract.start();
    else this.#attract.stop();
  }

  get ready() {
    return this.#match.ready;
  }

  /** @param {boolean} typing */
  typing(typing) {
    this.#match.typing(typing);
  }

  resize() {
    this.#attract.resize();
    this.#match.resize();
  }

  drawn() {
    return this.#match.view();
  }

  quickPlayForm() {
    return quickPlayForm();
  }

  settingsForm() {
    return createRoomForm();
  }

  /** @type {View["resultColumns"]} */
  resultColumns(results) {
    const scores = this.client.state?.scores ?? {};
    // A spectator who came for the end of it has the results, and may have no state.
    if (!results.some(({ player_id }) => scores[player_id]?.kills !== undefined)) return [];
    return [
      { head: "Kills", cell: ({ player_id }) => String(scores[player_id]?.kills ?? "–") },
      { head: "Deaths", cell: ({ player_id }) => String(scores[player_id]?.deaths ?? "–") },
    ];
  }

  /** @type {View["resultTitle"]} */
  resultTitle({ reason }) {
    if (this.client.room?.settings.mode !== "coop") return null;
    if (reason === "defeated") return "Overrun";
    return reason === "waves_cleared" ? "The arena is yours" : "Well fought";
  }
}
