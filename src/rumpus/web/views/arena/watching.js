/**
 * Where a match is seen from by somebody who does not play in it: behind a player of their choice, or wherever they move
 * a free camera. Arrow keys, a click or a tap choose whom to follow; dragging, WASD and the wheel are the free camera.
 */
import { byId, setText, show } from "../../ui/dom.js";
import { isTyping } from "../../ui/typing.js";

/** @typedef {import("./types.js").Entities} Entities */
/** @typedef {import("./camera.js").Camera} Camera */

/** A press that moves less than this, in CSS pixels, is a click. */
const CLICK = 8;
/** How far from a ship a click still means it, CSS pixels. */
const REACH = 70;
/** Of the free camera, screen widths per second. */
const SPEED = 0.75;
const ZOOMS = [0.5, 0.65, 0.8, 1, 1.25];
const USUAL = 3;
/** Whoever is watched stays in view for so long after leaving the match or being out, seconds; then comes the next. */
const LINGER = 1.5;

/** @type {Record<string, [number, number]>} */
const MOVES = { KeyW: [0, -1], KeyS: [0, 1], KeyA: [-1, 0], KeyD: [1, 0] };

export class Watching {
  /** Whom the camera follows; "" before the first picture. */
  id = "";
  free = false;
  /** Of the camera: 1 is what players see. */
  zoom = 1;
  #zoomStep = USUAL;
  /** @type {string[]} */
  #order = [];
  #gone = 0;
  #fresh = true;
  /** @type {Set<string>} */
  #held = new Set();
  /** The press that may become a drag. @type {{x: number, y: number, id: number, moved: boolean} | null} */
  #press = null;
  /** World units to move the camera by, from dragging. */
  #drag = { x: 0, y: 0 };
  /** Where a click wants to be answered, CSS pixels. @type {{x: number, y: number} | null} */
  #click = null;
  /** @type {AbortController | null} */
  #listening = null;
  #note = "";

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./types.js").Cast} cast
   */
  constructor(canvas, cast) {
    this.canvas = canvas;
    this.cast = cast;
  }

  get active() {
    return this.#listening !== null;
  }

