// The arithmetic that the views share. Nothing here knows about a page.

/** Sum of the products of two vectors of equal length. */
export const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Matrix product of `a` [n, m] and `b` [m, p]. */
export const matmul = (a, b) =>
  a.map((row) => b[0].map((_, column) => row.reduce((sum, x, i) => sum + x * b[i][column], 0)));

/**
 * Weights that sum to one. Where `allowed` is false the weight is 0.
 * The largest score is taken away first, so that no exponential overflows.
 */
export function softmax(scores, allowed = scores.map(() => true)) {
  const largest = Math.max(...scores.filter((_, i) => allowed[i]));
  const powers = scores.map((score, i) => (allowed[i] ? Math.exp(score - largest) : 0));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Indices by falling value; equal values keep their order. */
export const order = (values) =>
  values.map((_, i) => i).sort((i, j) => values[j] - values[i] || i - j);

/** A temperature in up to three figures, without idle zeros. */
export const short = (x) => String(Number(x.toPrecision(3)));

/** A number with two decimals; ties round up, as the Python side does. */
export const number = (x) => (Math.abs(x) < 0.005 ? 0 : x).toFixed(2);
