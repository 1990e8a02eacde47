/**
 * What plays the page's sounds, and those sounds that belong to no game.
 *
 * A browser allows sound only after the player has done something, so the audio context is made on the first click, key
 * or touch, and nothing is lost if that never happens.
 */
import { Synth } from "./synth.js";

/** @typedef {import("./synth.js").Sound} Sound */

/** At most this many sounds start within a tenth of a second: more is only noise, and costs phones dearly. */
const CROWD = 9;

/** Something was pressed. @type {Sound} */
export const CLICK = (synth) => synth.tone("sine", 900, 640, 0.05, 0.14);
/** A second of a countdown. @type {Sound} */
export const BEEP = (synth) => synth.tone("sine", 660, 660, 0.11, 0.28);
/** There is something to read. @type {Sound} */
export const CHAT = (synth) => synth.tone("sine", 1180, 1320, 0.07, 0.09);

export class Sounds {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {GainNode | null} */
  #out = null;
  /** @type {AudioBuffer | null} */
  #noise = null;
  #muted;
  #recent = 0;
  #recentAt = 0;

  /** @param {boolean} muted */
  constructor(muted) {
    this.#muted = muted;
    const wake = () => this.#wake();
    for (const type of ["pointerdown", "keydown", "touchend"]) window.addEventListener(type, wake, { passive: true });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.#context?.suspend();
      else if (!this.#muted) void this.#context?.resume();
    });
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    if (this.#out && this.#context) this.#out.gain.setTargetAtTime(muted ? 0 : 0.5, this.#context.currentTime, 0.02);
    if (!muted) this.#wake();
  }

  #wake() {
    if (this.#muted || typeof AudioContext === "undefined") return;
    if (!this.#context) {
      const context = new AudioContext();
      this.#context = context;
      const squash = context.createDynamicsCompressor();
      this.#out = context.createGain();
      this.#out.gain.value = 0.5;
      this.#out.connect(squash).connect(context.destination);
      this.#noise = context.createBuffer(1, context.sampleRate, context.sampleRate);
      const samples = this.#noise.getChannelData(0);
      for (let index = 0; index < samples.length; index += 1) samples[index] = Math.random() * 2 - 1;
    }
    if (this.#context.state === "suspended") void this.#context.resume();
  }

  /**
   * @param {Sound} sound
   * @param {number} [gain]
   * @param {number} [pan] -1 left to 1 right
   */
  play(sound, gain = 1, pan = 0) {
    const context = this.#context;
    if (!context || !this.#out || this.#muted || context.state !== "running" || gain < 0.02) return;
    const now = context.currentTime;
    if (now - this.#recentAt > 0.1) {
      this.#recentAt = now;
      this.#recent = 0;
    }
    if (++this.#recent > CROWD) return;
    const voice = context.createGain();
    voice.gain.value = gain;
    if (pan) {
      const panner = context.createStereoPanner();
      panner.pan.value = pan;
      voice.connect(panner).connect(this.#out);
    } else voice.connect(this.#out);
    sound(new Synth(context, voice, /** @type {AudioBuffer} */ (this.#noise), now));
  }
}
