/** The overlay that says that the connection is gone, and what is being done about it. */
import { byId, setText, show } from "./dom.js";

export class LostOverlay {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {{retry: () => void, leave: () => void}} actions */
  constructor({ retry, leave }) {
    byId("lost-retry").addEventListener("click", retry);
    byId("lost-leave").addEventListener("click", leave);
  }

  /**
   * @param {number} attempt
   * @param {number} retryAt as performance.now()
   */
  open(attempt, retryAt) {
    const draw = () => {
      const left = Math.ceil((retryAt - performance.now()) / 1000);
      const text = left > 0 ? `Attempt ${attempt} in ${left} s` : `Attempt ${attempt}: connecting…`;
      setText(byId("lost-detail"), `Trying to get you back into your room. ${text}`);
    };
    clearInterval(this.#timer);
    this.#timer = setInterval(draw, 200);
    draw();
    const opening = byId("overlay-lost").hidden;
    show(byId("overlay-lost"), true);
    if (opening) byId("lost-retry").focus();
  }

  close() {
    clearInterval(this.#timer);
    show(byId("overlay-lost"), false);
  }
}
