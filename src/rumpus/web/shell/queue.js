/** What is shown while the server looks for a match: for how long, how wide it looks, and the way out. */
import { byId, setText, show } from "../ui/dom.js";

export class QueueOverlay {
  #since = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {import("../sdk/rumpus.js").Client} client */
  constructor(client) {
    this.client = client;
    byId("queue-cancel").addEventListener("click", () => client.cancel());
    client.on("queued", ({ waited }) => {
      this.#since = performance.now() - waited * 1000;
      this.#open();
    });
    client.on("queue_left", () => this.close());
    client.on("joined", () => this.close());
    client.on("closed", () => this.close());
  }

  #open() {
    const opening = byId("overlay-queue").hidden;
    show(byId("overlay-queue"), true);
    this.#draw();
    if (!opening) return;
    byId("queue-cancel").focus();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#draw(), 250);
  }

  close() {
    clearInterval(this.#timer);
    show(byId("overlay-queue"), false);
  }

  #draw() {
    const { queue } = this.client;
    if (!queue) return this.close();
    const parts = [`${Math.max(0, Math.floor((performance.now() - this.#since) / 1000))} s`];
    if (typeof queue.window === "number") parts.push(`skill within ${queue.window} points`);
    if (queue.searching > 1) parts.push(`${queue.searching} are looking`);
    setText(byId("queue-detail"), parts.join("  ·  "));
  }
}
