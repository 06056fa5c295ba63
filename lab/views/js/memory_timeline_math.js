import { allocate } from "./memory_math.js";

/** The arrays of a run from base64: nested by their shapes, the time steps outermost. */
export function unpack(data, arrays) {
  const { buffer } = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, start, low, unit }]) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const values = unit
        ? Array.from(new Uint16Array(buffer, start, size), (k) => low + unit * k)
        : [...new Float32Array(buffer, start, size)];
      return [name, nest(values, shape.slice(1))];
    }),
  );
}

function nest(values, shape) {
  const size = shape.reduce((product, n) => product * n, 1);
  const parts = Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));
  return shape.length ? parts.map((part) => nest(part, shape.slice(1))) : values;
}

/** Why a slot is chosen: the place of each on the free list, and what allocation gives it. */
export function choice(run, step) {
  const { places, allocation } = allocate(run.usage[step]);
  return { places, allocation };
}

/** For each slot, the last step so far that wrote to it, or -1. */
export const writers = (run, step) =>
  run.usage[0].map((_, slot) => run.write_weights.slice(0, step + 1).findLastIndex((w) => w[slot] >= 0.5));

/** Widths and heights in pixels that let a run fit, or scroll where it cannot. */
export function sizes({ usage, read_weights }) {
  const [steps, slots, heads] = [usage.length, usage[0].length, read_weights[0].length];
  const across = Math.max(14, Math.min(40, Math.floor(840 / steps)));
  const down = Math.max(6, Math.min(20, Math.floor(300 / slots)));
  return { steps, slots, heads, across, down };
}

/** Bars from the ground of a strip, one a step, as a path. */
export const bars = (values, across, height) =>
  values
    .map((value, t) => `M${across * t + 1} ${height}v${-(height - 2) * value}h${across - 2}v${(height - 2) * value}z`)
    .join("");

/**
 * A mark at each step and slot with a weight of a tenth or more; its area is the weight.
 * @param {number[][]} weights [T, N]
 * @param {[number, number]} part which part of a column the marks stand in, of how many
 */
export function marks(weights, mark, { across, down }, [part, parts]) {
  const [wide, all] = [across / parts, []];
  weights.forEach((row, t) =>
    row.forEach((weight, slot) => {
      const half = Math.min(wide, Math.max(down, 10)) * 0.45 * Math.sqrt(weight);
      if (weight >= 0.1) all.push(mark(across * t + wide * (part + 0.5), down * (slot + 0.5), half));
    }),
  );
  return all.join("");
}

export const square = (x, y, half) => `M${x - half} ${y - half}h${2 * half}v${2 * half}h${-2 * half}z`;
export const triangle = (x, y, half) => `M${x} ${y - half}L${x + half} ${y + half}H${x - half}z`;
