import { number } from "./math.js";
import { allocate } from "./memory_math.js";

/** What "Start again" goes back to; at step -1 everything is on show. */
export const START = { walk: "vector", step: -1 };

/** The number of the last step: four for the vectors, one a slot for the loop. */
export const lastStep = ({ walk, usage }) => (walk === "loop" ? usage.length : 4);

/** Whether a row of the vectors, from 1 to 4, is on show at a place of the free list. */
export const isShown = ({ walk, step }, row, place) =>
  step < 0 || (walk === "loop" ? row === 1 || place < step : row <= step);

/** What the view shows now, in one sentence. */
export function narrate({ usage, walk, step }) {
  const result = allocate(usage);
  const shown = Math.min(step, lastStep({ walk, usage }));
  if (shown < 0) return summary(result);
  const said = walk === "loop" ? narrateTurn(result, shown) : narrateStep(result, usage, shown);
  return result.sorted[0] === 1 ? `${said} ${NOTHING}` : said;
}

const NOTHING = "Nothing is free: every usage is 1.00, so nothing is allocated.";

function summary({ order, sorted, shares }) {
  if (sorted[0] === 1) return NOTHING;
  const [first, ...rest] = order;
  const ties = order.filter((_, place) => sorted[place] === sorted[0]);
  const why =
    ties.length > 1
      ? `${capital(slots(ties))} are equally free, and the lower number comes first: slot ${first}`
      : `Slot ${first} is the freest and`;
  const others = rest.map((slot, i) => `slot ${slot} gets ${number(shares[i + 1])}`);
  return `${why} gets most, ${number(shares[0])}; then ${list(others)}.`;
}

function narrateStep({ order, places, sorted, taken, shares, allocation }, usage, step) {
  const numbers = (values) => list(values.map(number));
  const tied = sorted.some((u, place) => u === sorted[place + 1]);
  if (step === 0) return `The usages are ${numbers(usage)}; the first step sorts them.`;
  if (step === 1) {
    const entries = order.map((slot, place) => `slot ${slot} (${number(sorted[place])})`);
    const rule = tied ? " Of equal usages, the lower slot comes first." : "";
    return `Sort: the free list is ${list(entries)}, the freest first.${rule}`;
  }
  if (step === 2)
    return (
      `Exclusive cumulative product: ${numbers(taken)}. ` +
      "Each place multiplies the usages before it, and not its own."
    );
  if (step === 3) {
    const terms = shares.map((_, place) => share(sorted, taken, shares, place));
    return `Times what is free: ${list(terms)}.`;
  }
  const moves = places.map((place, slot) => `slot ${slot} takes place ${place}`);
  return `Scatter back: ${list(moves)}, which gives ${numbers(allocation)}.`;
}

function narrateTurn({ order, sorted, taken, shares }, turn) {
  if (turn === 0)
    return `The free list is ${list(order.map((slot) => `slot ${slot}`))}; the loop starts with the product 1.00.`;
  const place = turn - 1;
  const gets = `Turn ${place}: slot ${order[place]} gets ${share(sorted, taken, shares, place)}`;
  if (turn === order.length) return `${gets}; the free list ends here.`;
  const next = `${number(taken[place])} × ${number(sorted[place])} = ${number(taken[turn])}`;
  return `${gets}; then the product becomes ${next}.`;
}

const share = (sorted, taken, shares, place) =>
  `(1 − ${number(sorted[place])}) × ${number(taken[place])} = ${number(shares[place])}`;

/** How one number came about: rows 1 to 3 run along the free list, row 4 over the slots. */
export function explain(usage, row, column) {
  const { order, places, sorted, taken, shares } = allocate(usage);
  const place = row === 4 ? places[column] : column;
  const slot = order[place];
  const where = `Place ${place} of the free list`;
  if (row === 1) return `${where} holds slot ${slot}, with usage ${number(sorted[place])}.`;
  if (row === 3) return `${where}: slot ${slot} gets ${share(sorted, taken, shares, place)}.`;
  if (row === 4) return `Slot ${slot} stands at place ${place} of the free list and gets its share, ${number(shares[place])}.`;
  if (place === 0) return `${where}: no slot is freer, so the product is 1.00.`;
  return `${where}: the product of the usages before it is ${factors(taken, sorted, place)} = ${number(taken[place])}.`;
}

/** The product before a place, and the usage that it was multiplied by. */
export const factors = (taken, sorted, place) => `${number(taken[place - 1])} × ${number(sorted[place - 1])}`;

/** The question about the usages at the start. */
export function questionFor(usage) {
  const { order, sorted, shares } = allocate(usage);
  const [first, second] = order;
  const last = order.at(-1);
  const free = 1 - sorted[1];
  const offered = [
    ["product", first, shares[1]],
    ["free", first, free],
    ["inclusive", first, shares[1] * sorted[1]],
    ["fullest", last, free * sorted.slice(2).reduce((product, u) => product * u, 1)],
  ].map(([value, most, amount]) => [value, `slot ${most} most; slot ${second} gets ${number(amount)}`]);
  const distinct = offered.filter(([, text], i) => offered.findIndex((other) => other[1] === text) === i);
  return {
    text:
      `The usages are ${list(usage.map(number))}. Which slot will get most, ` +
      `and how much will slot ${second} (usage ${number(sorted[1])}) get?`,
    options: distinct.sort(([, a], [, b]) => (a < b ? -1 : 1)),
    answer: "product",
    why:
      sorted[0] === 1
        ? NOTHING
        : `Slot ${first} is the freest and gets what is free of it, ${number(shares[0])}. ` +
          `Of slot ${second}, ${number(free)} is free; times the usage of the freer slot, ` +
          `${number(sorted[0])}, that makes ${number(shares[1])}.`,
  };
}

/** "a", "a and b", "a, b and c". */
const list = (texts) => [texts.slice(0, -1).join(", "), texts.at(-1)].filter(Boolean).join(" and ");
const slots = (numbers) => `slots ${list(numbers.map(String))}`;
const capital = (text) => text[0].toUpperCase() + text.slice(1);
