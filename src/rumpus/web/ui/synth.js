/** The two building blocks of all sounds: a tone that glides, and filtered noise. No files to load. */

/** @typedef {(synth: Synth) => void} Sound what it is made of */

export class Synth {
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
