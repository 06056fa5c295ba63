import { number } from "./math.js";
import { forwardAndBackward, updateLink, updatePrecedence } from "./memory_math.js";

/** How a write spreads: its share of the chosen slot, and of the next one. */
const KINDS = { hard: [1, 0], soft: [0.6, 0.4], half: [0.5, 0] };

/** The weights of a write to a slot; after the last slot comes the first. */
export function weightsOf(slot, slots, kind) {
  const weights = Array(slots).fill(0);
  [weights[slot], weights[(slot + 1) % slots]] = KINDS[kind];
  return weights;
}

export const oneHot = (slot, slots) => weightsOf(slot, slots, "hard");

/** Link matrix and precedence before the first write and after each. */
export function replay(writes, slots) {
  const zeros = Array(slots).fill(0);
  const states = [{ link: zeros.map(() => zeros), precedence: zeros }];
  for (const weights of writes) {
    const { link, precedence } = states.at(-1);
    states.push({ link: updateLink(link, weights, precedence), precedence: updatePrecedence(precedence, weights) });
  }
  return states;
}

/** Where a head at `reading` [N] gets by one step in time. */
export function walk(link, reading) {
  const { forward, backward } = forwardAndBackward(link, [reading]);
  return { forward: forward[0], backward: backward[0] };
}

/** Whether a weighting shows at all, with two decimals. */
export const isNowhere = (weights) => weights.every((w) => w < 0.005);

/** "slot 0", or "slot 0 (0.60) and slot 1 (0.40)"; with "weight " as `unit`, always with numbers. */
export function place(weights, unit = "") {
  const found = weights.flatMap((w, slot) => (w < 0.005 ? [] : [[slot, w]]));
  if (!found.length) return "no slot";
  if (!unit && found.length === 1 && found[0][1] === 1) return `slot ${found[0][0]}`;
  return list(found.map(([slot, w]) => `slot ${slot} (${unit}${number(w)})`));
}

/** The first cell, row by row, whose number is the largest, up to rounding. */
function largest(matrix) {
  const most = Math.max(...matrix.flat());
  const at = matrix.flat().findIndex((x) => x > most - 1e-9);
  return { most, row: Math.floor(at / matrix.length), column: at % matrix.length };
}

/** What the last write did, in one sentence. */
export function narrateWrite(writes, states) {
  if (!writes.length) return "Nothing is written yet: all links are 0.00.";
  const weights = writes.at(-1);
  const [before, after] = states.slice(-2);
  const made = largest(weights.map((w, i) => before.precedence.map((p, j) => (i === j ? 0 : w * p))));
  const worn = largest(before.link.map((row, i) => row.map((old, j) => old - after.link[i][j])));
  const said = `Write ${writes.length} goes to ${place(weights)}.`;
  const { row: i, column: j } = made;
  const makes =
    made.most < 0.005
      ? writes.length === 1 ? "Nothing was written before it, so it makes no link" : "It makes no new link"
      : `It adds most to link[${i}, ${j}] (slot ${i} right after slot ${j}), now ${number(after.link[i][j])}`;
  if (worn.most < 0.005) return `${said} ${makes}.`;
  const [k, l] = [worn.row, worn.column];
  const wears = `link[${k}, ${l}] wears out most, from ${number(before.link[k][l])} to ${number(after.link[k][l])}`;
  return `${said} ${makes}; ${wears}.`;
}

/** Where the head stands and where it could go, in one sentence. */
export function narrateHead(link, reading) {
  const to = (weights) => (isNowhere(weights) ? "nowhere" : `to ${place(weights, "weight ")}`);
  const { forward, backward } = walk(link, reading);
  return `From ${place(reading)}, one step forward leads ${to(forward)}, and one step backward ${to(backward)}.`;
}

/** What a step of the head found, in one sentence. */
export function narrateStep(direction, from, to) {
  const word = direction === "forward" ? "after" : "before";
  if (isNowhere(to))
    return (
      `${capital(direction)} from ${place(from)}, all weights are 0.00: no link says what came right ${word}. ` +
      "Such weights read nothing; the view leaves the head where it is, so that you can go on."
    );
  return `${capital(word)} ${place(from)} came ${place(to, "weight ")}.`;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** How one entry came about in the last write, in one sentence. */
export function explain(writes, states, i, j) {
  const name = `link[${i}, ${j}]`;
  if (i === j) return `${name} is 0.00: no slot follows itself.`;
  const value = number(states.at(-1).link[i][j]);
  const meaning = `how far slot ${i} was written right after slot ${j}`;
  if (!writes.length) return `${name} is ${value}: ${meaning}.`;
  const [w, { link, precedence }] = [writes.at(-1), states.at(-2)];
  const kept = `(1 − ${number(w[i])} − ${number(w[j])}) × ${number(link[i][j])}`;
  const added = `${number(w[i])} × ${number(precedence[j])}`;
  return (
    `${name} is ${value}, ${meaning}: (1 − w[${i}] − w[${j}]) × old link + w[${i}] × precedence[${j}] ` +
    `= ${kept} + ${added}.`
  );
}

/** The question about the writes at the start; the head stands where the first of them went. */
export function questionFor(writes, slots) {
  const order = writes.map((weights) => weights.indexOf(Math.max(...weights)));
  const head = order[0] ?? 0;
  const states = replay(writes, slots);
  const { forward } = walk(states.at(-1).link, oneHot(head, slots));
  const answer = isNowhere(forward) ? "nowhere" : String(forward.indexOf(Math.max(...forward)));
  const others = [...new Set(order)].filter((slot) => slot !== head).sort((a, b) => a - b);
  const offered = others.length ? others : [(head + 1) % slots];
  const hard = writes.every((weights) => Math.max(...weights) === 1);
  const how = hard ? ", each with weight 1.00" : "; a soft write goes to the next slot too";
  const story = writes.length ? `Slots are written in the order ${order.join(", ")}${how}.` : "Nothing is written yet.";
  return {
    what: "links",
    text: `${story} A head reads slot ${head}. One step forward in time follows the links to what came right after: where does it lead?`,
    options: [...offered.map((slot) => [String(slot), `${hard ? "" : "mostly "}to slot ${slot}`]), ["nowhere", "nowhere"]],
    answer,
    why: whyForward(order, states, head, forward),
  };
}

function whyForward(order, states, head, forward) {
  if (!isNowhere(forward)) return `Right after slot ${head} came ${place(forward, "weight ")}.`;
  const wornBy = states.findLastIndex(({ link }) => link.some((row) => row[head] >= 0.005));
  if (wornBy < 0) return `Nothing was written right after slot ${head}.`;
  const old = states[wornBy].link.map((row) => row[head]);
  const row = old.indexOf(Math.max(...old));
  return (
    `No link leads on from slot ${head} any more. The write to slot ${order[wornBy]} wore out ` +
    `link[${row}, ${head}] (slot ${row} right after slot ${head}), which was ${number(old[row])} before.`
  );
}

/** "a", "a and b", "a, b and c". */
const list = (texts) => [texts.slice(0, -1).join(", "), texts.at(-1)].filter(Boolean).join(" and ");
