/** How far a gun is from being ready. The state tells seconds; how many there are in all depends on what was picked up. */
export class Reload {
  #last = 0;
  #whole = 0;

  /**
   * @param {number} cooldown seconds until the next shot
   * @returns {number} 0 ready to 1 just fired
   */
  share(cooldown) {
    // Only a shot makes it longer.
    if (cooldown > this.#last) this.#whole = cooldown;
    this.#last = cooldown;
    return this.#whole > 0 ? Math.min(1, cooldown / this.#whole) : 0;
  }
}
