const [SIZE, SPEED, GRIP] = [600, 300, 10];

/** One tick of movement, as game.py has it. */
export function step(ball, move, dt) {
  const share = Math.min(1, GRIP * dt);
  const next = { ...ball };
  for (const [axis, wanted] of [["x", move.x], ["y", move.y]]) {
    let speed = ball[`v${axis}`] + (wanted * SPEED - ball[`v${axis}`]) * share;
    let place = ball[axis] + speed * dt;
    if (place < 0 || place > SIZE) {
      place = Math.min(Math.max(place, 0), SIZE);
      speed = 0;
    }
    next[axis] = place;
    next[`v${axis}`] = speed;
  }
  return next;
}
