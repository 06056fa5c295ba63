// The memory of the Differentiable Neural Computer, on plain arrays: N slots, R read heads, words of
// width W. Names and equations are those of `solutions/mem_ops.py`. Nothing here knows about a page.
import { dot, matmul, order, softmax } from "./math.js";

const sum = (values) => values.reduce((total, x) => total + x, 0);
const transpose = (matrix) => matrix[0].map((_, j) => matrix.map((row) => row[j]));

/** The slots from the freest to the most used; of equal usages the lower number comes first. */
export const freeList = (usage) => order(usage.map((u) => -u));

/**
 * Where to write next, with all that happens on the way there.
 * @returns {{order: number[], places: number[], sorted: number[], taken: number[], shares: number[],
 *   allocation: number[]}} `order`, `sorted`, `taken` (the exclusive product) and `shares` run along
 *   the free list; `places` (the place of each slot on it) and `allocation` run over the slots
 */
export function allocate(usage) {
  const order = freeList(usage);
  const places = usage.map((_, slot) => order.indexOf(slot));
  const sorted = order.map((slot) => usage[slot]);
  const taken = [1];
  for (const u of sorted.slice(0, -1)) taken.push(taken.at(-1) * u);
  const shares = sorted.map((u, place) => (1 - u) * taken[place]);
  return { order, places, sorted, taken, shares, allocation: places.map((place) => shares[place]) };
}

/** `link` [N, N] after a write, given the precedence from before it. */
export const updateLink = (link, weights, precedence) =>
  link.map((row, i) =>
    row.map((old, j) => (i === j ? 0 : (1 - weights[i] - weights[j]) * old + weights[i] * precedence[j])),
  );

export const updatePrecedence = (precedence, weights) =>
  precedence.map((p, i) => (1 - sum(weights)) * p + weights[i]);

/** Where each head of `readWeights` [R, N] gets by one step in time. */
export const forwardAndBackward = (link, readWeights) => ({
  forward: matmul(readWeights, transpose(link)),
  backward: matmul(readWeights, link),
});

/** The share [N] of each slot that stays in use, after the heads that free have read. */
export const retention = (freeGates, readWeights) =>
  readWeights[0].map((_, i) => freeGates.reduce((kept, gate, r) => kept * (1 - gate * readWeights[r][i]), 1));

export const updateUsage = (usage, weights, kept) =>
  usage.map((u, i) => (u + weights[i] - u * weights[i]) * kept[i]);

/** A weighting over the slots for each key, [R, N]; a length below 0.001 counts as 0.001. */
export function contentWeighting(memory, keys, strengths) {
  const unit = (x) => {
    const length = Math.sqrt(Math.max(dot(x, x), 1e-6));
    return x.map((each) => each / length);
  };
  const slots = memory.map(unit);
  return keys.map((key, r) => softmax(slots.map((slot) => strengths[r] * dot(unit(key), slot))));
}

export const writeWeighting = (allocation, content, writeGate, allocationGate) =>
  allocation.map((free, i) => writeGate * (allocationGate * free + (1 - allocationGate) * content[i]));

export const writeMemory = (memory, weights, erase, vector) =>
  memory.map((slot, i) => slot.map((x, k) => x * (1 - weights[i] * erase[k]) + weights[i] * vector[k]));

/** `modes` [R, 3] are shares, in the order backward, content, forward. */
export const readWeighting = (backward, content, forward, modes) =>
  modes.map(([back, by, on], r) =>
    content[r].map((c, i) => back * backward[r][i] + by * c + on * forward[r][i]),
  );

/** One time step: the state after it, from the state before it and what the controller asks for. */
export function memoryStep(state, asked) {
  const kept = retention(asked.free_gates, state.read_weights);
  const usage = updateUsage(state.usage, state.write_weights, kept);
  const [content] = contentWeighting(state.memory, [asked.write_key], [asked.write_strength]);
  const { allocation } = allocate(usage);
  const write_weights = writeWeighting(allocation, content, asked.write_gate, asked.allocation_gate);
  const memory = writeMemory(state.memory, write_weights, asked.erase, asked.write_vector);
  const link = updateLink(state.link, write_weights, state.precedence);
  const precedence = updatePrecedence(state.precedence, write_weights);
  const { forward, backward } = forwardAndBackward(link, state.read_weights);
  const found = contentWeighting(memory, asked.read_keys, asked.read_strengths);
  const read_weights = readWeighting(backward, found, forward, asked.read_modes);
  const read_vectors = matmul(read_weights, memory);
  return { memory, usage, precedence, write_weights, link, read_weights, read_vectors };
}
