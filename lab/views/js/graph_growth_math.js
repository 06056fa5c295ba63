/** Where a value stands between `start` and `end`, when the logarithms are evenly spaced. */
export function scale(values, start, end) {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => start + ((Math.log(value) - low) / (high - low || 1)) * (end - start);
}

/** The powers of ten around all values, at least one apart. */
export function decades(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))];
}

/** Of the sizes, the one that stands nearest to a place on the axis. */
export const nearest = (sizes, across, x) =>
  sizes.reduce((best, size) => (Math.abs(across(size) - x) < Math.abs(across(best) - x) ? size : best));

/** Pairs of two different slots. */
export const pairs = (size) => size * size - size;

/** A whole number in groups of three digits. */
export const count = (x) => String(x).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** A power of ten with its unit. */
export function tick(quantity, power) {
  if (quantity === "operations") return count(10 ** power);
  const [unit, least] = power >= 0 ? ["s", 0] : power >= -3 ? ["ms", -3] : ["µs", -6];
  return `${power < least ? Number((10 ** (power - least)).toPrecision(1)) : count(10 ** (power - least))} ${unit}`;
}
