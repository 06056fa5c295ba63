import { dot, matmul, number } from "./math.js";

/** What lies in the plane before any layer: the half-width of the grid, a square and a letter. */
export const GRID = 4;
export const SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]];
export const LETTER = [
  [-1.5, -0.6], [-1.15, -0.6], [-1.15, 0.3], [-0.6, 0.3], [-0.6, 0.65],
  [-1.15, 0.65], [-1.15, 1.05], [-0.4, 1.05], [-0.4, 1.4], [-1.5, 1.4],
];

const [COS, SIN] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
export const PRESETS = [
  ["Identity", [[1, 0], [0, 1]]],
  ["Turn 30°", [[COS, -SIN], [SIN, COS]]],
  ["Turn 90°", [[0, -1], [1, 0]]],
  ["Scale 2", [[2, 0], [0, 2]]],
  ["Shear", [[1, 1], [0, 1]]],
  ["Mirror", [[-1, 0], [0, 1]]],
  ["Project", [[1, 0], [0, 0]]],
];

const NONE = 1e-9; // below this a number is 0 up to rounding

/** A p + b. */
export const affine = (matrix, offset, p) => matrix.map((row, i) => dot(row, p) + offset[i]);

/** The one affine map that does what two do, the first one first. */
export const compose = (A1, b1, A2, b2) => ({ matrix: matmul(A2, A1), offset: affine(A2, b2, b1) });

export const determinant = ([[a, b], [c, d]]) => a * d - b * c;

/** Where a point stands after layer 1, after relu and after layer 2, for those that are there. */
export function stages({ matrix, offset, second_matrix, second_offset, layers, relu }) {
  const first = (p) => affine(matrix, offset, p);
  const folded = (p) => first(p).map((x) => Math.max(0, x));
  const last = (p) => affine(second_matrix, second_offset, relu ? folded(p) : first(p));
  return { first, ...(relu && { folded }), ...(layers === 2 && { last }) };
}

/** Where a point ends. */
export const carry = (now, p) => Object.values(stages(now)).at(-1)(p);

/**
 * The map of all layers as one matrix and offset; null where none does the same.
 * An affine map is known by where it takes three points.
 */
export function asOne(now) {
  if (pieces(now) > 1) return null;
  const [origin, ...tips] = [[0, 0], [1, 0], [0, 1]].map((p) => carry(now, p));
  return { matrix: origin.map((start, i) => tips.map((tip) => tip[i] - start)), offset: origin };
}

/**
 * In how many pieces the plane falls, with an affine map of its own on each. A piece ends where a
 * number that relu sees changes its sign: on a line for each row of the first matrix. As relu(s) is
 * (s + |s|) / 2, the slope jumps there by a vector: where these cancel, nothing is cut.
 */
export function pieces({ matrix, offset, second_matrix, layers, relu }) {
  if (!relu) return 1;
  const lines = matrix.flatMap((row, i) => {
    const length = Math.hypot(...row);
    if (length < NONE) return [];
    const way = layers === 2 ? second_matrix.map((each) => each[i]) : [1 - i, i];
    return [{ normal: row.map((x) => x / length), shift: offset[i] / length, jump: way.map((x) => x * length) }];
  });
  const [one, two] = lines;
  const parallel = two && Math.abs(determinant([one.normal, two.normal])) < NONE;
  const side = parallel && Math.sign(dot(one.normal, two.normal));
  const same = parallel && Math.abs(one.shift - side * two.shift) < NONE;
  const jumps = same ? [one.jump.map((x, i) => x + two.jump[i])] : lines.map((line) => line.jump);
  const cuts = jumps.filter((jump) => Math.hypot(...jump) > NONE).length;
  return cuts === 2 && !parallel ? 4 : 1 + cuts;
}

/** A line through `points`, with the points added where relu will bend it. */
export function bend({ matrix, offset }, points) {
  return points.slice(1).reduce(
    (path, q, k) => {
      const p = points[k];
      const [from, to] = [affine(matrix, offset, p), affine(matrix, offset, q)];
      const shares = from.map((s, i) => s / (s - to[i])).filter((share) => share > 0 && share < 1);
      const bends = shares.sort((a, b) => a - b).map((share) => p.map((x, i) => x + share * (q[i] - x)));
      return [...path, ...bends, q];
    },
    [points[0]],
  );
}

/** Which of the four quarters the plane reaches after layer 1, counterclockwise from both positive. */
export function quarters({ matrix, offset }) {
  const signs = [[1, 1], [-1, 1], [-1, -1], [1, -1]];
  if (Math.abs(determinant(matrix)) > NONE) return signs.map(() => true);
  const way = [0, 1].map((j) => matrix.map((row) => row[j])).find((column) => Math.hypot(...column) > NONE) ?? [0, 0];
  const [first, last] = way.map((z, i) => (Math.abs(z) > NONE ? -offset[i] / z : 0)).sort((a, b) => a - b);
  const places = [first - 1, (first + last) / 2, last + 1].map((share) => offset.map((z, i) => z + share * way[i]));
  return signs.map((sign) => places.some((place) => place.every((z, i) => (sign[i] > 0 ? z > -NONE : z < -NONE))));
}

