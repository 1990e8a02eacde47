// Workloads A and B on Colyseus 0.18, written as its documentation advises: schema state, float32 where a number has a
// fraction, shots told once as spawn records and never moved in the state, one patch a tick.
// ROOM (players in a room), ENEMIES, SIZE (of the field) and PORT come from the environment.
import { Room } from "@colyseus/core";
import { Encoder, schema, t } from "@colyseus/schema";
import { serve } from "./serve.mjs";

const ROOM = Number(process.env.ROOM ?? 10);
const ENEMIES = Number(process.env.ENEMIES ?? 20);
const SIZE = Number(process.env.SIZE ?? 2000);
const HZ = 30, DT = 1 / HZ, SPEED = 200, CHASE = 60, SHOT = 600, LIFE = 1.5, COOLDOWN = 0.2, RADIUS2 = 20 * 20;
const FULL = 100, DAMAGE = 10, ENEMY_HP = 3;
// One room of thousands does not fit into the default.
Encoder.BUFFER_SIZE = 4 << 20;

const Player = schema({
  x: t.float32(), y: t.float32(), angle: t.float32(), hp: t.uint8(), score: t.uint16(), seq: t.uint32(),
});
const Bullet = schema({ x: t.float32(), y: t.float32(), vx: t.float32(), vy: t.float32(), owner: t.uint16() });
const Enemy = schema({ x: t.float32(), y: t.float32(), hp: t.uint8() });
const State = schema({ players: t.map(Player), bullets: t.map(Bullet), enemies: t.map(Enemy), tick: t.uint32() });

const inside = (value) => Math.min(SIZE, Math.max(0, value));
let bullets = 0;

function place(thing) {
  thing.x = Math.random() * SIZE;
  thing.y = Math.random() * SIZE;
}

class Arena extends Room {
  onCreate() {
    this.maxClients = ROOM;
    const state = new State();
    state.tick = 0;
    this.setState(state);
    this.patchRate = null; // one patch a tick, sent by the tick itself
    this.shooters = new Map();
    this.shots = [];
    for (let i = 0; i < ENEMIES; i++) {
      const enemy = new Enemy();
      place(enemy);
      enemy.hp = ENEMY_HP;
      state.enemies.set("e" + i, enemy);
    }
    this.onMessage("input", (client, message) => {
      const shooter = this.shooters.get(client.sessionId);
      if (shooter && Number.isInteger(message.seq) && Math.abs(message.dx) <= 1 && Math.abs(message.dy) <= 1) {
        shooter.input = message;
      }
    });
    this.setSimulationInterval(() => {
      this.step();
      this.broadcastPatch();
    }, 1000 / HZ);
  }

  onJoin(client) {
    const player = new Player();
    place(player);
    player.hp = FULL;
    player.angle = 0;
    player.score = 0;
    player.seq = 0;
    this.state.players.set(client.sessionId, player);
    this.shooters.set(client.sessionId, { player, input: null, cool: 0 });
  }

  onLeave(client) {
    this.state.players.delete(client.sessionId);
    this.shooters.delete(client.sessionId);
  }

  step() {
    this.state.tick++;
    for (const shooter of this.shooters.values()) this.move(shooter);
    for (const enemy of this.state.enemies.values()) this.chase(enemy);
    const flying = [];
    for (const shot of this.shots) {
      shot.x += shot.bullet.vx * DT;
      shot.y += shot.bullet.vy * DT;
      shot.life -= DT;
      const out = shot.life <= 0 || shot.x < 0 || shot.y < 0 || shot.x > SIZE || shot.y > SIZE;
      if (out || this.hitsEnemy(shot) || this.hitsPlayer(shot)) this.state.bullets.delete(shot.id);
      else flying.push(shot);
    }
    this.shots = flying;
  }

  move(shooter) {
    const { player, input } = shooter;
    if (shooter.cool > 0) shooter.cool -= DT;
    if (!input) return;
    player.x = inside(player.x + input.dx * SPEED * DT);
    player.y = inside(player.y + input.dy * SPEED * DT);
    player.angle = input.angle;
    player.seq = input.seq;
    if (!input.fire || shooter.cool > 0) return;
    shooter.cool = COOLDOWN;
    const bullet = new Bullet(), id = "b" + bullets++;
    bullet.x = player.x;
    bullet.y = player.y;
    bullet.vx = Math.cos(input.angle) * SHOT;
    bullet.vy = Math.sin(input.angle) * SHOT;
    bullet.owner = 0;
    this.state.bullets.set(id, bullet);
    this.shots.push({ bullet, id, x: bullet.x, y: bullet.y, life: LIFE, shooter });
  }

  chase(enemy) {
    let best = Infinity, toX = 0, toY = 0;
    for (const { player } of this.shooters.values()) {
      const dx = player.x - enemy.x, dy = player.y - enemy.y, distance2 = dx * dx + dy * dy;
      if (distance2 < best) {
        best = distance2;
        toX = dx;
        toY = dy;
      }
    }
    if (best === Infinity) return;
    const distance = Math.sqrt(best) || 1;
    enemy.x += (toX / distance) * CHASE * DT;
    enemy.y += (toY / distance) * CHASE * DT;
  }

  hitsEnemy(shot) {
    for (const enemy of this.state.enemies.values()) {
      const dx = enemy.x - shot.x, dy = enemy.y - shot.y;
      if (dx * dx + dy * dy >= RADIUS2) continue;
      if (--enemy.hp <= 0) {
        enemy.hp = ENEMY_HP;
        place(enemy);
        shot.shooter.player.score++;
      }
      return true;
    }
    return false;
  }

  hitsPlayer(shot) {
    for (const shooter of this.shooters.values()) {
      if (shooter === shot.shooter) continue;
      const { player } = shooter, dx = player.x - shot.x, dy = player.y - shot.y;
      if (dx * dx + dy * dy >= RADIUS2) continue;
      player.hp -= DAMAGE;
      if (player.hp <= 0) {
        player.hp = FULL;
        place(player);
        shot.shooter.player.score++;
      }
      return true;
    }
    return false;
  }
}

await serve("arena", Arena);
