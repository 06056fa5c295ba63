import { dot, matmul, number, order, softmax } from "./math.js";

/** `x` [n, d] as [heads, n, d / heads]: each head sees its own stretch of the dimensions. */
export function splitHeads(x, heads) {
  const size = x[0].length / heads;
  return Array.from({ length: heads }, (_, head) =>
    x.map((row) => row.slice(head * size, (head + 1) * size)),
  );
}

/** The head results [heads, n, d / heads] side by side again, [n, d]. */
export const joinHeads = (parts) => parts[0].map((_, i) => parts.flatMap((part) => part[i]));

/** True where a word may look: at itself and at what stands before it. */
export const causalMask = (length) =>
  Array.from({ length }, (_, query) => Array.from({ length }, (_, key) => key <= query));

/**
 * Self-attention over `vectors` [n, d].
 * @param {{query: number[][], key: number[][], value: number[][]} | null} projections each [d, d]
 * @returns {{scores: number[][][], weights: number[][][], output: number[][], values: number[][]}}
 *   scores (before mask and temperature) and weights are [heads, n, n]
 */
export function attend(vectors, { projections = null, temperature, scaled, causal, heads }) {
  const project = (name) => (projections ? matmul(vectors, projections[name]) : vectors);
  const [queries, keys, values] = ["query", "key", "value"].map(project);
  const [q, k, v] = [queries, keys, values].map((x) => splitHeads(x, heads));
  const divisor = scaled ? Math.sqrt(vectors[0].length / heads) : 1;
  const mask = causalMask(vectors.length);
  const scores = q.map((head, h) =>
    head.map((query) => k[h].map((key) => dot(query, key) / divisor)),
  );
  const weights = scores.map((head) =>
    head.map((row, i) =>
      softmax(row.map((score) => score / temperature), causal ? mask[i] : undefined),
    ),
  );
  const output = joinHeads(weights.map((head, h) => matmul(head, v[h])));
  return { scores, weights, output, values };
}

/** How many heads fit into `size` dimensions: its divisors, up to `most`. */
export const headChoices = (size, most = 6) =>
  Array.from({ length: Math.min(size, most) }, (_, i) => i + 1).filter((n) => size % n === 0);

/** Names that tell words apart: a word that stands twice gets its position. */
export const labels = (words) =>
  words.map((word, i) => (words.indexOf(word) === words.lastIndexOf(word) ? word : `${word} #${i + 1}`));

/**
 * The most telling thing that `word` takes from `source` in one head: the dimension in which the
 * source exceeds the word most, and how much of it arrives.
 */
export function borrowed({ weights, values }, vectors, word, source, head) {
  const size = values[0].length / weights.length;
  const gains = values[source].map((x, i) => x - vectors[word][i]);
  const dimension = head * size + order(gains.slice(head * size, (head + 1) * size))[0];
  return { dimension, amount: weights[head][word][source] * values[source][dimension] };
}

/** The largest contribution to each dimension of the new vector of `word`. */
export function sources({ weights, values }, word) {
  const size = values[0].length;
  return values[0].map((_, i) => {
    const head = Math.floor((i * weights.length) / size);
    const parts = values.map((value, source) => weights[head][word][source] * value[i]);
    const source = order(parts.map(Math.abs))[0];
    return { source, amount: parts[source] };
  });
}

/** Whether no weight stands out from the others. */
export function isEven(weights) {
  const [most, count] = [Math.max(...weights), weights.length];
  return count > 1 && most < 1.5 / count && most < 2 * Math.min(...weights);
}

/** What the chosen word does, in one sentence. */
export function narrate(state, result) {
  const { rows, columns, asking, head, square, computed, causal } = state;
  const row = result.weights[head][asking];
  const places = order(row);
  const name = (i) => (square && i === asking ? `${columns[i]} itself` : columns[i]);
  const top = places.slice(0, 2).filter((i) => row[i] > 0);
  if (!top.length) return `${rows[asking]} gives no weight to anything.`;
  const who = result.weights.length > 1 ? `In head ${head + 1}, ${rows[asking]}` : rows[asking];
  const allowed = computed && causal ? row.slice(0, asking + 1) : row;
  const even = `spreads its weight about evenly; the largest is ${name(top[0])} with ` +
    `${number(row[top[0]])}, and an equal share would be ${number(1 / allowed.length)}`;
  const list = top.map((i) => `${name(i)} (${number(row[i])})`).join(", then ");
  const said = isEven(allowed) ? even : `gives the largest weight to ${list}`;
  return `${who} ${said}${narrateBorrowed(state, result)}.`;
}

function narrateBorrowed({ asking, head, columns, dimensions, vectors }, result) {
  if (!result.values) return "";
  const source = order(result.weights[head][asking]).find((i) => i !== asking);
  if (source === undefined || result.weights[head][asking][source] < 0.005) return "";
  const { dimension, amount } = borrowed(result, vectors, asking, source, head);
  if (Math.abs(amount) < 0.005) return "";
  const held = `${dimensions[dimension]} ${number(amount)} of its ${number(result.output[asking][dimension])}`;
  return `; the new vector of ${columns[asking]} holds part of ${columns[source]}: ${held}`;
}

/** How one cell came about, in one sentence. */
export function explain(state, result, query, key) {
  const { rows, columns, head } = state;
  const weight = number(result.weights[head][query][key]);
  const who = `${rows[query]} asks ${columns[key]}: `;
  if (!result.scores) return `${who}weight ${weight}.`;
  if (state.causal && key > query) return `${who}masked, since it comes later; weight 0.00.`;
  return `${who}score ${number(result.scores[head][query][key])}, weight ${weight}.`;
}
