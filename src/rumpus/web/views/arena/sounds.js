/**
 * The sounds of Arena. Shots come from where they are fired: to the left or right, and quieter with distance.
 */
import { BEEP } from "../../ui/sounds.js";

/** @typedef {import("../../ui/synth.js").Sound} Sound */

/** How far away a sound can be heard, world units. */
const HEARING = 1300;

/** @satisfies {Record<string, Sound>} */
const SOUNDS = {
  shot: (synth) => {
    const pitch = 1 + (Math.random() - 0.5) * 0.12;
    synth.tone("square", 880 * pitch, 190, 0.11, 0.09);
    synth.tone("triangle", 420 * pitch, 70, 0.13, 0.26);
    synth.noise("highpass", 3200, 1400, 0.05, 0.12);
  },
  // A crack, a falling howl, and a thump below that is felt more than heard.
  rail: (synth) => {
    const pitch = 1 + (Math.random() - 0.5) * 0.06;
    synth.noise("highpass", 7000, 1800, 0.07, 0.34);
    synth.tone("sawtooth", 2300 * pitch, 130, 0.34, 0.12);
    synth.tone("square", 1150 * pitch, 64, 0.3, 0.06);
    synth.tone("sine", 150, 34, 0.42, 0.5);
    synth.noise("bandpass", 2600, 420, 0.4, 0.16, 0.03);
  },
  railReady: (synth) => {
    synth.tone("sine", 620, 1240, 0.09, 0.07);
    synth.tone("triangle", 1240, 1860, 0.12, 0.06, 0.07);
  },
  enemyShot: (synth) => {
    synth.tone("sawtooth", 340, 110, 0.18, 0.13);
    synth.tone("square", 170, 80, 0.16, 0.07);
  },
  hit: (synth) => synth.noise("bandpass", 1500, 500, 0.09, 0.24),
  hitMarker: (synth) => {
    synth.tone("sine", 1500, 1050, 0.07, 0.2);
    synth.noise("highpass", 5000, 3000, 0.03, 0.1);
  },
  hurt: (synth) => {
    synth.tone("sawtooth", 210, 60, 0.22, 0.2);
    synth.noise("lowpass", 900, 150, 0.2, 0.4);
  },
  death: (synth) => {
    synth.noise("lowpass", 2600, 90, 0.75, 0.6);
    synth.tone("triangle", 170, 32, 0.6, 0.5);
    synth.tone("sawtooth", 520, 60, 0.3, 0.1);
  },
  enemyDown: (synth) => {
    synth.noise("lowpass", 1900, 130, 0.4, 0.4);
    synth.tone("square", 300, 50, 0.3, 0.1);
  },
  pickup: (synth) =>
    [523, 784, 1047].forEach((pitch, index) => synth.tone("triangle", pitch, pitch, 0.16, 0.24, index * 0.06)),
  otherPickup: (synth) => synth.tone("triangle", 660, 880, 0.12, 0.12),
  respawn: (synth) => {
    synth.tone("sine", 220, 880, 0.35, 0.22);
    synth.tone("triangle", 330, 1320, 0.35, 0.1, 0.04);
  },
  kill: (synth) => [660, 990].forEach((pitch, index) => synth.tone("square", pitch, pitch, 0.13, 0.08, index * 0.08)),
  beep: BEEP,
  go: (synth) => [880, 1320].forEach((pitch) => synth.tone("triangle", pitch, pitch, 0.42, 0.16)),
  lead: (synth) =>
    [587, 740, 880].forEach((pitch, index) => synth.tone("triangle", pitch, pitch, 0.2, 0.16, index * 0.08)),
  wave: (synth) =>
    [196, 247, 294].forEach((pitch, index) => synth.tone("sawtooth", pitch, pitch, 0.4, 0.08, index * 0.12)),
  over: (synth) =>
    [784, 659, 523, 1047].forEach((pitch, index) => synth.tone("triangle", pitch, pitch, 0.35, 0.18, index * 0.14)),
};

/** @typedef {keyof typeof SOUNDS} SoundName */

export class ArenaSounds {
  /** Where the listener is, in world units. */
  ear = { x: 0, y: 0 };

  /** @param {import("../../ui/sounds.js").Sounds} sounds of the page */
  constructor(sounds) {
    this.sounds = sounds;
  }

  /**
   * @param {SoundName} name
   * @param {number} [gain]
   */
  play(name, gain) {
    this.sounds.play(SOUNDS[name], gain);
  }

  /**
   * A sound at a place in the arena.
   *
   * @param {SoundName} name
   * @param {number} x
   * @param {number} y
   * @param {boolean} [own] one's own: in the middle and at full strength
   */
  at(name, x, y, own = false) {
    const dx = x - this.ear.x;
    const distance = Math.hypot(dx, y - this.ear.y);
    if (!own && distance > HEARING) return;
    const near = 1 - distance / HEARING;
    this.sounds.play(SOUNDS[name], own ? 1 : near * near * 0.6, own ? 0 : Math.max(-0.9, Math.min(0.9, dx / 700)));
  }
}
