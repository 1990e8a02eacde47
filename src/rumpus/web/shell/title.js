/**
 * The title screen: a name, and a way into a room. It only collects what the player wants; main.js does the joining.
 */
import { roomCode } from "../sdk/rumpus.js";
import { byId, capital, make, show } from "../ui/dom.js";
import { recall, remember } from "../ui/storage.js";
import { CreateRoom } from "./create-room.js";
import { languageName, languages, ownLanguage } from "./languages.js";
import { inventName } from "./names.js";

/** @typedef {import("../sdk/types.js").JoinRequest} JoinRequest */
/** @typedef {import("../views/view.js").View} View */

export class TitleScreen {
  #name = byId("name", HTMLInputElement);
  #code = byId("code", HTMLInputElement);
  #language = byId("language", HTMLSelectElement);
  #suggestion = inventName();
  #room = "";
  #party = "";
  #seat = "";
  /** @type {View | null} */
  #view = null;
  /** What may be chosen of quick play. @type {import("../ui/fields.js").Field | null} */
  #choices = null;
  #create = new CreateRoom();

  /**
   * @param {View} view of the game that is played here as far as is known
   * @param {{join: (request: JoinRequest) => void, enterParty: (code: string) => void}} actions
   */
  constructor(view, actions) {
    this.actions = actions;
    this.#offer(view);
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

  /** Another game has other modes, settings and keys. @param {View} view */
  adaptTo(view) {
    if (view !== this.#view) this.#offer(view);
  }

  /** Join under the name in the form. @param {Omit<JoinRequest, "name">} request */
  ask(request) {
    remember("name", this.#name.value.trim());
    this.actions.join({ name: this.name, ...request });
  }

  /** @param {View} view */
  #offer(view) {
    this.#view = view;
    document.title = `Rumpus ${capital(view.title)}`;
    byId("tagline").replaceChildren(make("i"), view.title, make("i"));
    this.#choices = view.quickPlayForm();
    byId("quick-play-form").replaceChildren(...(this.#choices ? [this.#choices.element] : []));
    this.#create.adaptTo(view);
    // Until here the form had places for fields that were not there.
    byId("play-form").dataset.view = view.name;
    const keys = byId("title-keys");
    keys.replaceChildren(...view.keys.flatMap(([caps, meaning], index) => keyHint(caps, meaning, index > 0)));
    show(keys, view.keys.length > 0);
  }

  #accept() {
    remember("name", this.#name.value.trim());
    if (this.#party) this.actions.enterParty(this.#party);
    else this.ask(this.#seat ? { room: this.#room, seat: this.#seat } : { room: this.#room });
  }

  #quickPlay() {
    const settings = this.#choices?.read() ?? {};
    /** @type {Record<string, any>} */
    const options = {};
    if (Object.keys(settings).length > 0) options.settings = settings;
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

/**
 * @param {string[]} caps keys that all do this
 * @param {string} meaning
 * @param {boolean} apart from a hint before it
 */
function keyHint(caps, meaning, apart) {
  // Letters that lie under one hand stand together.
  const keys = caps.flatMap((text, index) => [index > 0 && text.length > 1 ? " " : "", make("kbd", { text })]);
  return [...(apart ? [make("b"), " "] : []), ...keys, ` ${meaning} `];
}
