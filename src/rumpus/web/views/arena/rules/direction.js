/**
 * Cosine and sine as the server has them: polynomials, because Math.cos and Math.sin may differ in their last bit from
 * browser to browser, and a bullet that is predicted must fly exactly where the server's does.
 */

/** The first 33 bits of pi/2, so that n times this is exact, and the rest. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;

/**
 * @param {number} angle radians
 * @returns {{x: number, y: number}} its cosine and sine, correct to about 1e-10
 */
export function direction(angle) {
  const turns = Math.floor(angle / (HALF_PI_HIGH + HALF_PI_LOW) + 0.5);
  const rest = angle - turns * HALF_PI_HIGH - turns * HALF_PI_LOW;
  const square = rest * rest;
  let sine = 1 / 362880 - square / 39916800;
  sine = -1 / 5040 + square * sine;
  sine = 1 / 120 + square * sine;
  sine = rest * (1 + square * (-1 / 6 + square * sine));
  let cosine = -1 / 3628800 + square / 479001600;
  cosine = -1 / 720 + square * (1 / 40320 + square * cosine);
  cosine = 1 + square * (-0.5 + square * (1 / 24 + square * cosine));
  // Not a bit operation: those cut numbers to 32 bits.
  const quarter = ((turns % 4) + 4) % 4;
  if (quarter === 0) return { x: cosine, y: sine };
  if (quarter === 1) return { x: -sine, y: cosine };
  if (quarter === 2) return { x: -cosine, y: -sine };
  return { x: sine, y: -cosine };
}
