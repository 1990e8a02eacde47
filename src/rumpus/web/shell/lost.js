/**
 * What lies over everything while a seat is not connected: the connection is gone and what is being done about it, the
 * page has just been loaded and is coming back, or the seat went to another tab.
 */
import { byId, setText, show } from "../ui/dom.js";

/** @typedef {{attempt: number, retryAt: number, seatUntil: number}} Attempt times as performance.now(); 0: not known */

export class LostOverlay {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {{retry: () => void, leave: () => void}} actions */
  constructor({ retry, leave }) {
    byId("lost-retry").addEventListener("click", retry);
    byId("lost-leave").addEventListener("click", leave);
  }

  /** The connection broke, or broke again. @param {Attempt} attempt */
  open({ attempt, retryAt, seatUntil }) {
    setText(byId("lost-title"), "Connection lost");
    this.#show(() => {
      const left = Math.ceil((retryAt - performance.now()) / 1000);
      const text = left > 0 ? `Attempt ${attempt} in ${left} s` : `Attempt ${attempt}: connecting…`;
      setText(byId("lost-detail"), `Trying to get you back into your room. ${text}`);
      this.#drawHeld(seatUntil);
    });
  }

  /** The page was loaded again in the middle of a match. */
  comingBack() {
    setText(byId("lost-title"), "Coming back…");
    setText(byId("lost-detail"), "Your seat is kept for you.");
    show(byId("lost-held"), false);
    this.#show(() => {});
    show(byId("lost-retry"), false);
  }

  close() {
    clearInterval(this.#timer);
    show(byId("overlay-lost"), false);
  }

  get shown() {
    return !byId("overlay-lost").hidden;
  }

  /** @param {() => void} draw */
  #show(draw) {
    clearInterval(this.#timer);
    this.#timer = setInterval(draw, 200);
    draw();
    const opening = byId("overlay-lost").hidden;
    show(byId("lost-retry"), true);
    show(byId("overlay-lost"), true);
    if (opening) byId("lost-retry").focus();
  }

  /** @param {number} until */
  #drawHeld(until) {
    const held = byId("lost-held");
    const left = Math.ceil((until - performance.now()) / 1000);
    show(held, until > 0);
    held.classList.toggle("over", left <= 0);
    setText(held, left > 0 ? `Your seat is held for ${left} s more` : "Your seat may be gone by now");
  }
}

/** The seat went to another tab of the same browser. */
export class TakenOverlay {
  /** @param {{here: () => void, leave: () => void}} actions */
  constructor({ here, leave }) {
    byId("taken-here").addEventListener("click", here);
    byId("taken-leave").addEventListener("click", leave);
  }

  open() {
    show(byId("overlay-taken"), true);
    byId("taken-here").focus();
  }

  close() {
    show(byId("overlay-taken"), false);
  }
}
