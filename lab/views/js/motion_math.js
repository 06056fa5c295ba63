import { dot, number } from "./math.js";

export const FRAME = [12, 8]; // the plane's width and height in meters
export const TIMES = 50; // a path is computed at so many times and at 0

/**
 * Position, velocity and acceleration at a time, each as [x, y].
 * An axis of a path is a sum of powers of t and of waves [a, w, p]: a cos(w t + p).
 */
export const motion = (path, t) => [0, 1, 2].map((order) => path.axes.map((axis) => along(axis, t, order)));

function along({ powers, waves }, t, order) {
  const left = Array.from({ length: order }).reduce((c) => c.slice(1).map((a, i) => a * (i + 1)), powers);
  const value = left.reduceRight((sum, c) => c + sum * t, 0);
  return waves.reduce((sum, [a, w, p]) => sum + a * w ** order * Math.cos(w * t + p + (order * Math.PI) / 2), value);
}

/** The times at which a path is computed, from 0 to its end. */
export const times = ({ duration }) => Array.from({ length: TIMES + 1 }, (_, i) => (duration * i) / TIMES);

/** The path on show. */
export const pathOf = ({ path, paths, points }) => (path === "drawn" ? drawn(points) : paths[path]);

/** A path through `points` at 0, 1, 2 … s, as a sum of cosines: at rest at both ends. */
export const drawn = (points) => cosines(points, points.length, points.length - 1);

/**
 * The first cosines of the series through evenly spaced `points`: through all of them where there
 * are as many cosines as points; with fewer, as near to them as possible (least squares).
 */
function cosines(points, count, duration) {
  const last = points.length - 1;
  const half = (k) => (k % last === 0 ? 0.5 : 1);
  const amount = (values, k) =>
    ((2 * half(k)) / last) * values.reduce((sum, x, j) => sum + half(j) * x * Math.cos((Math.PI * j * k) / last), 0);
  const axes = [0, 1].map((axis) => {
    const [first, ...rest] = Array.from({ length: count }, (_, k) => amount(points.map((point) => point[axis]), k));
    return { powers: [first], waves: rest.map((a, i) => [a, ((i + 1) * Math.PI) / duration, 0]) };
  });
  return { duration, axes };
}

/**
 * The points of a drawn path that comes near to the stroke of a hand, at the hand's own pace.
 * @param {[number, number, number][]} stroke x, y and the time of each place that it passed
 */
export function fitStroke(stroke, count) {
  const [start, end] = [stroke[0][2], stroke.at(-1)[2]];
  const even = Array.from({ length: TIMES + 1 }, (_, i) => placeAt(stroke, start + ((end - start) * i) / TIMES));
  const path = cosines(even, count, count - 1);
  return Array.from({ length: count }, (_, second) => inside(motion(path, second)[0]));
}

function placeAt(stroke, time) {
  const after = Math.max(1, stroke.findIndex((sample) => sample[2] >= time));
  const [a, b] = [stroke[after - 1], stroke[after]];
  const share = (time - a[2]) / (b[2] - a[2] || 1);
  return [0, 1].map((axis) => a[axis] + share * (b[axis] - a[axis]));
}

/** A place in the plane, away from its edge, in whole centimeters. */
export const inside = (place) =>
  place.map((x, axis) => Math.round(100 * Math.max(0.5, Math.min(FRAME[axis] - 0.5, x))) / 100);

/** Whether a stroke is long enough to be a path: a meter, and more than a tap. */
export const isStroke = (stroke) => stroke.length > 3 && stroke.at(-1)[2] > stroke[0][2] &&
  stroke.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - stroke[i][0], y - stroke[i][1]), 0) > 1;

// -------------------------------------------------------------------------------- the pictures

/** How many meters long an arrow of 1 m/s, or of 1 m/s², is: all have to stay in the frame. */
export function arrowScale(path, which) {
  const states = times(path).map((t) => motion(path, t));
  const inFrame = (place) => place.every((x, axis) => x >= 0 && x <= FRAME[axis]);
  const fits = (scale) => states.every((all) => inFrame(all[0].map((x, axis) => x + scale * all[which][axis])));
  return [1, 0.5, 0.2, 0.1, 0.05].find(fits) ?? 0.02;
}

/** Round numbers, evenly spaced, from below `low` to above `high`. */
export function ticks(low, high) {
  if (high - low < 0.01) [low, high] = [low - 1, high + 1];
  const least = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least * (1 - 1e-9));
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  return Array.from({ length: last - first + 1 }, (_, i) => step * (first + i));
}

// ------------------------------------------------------------------- the sentences, as in Python

/** What the body does at a time, and what that means. */
export function narrate(path, time) {
  const [position, velocity, acceleration] = motion(path, time);
  return (
    `At ${number(time)} s the body is at ${vector(position)} m, with velocity ${vector(velocity)} m/s ` +
    `and acceleration ${vector(acceleration)} m/s². ${meaning(velocity, acceleration)}`
  );
}

export function meaning(velocity, acceleration) {
  if (isZero(velocity))
    return isZero(acceleration) ? "It rests." : "It stands still for this moment, but its velocity is changing.";
  if (isZero(acceleration)) return "Its velocity is not changing: it moves straight on at the same speed.";
  const lengths = Math.hypot(...velocity) * Math.hypot(...acceleration);
  const [ahead, across] = [dot(velocity, acceleration) / lengths, cross(velocity, acceleration) / lengths];
  const side = across > 0 ? "left" : "right";
  if (Math.abs(ahead) <= 0.1) return `It turns ${side} at the same speed: the acceleration stands at right angles to the velocity.`;
  const [pace, way] = ahead > 0 ? ["gets faster", "along"] : ["slows down", "against"];
  if (Math.abs(across) <= 0.1) return `It ${pace}: the acceleration points ${way} the velocity.`;
  const where = ahead > 0 ? "forward" : "backward";
  return `It ${pace} and turns ${side}: the acceleration points ${where} and to the ${side}.`;
}

/** Positive where the acceleration points to the left of the velocity. */
export const cross = ([vx, vy], [ax, ay]) => vx * ay - vy * ax;

export const isZero = (vector) => Math.hypot(...vector) < 0.005;

export const vector = (values) => `(${values.map((x) => number(x)).join(", ")})`;