/**
 * What relu makes of the quarters, behind a layer: ① stays a quarter, ② and ④ become half an axis,
 * ③ a point. For each, where its number stands, not too near to `point`; and how far the grid
 * reaches along the two axes.
 */
export function folded(now, matrix, offset, point) {
  const [along, up] = [0, 1].map((j) => matrix.map((row) => row[j]));
  const beside = (way, distance) => way.map((z) => (-distance * z) / (Math.hypot(...way) || 1));
  const far = [2.5, 2, 3, 1.5, 1, 0.5];
  const places = [
    [[2.9, 2.9], [1.5, 2.9], [2.9, 1.5], [2, 2], [1, 2], [2, 1], [1, 1]], far.map((t) => [0, t]), [[0, 0]], far.map((t) => [t, 0]),
  ];
  const shifts = [[0, 0], beside(along, 0.32), beside(along.map((z, i) => z + up[i]), 0.45), beside(up, 0.32)];
  const inside = (place) => Math.max(...place.map(Math.abs)) <= 3.2 && Math.hypot(...place.map((z, i) => z - point[i])) > 0.7;
  const spots = shifts.map((shift, k) =>
    places[k].map((place) => affine(matrix, offset, place).map((z, i) => z + shift[i])).find(inside) ?? null,
  );
  const ends = gridLines().flat().map((p) => affine(now.matrix, now.offset, p));
  const reach = (i) => Math.max(0, ...ends.filter((end) => end[1 - i] <= 0).map((end) => end[i]));
  return { spots, reach: [reach(0), reach(1)] };
}

/** The lines of the grid, each from end to end. */
export const gridLines = () =>
  Array.from({ length: 2 * GRID + 1 }, (_, i) => i - GRID).flatMap((k) => [
    [[k, -GRID], [k, GRID]],
    [[-GRID, k], [GRID, k]],
  ]);

export const closed = (points) => [...points, points[0]];

const [LINE, GAPS] = [14, [11, 20, 30]]; // pixels: a line of words, and how far it stands off

/**
 * Where the middles of labels go: around their points, and neither over each other nor over what is
 * `taken`, as far as there is room. A label is {at, width, away}, all in pixels; it had rather stand
 * to the side `away`. A box is [left, top, right, bottom].
 */
export function placeLabels(labels, taken, side) {
  const boxes = [...taken];
  return labels.map(({ at: [x, y], width, away }) => {
    const size = Math.hypot(...away) || 1;
    const places = GAPS.flatMap((gap) =>
      Array.from({ length: 16 }, (_, k) => {
        const [across, down] = [Math.cos((k * Math.PI) / 8), Math.sin((k * Math.PI) / 8)];
        const middle = [x + across * (gap + width / 2), y + down * (gap + LINE / 2)];
        const box = boxAround(middle, width / 2, LINE / 2);
        const turned = 12 * (1 - (across * away[0] + down * away[1]) / size);
        const out = width * LINE - overlap(box, [2, 2, side - 2, side - 2]);
        const cost = turned + gap + 5 * out + boxes.reduce((sum, each) => sum + overlap(box, each), 0);
        return { middle, box, cost };
      }),
    );
    const best = places.reduce((a, b) => (b.cost < a.cost ? b : a));
    boxes.push(best.box);
    return best.middle;
  });
}

export const boxAround = ([x, y], across, down = across) => [x - across, y - down, x + across, y + down];

function overlap([a, b, c, d], [e, f, g, h]) {
  return Math.max(0, Math.min(c, g) - Math.max(a, e)) * Math.max(0, Math.min(d, h) - Math.max(b, f));
}

/** A number without idle zeros. */
export const brief = (x) => String(Number(number(x)));
export const pair = (p) => `(${p.map(brief).join(", ")})`;
const grid = (matrix) => `[${matrix.map((row) => `[${row.map(brief).join(", ")}]`).join(", ")}]`;

/** What the determinant says about areas and orientation. */
export function meaning(matrix) {
  const det = determinant(matrix);
  const size = brief(Math.abs(det));
  if (size === "0") return `the plane falls onto a ${matrix.flat().every((x) => brief(x) === "0") ? "point" : "line"}`;
  const way = det > 0 ? "the orientation stays" : "the orientation is turned over";
  if (size === "1") return `areas stay as they are, and ${way}`;
  return `areas ${Math.abs(det) > 1 ? `grow ${size} times` : `shrink to ${size} of their size`}, and ${way}`;
}

