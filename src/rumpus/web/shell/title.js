/**
 * The title screen: a name, and a way into a room. It only collects what the player wants; main.js does the joining.
 */
import { roomCode } from "../sdk/rumpus.js";
import { checked, CreateRoom } from "./create-room.js";
import { byId, make, show } from "../ui/dom.js";
import { languageName, languages, ownLanguage } from "./languages.js";
import { inventName } from "./names.js";
import { recall, remember } from "../ui/storage.js";

/** @typedef {import("../sdk/types.js").JoinRequest} JoinRequest */

export class TitleScreen {
  #name = byId("name", HTMLInputElement);
  #code = byId("code", HTMLInputElement);
  #language = byId("language", HTMLSelectElement);
  #suggestion = inventName();
  #room = "";
  #party = "";
  #seat = "";
  #game = "arena";
  #create = new CreateRoom(() => this.#plain);

  /** @param {{join: (request: JoinRequest) => void, enterParty: (code: string) => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.#name.value = recall("name");
    this.#name.placeholder = this.#suggestion;
    byId("play-form").addEventListener("submit", (event) => {
      event.preventDefault();
      // Enter does what the focus is about.
      if (document.activeElement === this.#code) this.#joinByCode();
      else if (document.activeElement?.closest("#create-panel")) this.#openRoom();
      else if (this.#room || this.#party) this.#accept();
      else this.#quickPlay();
    });
    byId("join-invited").addEventListener("click", () => this.#accept());
    byId("watch-invited").addEventListener("click", () => this.ask({ room: this.#room, role: "spectator" }));
    byId("decline").addEventListener("click", () => this.invite());
    byId("create").addEventListener("click", () => this.#openRoom());
    byId("join-code").addEventListener("click", () => this.#joinByCode());
    byId("open-create").addEventListener("click", () => this.#toggle("create"));
    byId("open-join").addEventListener("click", () => this.#toggle("join"));
    this.#language.addEventListener("change", () => remember("language", this.#language.value || "any"));
    this.#fillLanguages();
    const mode = recall("mode");
    for (const input of document.querySelectorAll("input[name=mode]")) {
      if (input instanceof HTMLInputElement && input.value === mode) input.checked = true;
    }
  }

  /** What the player is called, or would be. */
  get name() {
    return this.#name.value.trim() || this.#suggestion;
  }

  /**
   * Offer a room or a party from a link; nothing offers the usual choices.
   *
   * @param {{room?: string, party?: string, seat?: string}} [to]
   */
  invite({ room = "", party = "", seat = "" } = {}) {
    this.#room = room;
    this.#party = party;
    this.#seat = seat;
    byId("invite-code").textContent = party || room;
    byId("invite-what").textContent = party ? "the party" : "room";
    byId("join-invited").textContent = party ? "Enter the party" : "Join the room";
    const invited = room !== "" || party !== "";
    show(byId("invited"), invited);
    show(byId("watch-invited"), room !== "" && seat === "");
    show(byId("play-choices"), !invited);
    if (invited) this.#close();
    else if (location.search) history.replaceState(null, "", `/${location.hash}`);
  }

  open() {
    show(byId("screen-title"), true);
    this.busy(false);
    // On a phone the focus would open the keyboard over everything.
    if (!this.#name.value && matchMedia("(pointer: fine)").matches) this.#name.focus();
  }

  close() {
    show(byId("screen-title"), false);
  }

  /** While a request is on its way. @param {boolean} busy */
  busy(busy) {
    for (const control of byId("screen-title").querySelectorAll("button"))
      control.disabled = busy || control.dataset.closed === "";
    byId("quick-play").textContent = busy ? "Joining…" : "Play now";
    if (busy) this.problem("");
  }

  /** @param {string} text */
  problem(text) {
    const box = byId("problem");
    box.textContent = text;
    show(box, text !== "");
  }

  /** Another game has neither Arena's modes nor its settings. @param {string} game */
  adaptTo(game) {
    if (game === this.#game) return;
    this.#game = game;
    const arena = game === "arena";
    byId("play-form").toggleAttribute("data-plain", !arena);
    byId("tagline").replaceChildren(make("i"), game, make("i"));
    show(byId("title-keys"), arena);
    document.title = `Rumpus ${game.charAt(0).toUpperCase()}${game.slice(1)}`;
  }

  /** Join under the name in the form. @param {Omit<JoinRequest, "name">} request */
  ask(request) {
    remember("name", this.#name.value.trim());
    this.actions.join({ name: this.name, ...request });
  }

  get #plain() {
    return byId("play-form").hasAttribute("data-plain");
  }

  #accept() {
    remember("name", this.#name.value.trim());
    if (this.#party) this.actions.enterParty(this.#party);
    else this.ask(this.#seat ? { room: this.#room, seat: this.#seat } : { room: this.#room });
  }

  #quickPlay() {
    const mode = this.#plain ? "" : checked("mode");
    remember("mode", mode);
    /** @type {Record<string, any>} */
    const options = {};
    if (mode) options.settings = { mode };
    if (this.#language.value) options.language = this.#language.value;
    this.ask(Object.keys(options).length > 0 ? { options } : {});
  }

  #openRoom() {
    this.ask({ options: this.#create.options(this.#language.value) });
  }

  #joinByCode() {
    const room = roomCode(this.#code.value);
    if (room) return this.ask({ room });
    this.problem("Type the code of a room, or paste its link.");
    this.#code.focus();
  }

  #fillLanguages() {
    const chosen = recall("language") || ownLanguage();
    const known = languages();
    if (chosen !== "any" && !known.includes(chosen)) known.unshift(chosen);
    this.#language.replaceChildren(
      make("option", { value: "", text: "any language" }),
      ...known.map((code) => make("option", { value: code, text: languageName(code) })),
    );
    this.#language.value = chosen === "any" ? "" : chosen;
  }

  /** @param {"create" | "join"} which */
  #toggle(which) {
    const opening = byId(`${which}-panel`).hidden;
    this.#close();
    if (!opening) return;
    show(byId(`${which}-panel`), true);
    byId(`open-${which}`).setAttribute("aria-expanded", "true");
    byId("play-form").dataset.panel = which;
    byId(`${which}-panel`).querySelector("input")?.focus();
    byId(`${which}-panel`).scrollIntoView({ block: "nearest" });
  }

  #close() {
    delete byId("play-form").dataset.panel;
    for (const which of ["create", "join"]) {
      show(byId(`${which}-panel`), false);
      byId(`open-${which}`).setAttribute("aria-expanded", "false");
    }
  }
}
