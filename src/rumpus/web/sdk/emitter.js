/**
 * Typed event listeners. The platform's EventTarget would do, but wraps every payload in an Event object and loses its
 * type; states arrive thirty times a second, so a plain call is worth these few lines.
 *
 * @template {Record<string, any>} Events
 */
export class Emitter {
  /** @type {Map<keyof Events, Set<(payload: any) => void>>} */
  #listeners = new Map();

  /**
   * Call `listener` for every event of this name. Returns a function that stops it.
   *
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(payload: Events[Name]) => void} listener
   * @returns {() => void}
   */
  on(name, listener) {
    let listeners = this.#listeners.get(name);
    if (!listeners) this.#listeners.set(name, (listeners = new Set()));
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} payload
   */
  emit(name, payload) {
    const listeners = this.#listeners.get(name);
    if (!listeners) return;
    // A copy, so that a listener may remove itself or others while it is being called.
    for (const listener of [...listeners]) listener(payload);
  }
}
