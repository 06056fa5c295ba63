import { number, short } from "./math.js";

export const OPTIMIZERS = { sgd: "SGD", momentum: "momentum", rmsprop: "RMSProp" };
export const EDGE = [3, 2]; // the map shows weights from -EDGE to EDGE
const LIMIT = 100; // beyond this, a run counts as diverged
const [RHO, EPSILON] = [0.9, 1e-7];
const BANDS = 14;

/** Losses of two weights, and their gradients. */
export const SURFACES = {
  bowl: {
    loss: ([a, b]) => 0.5 * (a * a + b * b),
    gradient: ([a, b]) => [a, b],
  },
  ravine: {
    loss: ([a, b]) => 0.5 * (a * a + 100 * b * b),
    gradient: ([a, b]) => [a, 100 * b],
  },
  valleys: {
    loss: ([a, b]) => 0.25 * (a * a - 2) * (a * a - 2) + 0.25 * a + 0.5 * b * b + 0.4,
    gradient: ([a, b]) => [a * (a * a - 2) + 0.25, b],
  },
  saddle: {
    loss: ([a, b]) => 0.5 * a * a + 0.25 * (b * b - 1) * (b * b - 1),
    gradient: ([a, b]) => [a, b * (b * b - 1)],
  },
};

/** One step in Keras's form, for each of the two weights: [new weight, new state]. */
const STEPS = {
  sgd: (w, g, state, rate) => [w - rate * g, state],
  momentum(w, g, state, rate, momentum) {
    const velocity = momentum * state - rate * g;
    return [w + velocity, velocity];
  },
  rmsprop(w, g, state, rate) {
    const mean = RHO * state + (1 - RHO) * g * g;
    return [w - (rate * g) / Math.sqrt(mean + EPSILON), mean];
  },
};

/** The weights at the start and after each step, up to the one that diverges, if one does. */
export function run(optimizer, { surface, start, learning_rate, momentum, steps }) {
  const path = [start];
  let state = [0, 0];
  for (let count = 1; count <= steps; count++) {
    const gradient = SURFACES[surface].gradient(path.at(-1));
    const moved = path.at(-1).map((w, i) => STEPS[optimizer](w, gradient[i], state[i], learning_rate, momentum));
    const weights = moved.map(([w]) => w);
    if (!weights.every((w) => Math.abs(w) <= LIMIT)) return { path, diverged: count };
    path.push(weights);
    state = moved.map(([, s]) => s);
  }
  return { path, diverged: null };
}

/** The runs of all optimizers. */
export const race = (settings) =>
  Object.fromEntries(Object.keys(OPTIMIZERS).map((optimizer) => [optimizer, run(optimizer, settings)]));

/** Whether a run is over before a step, because it diverged. */
export const isGone = (run, step) => run.diverged !== null && run.diverged <= step;

/** How high a surface is at height × width places of the map, from 0 to 1 in bands, row by row. */
export function levels(surface, width, height) {
  const losses = Array.from({ length: width * height }, (_, i) => {
    const across = (((i % width) + 0.5) / width) * 2 - 1;
    const down = ((Math.floor(i / width) + 0.5) / height) * 2 - 1;
    return SURFACES[surface].loss([across * EDGE[0], -down * EDGE[1]]);
  });
  const [low, high] = losses.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  return losses.map((x) => Math.round((Math.log1p((100 * (x - low)) / (high - low)) / Math.log1p(100)) * BANDS) / BANDS);
}

/** Where a loss stands on the axis of the chart, from 0 to 1; beyond the axis, at its end. */
export function height(loss, { axis: [low, high], logarithmic }) {
  const scale = logarithmic ? (x) => Math.log10(Math.max(x, low)) : (x) => x;
  return Math.max(0, Math.min(1, (scale(loss) - scale(low)) / (scale(high) - scale(low))));
}

/** The numbers that the axis of the chart shows. */
export function ticks({ axis: [low, high], logarithmic }) {
  if (!logarithmic) return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const [first, last] = [low, high].map((x) => Math.round(Math.log10(x)));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
}

/** A slider's value in two figures, within the ends. */
export const rounded = (x, low, high) => Math.max(low, Math.min(high, Number(x.toPrecision(2))));

const DIGITS = [1, 1.2, 1.5, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9];

/** The learning rates that the arrow keys go through: round ones, and the `others`. */
export function rates(others) {
  const round = [-3, -2, -1].flatMap((power) => DIGITS.map((digit) => Number(`${digit}e${power}`)));
  return [...new Set([...round, 1, ...others])].sort((a, b) => a - b);
}

/** Where so many steps lead from a value, of those that the keys go through. */
export function stepped(values, now, steps) {
  const from = steps > 0 ? values.findLastIndex((x) => x <= now) : values.findIndex((x) => x >= now);
  return values[Math.max(0, Math.min(values.length - 1, from + steps))];
}

/** A weight on the grid of 0.05, within the map. */
export const snap = (w, i) => Math.max(-EDGE[i], Math.min(EDGE[i], Math.round(w * 20) / 20));

// ------------------------------------------------------------------------------------ in words

/** A loss in three figures, or with a power of ten where it is far from one. */
export const amount = (x) => (x === 0 || (x >= 0.001 && x < 1e5) ? short(x) : x.toExponential(1));

export const point = (w) => `(${w.map(number).join(", ")})`;

/** The weights, with the loss and the gradient there. */
export function spot(surface, w) {
  const { loss, gradient } = SURFACES[surface];
  return `${point(w)}, loss ${amount(loss(w))}, gradient ${point(gradient(w))}`;
}

/** The optimizer with the lowest loss after a step; undefined where all have diverged. */
export function lowest(surface, runs, step) {
  const loss = (name) => SURFACES[surface].loss(runs[name].path[step]);
  const here = Object.keys(runs).filter((name) => !isGone(runs[name], step));
  return here.reduce((best, name) => (best === undefined || loss(name) < loss(best) ? name : best), undefined);
}

/** What the step on show did, in one sentence. */
export function narrate({ surface, start, step, steps }, runs, points) {
  if (step === 0) return `All three start at ${spot(surface, start)}. ${way(surface, start, points)}`;
  const best = lowest(surface, runs, step);
  const most = best ? `${OPTIMIZERS[best]} has the lowest loss` : "all three have diverged";
  const said = Object.entries(runs).map(([name, run]) =>
    isGone(run, step)
      ? `${OPTIMIZERS[name]} diverged at step ${run.diverged}`
      : `${OPTIMIZERS[name]} at ${spot(surface, run.path[step])}`,
  );
  return `After step ${step} of ${steps}, ${most}: ${said.join("; ")}.`;
}

/** How far the steepest way down at the start leads astray from the lowest of the `points`. */
export function way(surface, start, points) {
  const down = SURFACES[surface].gradient(start).map((g) => -g);
  if (Math.hypot(...down) < 1e-9) return "At the start the gradient is zero, so that no one moves.";
  const ways = points.map((each) => each.map((w, i) => w - start[i]));
  const aim = ways.reduce((best, each) => (Math.hypot(...each) < Math.hypot(...best) ? each : best));
  const turn = ((Math.atan2(down[1], down[0]) - Math.atan2(aim[1], aim[0])) * 180) / Math.PI;
  const angle = Math.abs(((turn + 540) % 360) - 180);
  const target = points.length === 1 ? "the lowest point" : "the nearest lowest point";
  const steepest = "At the start the steepest way down, which SGD takes,";
  return angle < 0.5 ? `${steepest} leads straight to ${target}.` : `${steepest} points ${angle.toFixed(0)}° away from ${target}.`;
}
