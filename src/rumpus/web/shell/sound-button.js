/** The sound's switch, which stands in several places of the page. */
import { CLICK } from "../ui/sounds.js";
import { recall, remember } from "../ui/storage.js";

export class SoundButton {
  /**
   * @param {import("../ui/sounds.js").Sounds} sounds
   * @param {(muted: boolean) => void} changed
   */
  constructor(sounds, changed) {
    this.sounds = sounds;
    this.changed = changed;
    for (const button of document.querySelectorAll(".mute")) button.addEventListener("click", () => this.toggle());
    this.#draw();
  }

  /** Whether the player had the sound off the last time. */
  static get wasMuted() {
    return recall("muted") === "yes";
  }

  toggle() {
    this.sounds.muted = !this.sounds.muted;
    remember("muted", this.sounds.muted ? "yes" : "no");
    this.#draw();
    this.sounds.play(CLICK);
  }

  #draw() {
    const { muted } = this.sounds;
    this.changed(muted);
    for (const button of document.querySelectorAll(".mute")) {
      button.setAttribute("aria-pressed", String(muted));
      button.setAttribute("aria-label", muted ? "Sound is off" : "Sound is on");
      button.querySelector("img")?.setAttribute("src", muted ? "/icons/mute.svg" : "/icons/sound.svg");
    }
  }
}
