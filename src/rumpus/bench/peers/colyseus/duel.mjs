// Workload C on Colyseus 0.18: the game of `rumpus/bench/duel.py`, written as Colyseus' documentation advises.
import { Room } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { serve } from "./serve.mjs";

const HZ = 10, DT = 1 / HZ, SIZE = 400, SPEED = 100, REACH = 60, COOLDOWN = 0.5, DAMAGE = 10;

const Player = schema({ x: t.float32(), y: t.float32(), angle: t.float32(), hp: t.int8(), score: t.uint16() });
const State = schema({ players: t.map(Player) });

const anywhere = () => Math.random() * SIZE;
const inside = (value) => Math.min(SIZE, Math.max(0, value));

class Duel extends Room {
  onCreate() {
    this.maxClients = 2;
    this.setState(new State());
    this.patchRate = null; // one patch a tick, sent by the tick itself
    this.hidden = new Map();
    this.onMessage("input", (client, message) => {
      const hidden = this.hidden.get(client.sessionId);
      if (hidden && Number.isInteger(message.seq) && Math.abs(message.dx) <= 1 && Math.abs(message.dy) <= 1) {
        hidden.input = message;
      }
    });
    this.setSimulationInterval(() => {
      this.step();
      this.broadcastPatch();
    }, 1000 / HZ);
  }

  onJoin(client) {
    const player = new Player();
    player.x = anywhere();
    player.y = anywhere();
    player.angle = 0;
    player.hp = 100;
    player.score = 0;
    this.state.players.set(client.sessionId, player);
    this.hidden.set(client.sessionId, { player, input: null, cool: 0 });
  }

  onLeave(client) {
    this.state.players.delete(client.sessionId);
    this.hidden.delete(client.sessionId);
  }

  step() {
    for (const hidden of this.hidden.values()) {
      const { player, input } = hidden;
      if (!input) continue;
      player.angle = input.angle;
      player.x = inside(player.x + input.dx * SPEED * DT);
      player.y = inside(player.y + input.dy * SPEED * DT);
      hidden.cool = Math.max(0, hidden.cool - DT);
      if (input.fire && hidden.cool === 0) {
        hidden.cool = COOLDOWN;
        this.hit(player);
      }
    }
  }

  hit(player) {
    for (const { player: other } of this.hidden.values()) {
      const dx = other.x - player.x, dy = other.y - player.y;
      if (other === player || Math.hypot(dx, dy) > REACH) continue;
      if (dx * Math.cos(player.angle) + dy * Math.sin(player.angle) > 0) {
        other.hp -= DAMAGE;
        if (other.hp <= 0) {
          other.hp = 100;
          other.x = anywhere();
          other.y = anywhere();
          player.score++;
        }
      }
    }
  }
}

await serve("duel", Duel);
