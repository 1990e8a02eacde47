/**
 * Every sound, synthesised: oscillators and filtered noise, no files to load. Shots come from where they are fired: to
 * the left or right, and quieter with distance.
 *
 * A browser allows sound only after the player has done something, so the audio context is made on the first click, key
 * or touch, and nothing is lost if that never happens.
 */

/** How far away a sound can be heard, world units. */
const HEARING = 1300;
/** At most this many sounds start within a tenth of a second: more is only noise, and costs phones dearly. */
const CROWD = 9;

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
  /** Where the listener is, in world units. */
  ear = { x: 0, y: 0 };

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
   * A sound at a place in the arena.
   *
   * @param {string} name
   * @param {number} x
   * @param {number} y
   * @param {boolean} [own] one's own: in the middle and at full strength
   */
  at(name, x, y, own = false) {
    const dx = x - this.ear.x;
    const distance = Math.hypot(dx, y - this.ear.y);
    if (!own && distance > HEARING) return;
    const near = 1 - distance / HEARING;
    this.play(name, own ? 1 : near * near * 0.6, own ? 0 : Math.max(-0.9, Math.min(0.9, dx / 700)));
  }

  /**
   * @param {string} name
   * @param {number} [gain]
   * @param {number} [pan] -1 left to 1 right
   */
  play(name, gain = 1, pan = 0) {
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
    (RECIPES[name] ?? RECIPES.click)(new Synth(context, voice, /** @type {AudioBuffer} */ (this.#noise), now));
  }
}

/** The two building blocks of all sounds. */
class Synth {
  /**
   * @param {AudioContext} context
   * @param {AudioNode} out
   * @param {AudioBuffer} noiseBuffer
   * @param {number} now
   */
  constructor(context, out, noiseBuffer, now) {
    this.context = context;
    this.out = out;
    this.noiseBuffer = noiseBuffer;
    this.now = now;
  }

  /**
   * A tone that glides from one pitch to another and dies away.
   *
   * @param {OscillatorType} type
   * @param {number} from Hz
   * @param {number} to Hz
   * @param {number} length seconds
   * @param {number} volume
   * @param {number} [delay] seconds
   */
  tone(type, from, to, length, volume, delay = 0) {
    const start = this.now + delay;
    const oscillator = this.context.createOscillator();
    oscillator.type = type;
    oscillator.frequency.setValueAtTime(from, start);
    oscillator.frequency.exponentialRampToValueAtTime(Math.max(20, to), start + length);
    oscillator.connect(this.#envelope(start, length, volume));
    oscillator.start(start);
    oscillator.stop(start + length + 0.02);
  }

  /**
   * Filtered noise that dies away.
   *
   * @param {BiquadFilterType} type
   * @param {number} from Hz
   * @param {number} to Hz
   * @param {number} length seconds
   * @param {number} volume
   * @param {number} [delay] seconds
   */
  noise(type, from, to, length, volume, delay = 0) {
    const start = this.now + delay;
    const source = this.context.createBufferSource();
    source.buffer = this.noiseBuffer;
    const filter = this.context.createBiquadFilter();
    filter.type = type;
    filter.frequency.setValueAtTime(from, start);
    filter.frequency.exponentialRampToValueAtTime(Math.max(20, to), start + length);
    source.connect(filter).connect(this.#envelope(start, length, volume));
    source.start(start, Math.random() * 0.5);
    source.stop(start + length + 0.02);
  }

  /**
   * @param {number} start
   * @param {number} length
   * @param {number} volume
   */
  #envelope(start, length, volume) {
    const gain = this.context.createGain();
    gain.gain.setValueAtTime(0.0001, start);
    gain.gain.exponentialRampToValueAtTime(volume, start + 0.004);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + length);
    gain.connect(this.out);
    return gain;
  }
}

/** @type {Record<string, (synth: Synth) => void>} */
const RECIPES = {
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
  beep: (synth) => synth.tone("sine", 660, 660, 0.11, 0.28),
  go: (synth) => [880, 1320].forEach((pitch) => synth.tone("triangle", pitch, pitch, 0.42, 0.16)),
  lead: (synth) =>
    [587, 740, 880].forEach((pitch, index) => synth.tone("triangle", pitch, pitch, 0.2, 0.16, index * 0.08)),
  wave: (synth) =>
    [196, 247, 294].forEach((pitch, index) => synth.tone("sawtooth", pitch, pitch, 0.4, 0.08, index * 0.12)),
  over: (synth) =>
    [784, 659, 523, 1047].forEach((pitch, index) => synth.tone("triangle", pitch, pitch, 0.35, 0.18, index * 0.14)),
  click: (synth) => synth.tone("sine", 900, 640, 0.05, 0.14),
  chat: (synth) => synth.tone("sine", 1180, 1320, 0.07, 0.09),
};