const determined = (matrix) => `The determinant is ${brief(determinant(matrix))}: ${meaning(matrix)}.`;

/** What the view shows now, in one or a few sentences. */
export function narrate(now) {
  if (now.relu) return narrateFold(now);
  const { matrix, offset } = asOne(now);
  if (now.layers === 2)
    return `Both layers together do what one layer does, with A = ${grid(matrix)} and b = ${pair(offset)}. ${determined(matrix)}`;
  const [first, second] = [0, 1].map((j) => pair(matrix.map((row) => row[j])));
  const moved = pair(offset) === "(0, 0)" ? "" : ` Then b moves every point by ${pair(offset)}.`;
  return `The columns of A say where the basis vectors go: (1, 0) to ${first}, (0, 1) to ${second}.${moved} ${determined(matrix)}`;
}

function narrateFold(now) {
  const one = asOne(now);
  if (one) return `Here relu bends nothing: one layer does the same, with A = ${grid(one.matrix)} and b = ${pair(one.offset)}.`;
  return `relu puts 0 in the place of every negative coordinate. ${ownMaps(now)}`;
}

const ownMaps = (now) =>
  `The plane is cut into ${pieces(now)} pieces with an affine map of its own on each: no single affine map does the same.`;

/** The question about the settings at the start, and the point `p` that it is about. */
export function questionFor(start) {
  return start.layers === 2 ? askOfBoth(start) : askOfOne(start);
}

function askOfOne(start) {
  const { matrix, offset, relu } = start;
  const corners = [[1, 1], [-1, 1], [1, -1], [-1, -1]];
  const ends = corners.map((corner) => affine(matrix, offset, corner));
  const half = ends.findIndex((end) => Math.min(...end) < 0 && Math.max(...end) > 0); // relu keeps one of the two
  const p = corners[relu && half > 0 ? half : 0];
  const before = affine(matrix, offset, p);
  const turned = [0, 1].map((j) => dot(matrix.map((row) => row[j]), p) + offset[j]);
  const fold = (q) => q.map((x) => Math.max(0, x));
  const wrong = relu
    ? [before, before.map(Math.abs), fold(affine(matrix, [0, 0], p)).map((x, i) => x + offset[i]), p, [0, 0]]
    : [turned, affine(matrix, [0, 0], p), p, affine(matrix, offset, [1, 0])];
  const end = carry(start, p);
  const sum = [0, 1].map((j) => `${brief(p[j])} · ${pair(matrix.map((row) => row[j]))}`).join(" + ");
  const folded = relu ? `; relu makes that ${pair(end)}` : "";
  return {
    p,
    what: "pictures",
    text: `A = ${grid(matrix)} and b = ${pair(offset)}. Where does ${relu ? "relu(A x + b)" : "A x + b"} take the point ${pair(p)}?`,
    options: offer(end, wrong, (q) => `to ${pair(q)}`),
    answer: pair(end),
    why: `${brief(p[0])} times the first column, ${brief(p[1])} times the second, and b: ${sum} + ${pair(offset)} = ${pair(before)}${folded}.`,
  };
}

function askOfBoth(start) {
  const { matrix, offset, second_matrix, second_offset, relu } = start;
  const p = [1, 1];
  const one = asOne(start);
  const end = carry(start, p);
  const straight = carry({ ...start, relu: false }, p);
  const swapped = affine(matrix, offset, affine(second_matrix, second_offset, p));
  const both = offset.map((x, i) => x + second_offset[i]);
  const added = affine(matmul(second_matrix, matrix), both, p);
  const between = Object.values(stages(start)).map((stage) => pair(stage(p)));
  const steps = `${pair(p)} goes to ${between.join(", then to ")}`;
  return {
    p,
    what: "pictures",
    text:
      `The plane goes through layer 1${relu ? ", relu" : ""} and layer 2. Can one layer A x + b do the same to every point? ` +
      `If so, where does it take the point ${pair(p)}?`,
    options: [...offer(one ? end : straight, [swapped, added], (q) => `yes; to ${pair(q)}`), ["no", "no single layer can"]],
    answer: one ? pair(end) : "no",
    why: one
      ? `${steps}. One layer with A = ${grid(one.matrix)} and b = ${pair(one.offset)} takes every point where the two take it.`
      : ownMaps(start),
  };
}

/** The answers that differ in what they say, in the order of their numbers. */
function offer(right, wrong, say) {
  const distinct = [right, ...wrong].filter((q, i, all) => all.findIndex((other) => pair(other) === pair(q)) === i);
  return distinct.sort(([a, b], [c, d]) => a - c || b - d).map((q) => [pair(q), say(q)]);
}