  /** @param {string} note what is said above the name */
  start(note) {
    this.#note = note;
    if (this.active) return;
    this.id = "";
    this.free = false;
    this.#fresh = true;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    window.addEventListener("keydown", (event) => this.#key(event), { signal });
    window.addEventListener("keyup", (event) => this.#held.delete(event.code), { signal });
    window.addEventListener("blur", () => this.#held.clear(), { signal });
    this.canvas.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    this.canvas.addEventListener("pointermove", (event) => this.#move(event), { signal });
    this.canvas.addEventListener("pointerup", (event) => this.#up(event), { signal });
    this.canvas.addEventListener("pointercancel", () => (this.#press = null), { signal });
    this.canvas.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
    byId("watch-previous").addEventListener("click", () => this.step(-1), { signal });
    byId("watch-next").addEventListener("click", () => this.step(1), { signal });
    byId("watch-free").addEventListener("click", () => (this.free = !this.free), { signal });
    byId("ladder").addEventListener("click", (event) => this.#pick(event), { signal });
    show(byId("watch-bar"), true);
    document.body.toggleAttribute("data-watching", true);
  }

  stop() {
    this.#listening?.abort();
    this.#listening = null;
    this.#held.clear();
    this.#press = null;
    this.#zoomStep = USUAL;
    this.zoom = 1;
    show(byId("watch-bar"), false);
    document.body.toggleAttribute("data-free-camera", false);
    document.body.toggleAttribute("data-watching", false);
  }

  /** Follow the next player, or the one before. @param {number} by */
  step(by) {
    if (this.#order.length === 0) return;
    // Out of the free camera one comes back to whom one has followed before.
    if (this.free) this.free = false;
    else this.id = this.#order[(this.#order.indexOf(this.id) + by + this.#order.length) % this.#order.length];
  }

  /**
   * Move the camera for one frame.
   *
   * @param {Entities} entities
   * @param {import("./standings.js").Standing[]} ranking
   * @param {Camera} camera
   * @param {number} ratio device pixels per CSS pixel
   * @param {number} elapsed seconds
   */
  update(entities, ranking, camera, ratio, elapsed) {
    // Players come in the order of the ladder, so that "next" is what one expects from the list on the screen.
    const here = ranking.map((line) => line.id).filter((id) => entities.players.has(id));
    const playing = here.filter((id) => this.cast.absence(id) !== "out");
    this.#order = playing.length > 0 ? playing : here.length > 0 ? here : [...entities.players.keys()];
    this.#answerClick(entities, camera, ratio);
    this.#steer(camera, elapsed);
    const ship = entities.players.get(this.id);
    this.#gone = this.#order.includes(this.id) ? 0 : this.#gone + elapsed;
    if (this.id === "" || this.#gone > LINGER) this.id = this.#order[0] ?? "";
    if (!this.free && ship) {
      const share = this.#fresh ? 1 : 1 - Math.exp(-elapsed * 6);
      camera.x += (ship.x - camera.x) * share;
      camera.y += (ship.y - camera.y) * share;
      this.#fresh = false;
    }
    this.#write(ship?.team ?? "");
  }

  /** @param {string} team */
  #write(team) {
    setText(byId("watch-note"), this.free ? "Free camera" : this.#note);
    setText(byId("watch-name"), this.free ? "WASD or drag" : this.id ? this.cast.name(this.id) : "Nobody is here");
    byId("watch-name").style.color = this.free || !this.id ? "" : this.cast.colour(this.id, team);
    byId("watch-free").setAttribute("aria-pressed", String(this.free));
    document.body.toggleAttribute("data-free-camera", this.free);
  }

  /**
   * @param {Camera} camera
   * @param {number} elapsed
   */
  #steer(camera, elapsed) {
    let [x, y] = [0, 0];
    for (const code of this.#held) {
      x += MOVES[code]?.[0] ?? 0;
      y += MOVES[code]?.[1] ?? 0;
    }
    if (x || y) {
      this.free = true;
      const step = ((SPEED * Math.max(camera.width, camera.height)) / camera.scale / Math.hypot(x, y)) * elapsed;
      camera.x += x * step;
      camera.y += y * step;
    }
    camera.x -= this.#drag.x / camera.scale;
    camera.y -= this.#drag.y / camera.scale;
    this.#drag.x = this.#drag.y = 0;
  }

  /**
   * A click on a ship follows it, a click beside all of them the next one.
   *
   * @param {Entities} entities
   * @param {Camera} camera
   * @param {number} ratio
   */
  #answerClick(entities, camera, ratio) {
    const click = this.#click;
    this.#click = null;
    if (!click) return;
    let [nearest, least] = ["", REACH];
    for (const [id, ship] of entities.players) {
      const distance = Math.hypot(camera.screenX(ship.x) / ratio - click.x, camera.screenY(ship.y) / ratio - click.y);
      if (ship.alive && distance < least) [nearest, least] = [id, distance];
    }
    if (!nearest || nearest === this.id) return this.step(1);
    this.id = nearest;
    this.free = false;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (MOVES[event.code]) this.#held.add(event.code);
    else if (event.code === "ArrowRight" || event.code === "ArrowDown") this.step(1);
    else if (event.code === "ArrowLeft" || event.code === "ArrowUp") this.step(-1);
    else if (event.code === "KeyF" && !event.repeat) this.free = !this.free;
    else return;
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (this.#press || event.button !== 0) return;
    this.#press = { x: event.clientX, y: event.clientY, id: event.pointerId, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const press = this.#press;
    if (!press || press.id !== event.pointerId) return;
    const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
    if (!press.moved && Math.hypot(dx, dy) < CLICK) return;
    press.moved = this.free = true;
    const ratio = this.canvas.width / Math.max(1, this.canvas.clientWidth);
    this.#drag.x += dx * ratio;
    this.#drag.y += dy * ratio;
    [press.x, press.y] = [event.clientX, event.clientY];
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (this.#press?.id !== event.pointerId) return;
    if (!this.#press.moved) {
      const box = this.canvas.getBoundingClientRect();
      this.#click = { x: event.clientX - box.left, y: event.clientY - box.top };
    }
    this.#press = null;
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    if (event.deltaY === 0) return;
    this.#zoomStep = Math.max(0, Math.min(ZOOMS.length - 1, this.#zoomStep - Math.sign(event.deltaY)));
    this.zoom = ZOOMS[this.#zoomStep];
  }

  /** @param {Event} event */
  #pick(event) {
    const line = event.target instanceof HTMLElement ? event.target.closest("[data-player]") : null;
    const id = line instanceof HTMLElement ? line.dataset.player : undefined;
    if (!id) return;
    this.id = id;
    this.free = false;
  }
}
