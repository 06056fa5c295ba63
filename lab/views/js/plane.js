// Plane: what an affine layer does to the plane, two of them, and relu between them.
import {
  announce, ask, connect, drawVerdicts, el, focusOnly, hint, isCurrent, keepKeys, rove, shape, tick,
} from "./kit.js";
import { number } from "./math.js";
import "./plane.css";
import {
  asOne, affine, bend, boxAround, brief, closed, compose, determinant, folded, GRID, gridLines, LETTER, meaning, narrate,
  pair, pieces, placeLabels, PRESETS, quarters, questionFor, SQUARE, stages,
} from "./plane_math.js";

const LAYERS = [["matrix", "offset"], ["second_matrix", "second_offset"]];
const SETTINGS = [...LAYERS.flat(), "layers", "relu"];
const NAMES = [...SETTINGS, "start", "prediction", "verdicts"];
const [SIDE, UNIT, EDGE, LARGEST] = [280, 40, 3.25, 9]; // pixels, pixels, and how far out a handle is shown
const MARKS = ["●", "■", "◇"]; // of the two columns and of the offset

function render({ model, el: host }) {
  const local = { peeked: false };
  const view = connect(model, NAMES, () => draw());
  const start = () => model.get("start");

  /** A control was used: the covers come off. */
  const change = (values) => ((local.peeked = true), view.change(values));
  const set = (layer, part, values) => change({ [LAYERS[layer][part]]: values });
  const hand = {
    /** The reply is about the settings at the start, so they come with it. */
    answer: (prediction) => view.change({ prediction, ...start() }),
    cell: (layer, i, j, x) => set(layer, 0, replace(model.get(LAYERS[layer][0]), i, (row) => replace(row, j, () => x))),
    shift: (layer, i, x) => set(layer, 1, replace(model.get(LAYERS[layer][1]), i, () => x)),
    preset: (layer, matrix) => set(layer, 0, matrix),
    /** Moves handle 0 or 1, the tip of a column, or 2, the offset; columns start at the offset. */
    tip(handle, place) {
      const [matrix, offset] = [model.get("matrix"), model.get("offset")];
      if (handle === 2) return set(0, 1, place.map(fit));
      set(0, 0, matrix.map((row, i) => replace(row, handle, () => fit(place[i] - offset[i]))));
    },
    second: (on) => change({ layers: on ? 2 : 1 }),
    relu: (relu) => change({ relu }),
    swap: () => change(Object.fromEntries(LAYERS.flatMap((names, k) => names.map((name, i) => [name, model.get(LAYERS[1 - k][i])])))),
    restart: () => view.change(start()),
  };
  const question = questionFor(start());
  const parts = {
    question: ask(question, hand.answer, model.get("prediction") === "skipped"),
    controls: controls(hand),
    step: el("p", { class: "ttm-step", "aria-live": "polite" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
    first: layerPanel(0, hand, question.p),
    folded: foldPanel(question.p),
    last: layerPanel(1, hand, question.p),
    one: onePanel(),
  };
  const root = assemble(parts, hand.restart);
  keepKeys(root);
  host.append(root);

  function draw() {
    const now = Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
    const covered = now.prediction === "" && !local.peeked;
    const current = now.layers === 2 ? LAYERS.flat().flatMap((name) => now[name].flat()) : [];
    const verdict = covered ? null : now.verdicts.find((each) => each.values && isCurrent(each, current));
    const moved = SETTINGS.some((name) => `${now[name]}` !== `${now.start[name]}`);
    parts.question.draw(now.prediction, local.peeked, moved);
    parts.controls.draw(now);
    root.classList.toggle("ttm-single", now.layers === 1 && !now.relu);
    for (const name of ["first", "folded", "last"]) parts[name].draw(now, stages(now)[name], covered, verdict);
    parts.one.draw(now, covered, verdict);
    announce(parts.step, covered ? "The numbers are there; what they do is covered until you have answered." : narrate(now));
    drawVerdicts(parts.verdicts, now.verdicts, current, model.get("offline"), covered);
  }
  draw();
  return view.close;
}

const replace = (values, i, make) => values.map((value, k) => (k === i ? make(value) : value));
const within = (x, most) => Math.max(-most, Math.min(most, x));
/** Tenths are as fine as a hand can drag. */
const fit = (x) => within(Math.round(x * 10) / 10, LARGEST);

function assemble({ question, controls, step, verdicts, first, folded, last, one }, restart) {
  const again = el("button", { type: "button", class: "ttm-plain", onclick: restart }, "Start again");
  controls.node.append(again, question.opener);
  return el(
    "div",
    { class: "ttm-view ttm-plane", role: "group", "aria-label": "Plane" },
    question.node,
    controls.node,
    step,
    verdicts,
    el("div", { class: "ttm-panels" }, first.node, folded.node, last.node, one.node),
  );
}

function controls(hand) {
  const second = tick("Second layer", hand.second);
  const relu = tick("relu after layer 1", hand.relu);
  const swap = el("button", { type: "button", onclick: hand.swap }, "Swap the layers");
  const node = el("div", { class: "ttm-controls" }, second.node, relu.node, swap);
  function draw(now) {
    second.draw(now.layers === 2);
    relu.draw(now.relu);
    swap.hidden = now.layers === 1;
  }
  return { node, draw };
}

/** A layer: its picture, its numbers, and what its determinant says. */
function layerPanel(layer, hand, p) {
  const title = el("div", { class: "ttm-title" });
  const plane = layer ? picture(p) : picture(p, handles(hand));
  const numbers = editor(layer, hand);
  const det = el("p", { class: "ttm-small" });
  const keys = el("span", { class: "ttm-hint" }, "Arrow keys move by 0.1, with Shift by 0.5");
  const about = layer ? [] : [el("p", { class: "ttm-small" }, "Drag ●, ■ or ◇. Dashed: the letter before."), keys];
  const seen = el("div", {}, plane.node, ...about);
  const node = el("div", { class: "ttm-layer" }, title, seen, el("div", {}, numbers.node, det));
  function draw(now, stage, covered, verdict) {
    node.hidden = !stage;
    if (!stage) return;
    const [matrix, offset] = LAYERS[layer].map((name) => now[name]);
    const [A, b] = namesOf(now, layer);
    const folds = now.relu && layer === 0;
    title.textContent = layer ? `After layer 2: ${A} ${now.relu ? "h" : "y"} + ${b}` : now.layers === 2 ? `After layer 1: ${now.relu ? "" : "y = "}${A} x + ${b}` : `${A} x + ${b}`;
    const rest = layer && now.relu && folded(now, matrix, offset, stage(p));
    plane.draw(now, stage, { covered, folds, rest, matrix, offset, arrows: layer && !now.relu && asOne(now), verdict: layer && verdict });
    numbers.draw(matrix, offset, [A, b]);
    det.textContent = `Determinant of ${A}: ${covered ? "covered" : `${brief(determinant(matrix))}; ${meaning(matrix)}`}.`;
  }
  return { node, draw };
}

const namesOf = ({ layers }, layer) => ["A", "b"].map((name) => (layers === 2 ? `${name}${layer + 1}` : name));

const SAME = [[[1, 0], [0, 1]], [0, 0]];
const NUMBERS = ["①", "②", "③", "④"]; // of the pieces, as the quarters are counted

/** Where the pieces that are negative in part lie after relu. */
function whereTo(now) {
  const reached = quarters(now);
  const lines = [1, 3].filter((k) => reached[k]).map((k) => NUMBERS[k]);
  const said = lines.length ? [`${lines.join(" and ")} ${lines.length > 1 ? "lie" : "lies"} on the axes now`] : [];
  if (reached[2]) said.push(`${NUMBERS[2]} ${said.length ? "" : "lies "}in (0, 0)`);
  return said.length ? `${said.join(", ")}. ` : "";
}

/** What relu leaves of the plane. */
function foldPanel(p) {
  const title = el("div", { class: "ttm-title" });
  const plane = picture(p);
  const about = el("p", { class: "ttm-small ttm-legend" });
  const node = el("div", { class: "ttm-layer" }, title, plane.node, about);
  function draw(now, stage, covered) {
    node.hidden = !stage;
    if (!stage) return;
    const [A, b] = namesOf(now, 0);
    title.textContent = `After relu: ${now.layers === 2 ? "h = " : ""}relu(${A} x + ${b})`;
    plane.draw(now, stage, { covered, rest: folded(now, ...SAME, stage(p)), matrix: SAME[0], offset: SAME[1] });
    const count = pieces(now);
    const cut = count > 1 ? `${now.layers === 2 ? "With layer 2, the" : "The"} plane is in ${count} pieces.` : "Here relu bends nothing.";
    about.textContent = covered
      ? "What was negative becomes 0."
      : `What was negative (shaded before) becomes 0. ${whereTo(now)}${cut}`;
  }
  return { node, draw };
}

// ----------------------------------------------------------------------------- the picture

const x = (place) => SIDE / 2 + UNIT * place;
const y = (place) => SIDE / 2 - UNIT * place;
const path = (points) => `M${points.map(([a, b]) => `${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("L")}`;
const GROUND = gridLines().map(path).join("");
const AXES = path([[-GRID, 0], [GRID, 0]]) + path([[0, -GRID], [0, GRID]]);
const QUARTERS = [[0, 0], [-GRID, 0], [-GRID, -GRID], [0, -GRID]]; // their lower left corners
const CORNERS = [[2.9, 2.9], [-2.9, 2.9], [-2.9, -2.9], [2.9, -2.9]]; // where their numbers stand
const TICKS = [-3, -2, -1, 1, 2, 3];
const TAKEN = TICKS.flatMap((k) => [boxAround([x(k), y(0) + 10], 5), boxAround([x(0) - 9, y(k)], 5)]);
const pixels = ([a, b]) => [x(a), y(b)];
/** Small boxes along a line, which labels keep clear of. */
const along = (points) =>
  points.slice(1).flatMap((q, k) => [0, 0.25, 0.5, 0.75].map((share) => boxAround(pixels(q.map((z, i) => z + share * (points[k][i] - z))), 2.5)));

/** The plane as a stage leaves it, over the plane as it was. */
function picture(p, handles) {
  const line = (name) => shape("path", { class: name });
  const [grid, square, letter, yours] = ["ttm-grid", "ttm-square", "ttm-letter", "ttm-own"].map(line);
  const shade = shape("g", { class: "ttm-shade" }, ...QUARTERS.map(([left, bottom], k) =>
    shape("rect", { class: `ttm-quarter${k}`, x: x(left), y: y(bottom + GRID), width: UNIT * GRID, height: UNIT * GRID })));
  const halves = line("ttm-halves");
  const numbers = NUMBERS.map((number) => shape("text", { class: "ttm-middle ttm-piece" }, number));
  const ticks = TICKS.flatMap((k) => [
    shape("text", { x: x(k), y: y(0) + 14, class: "ttm-middle" }, k),
    shape("text", { x: x(0) - 4, y: y(k) + 4, class: "ttm-end" }, k),
  ]);
  const point = shape("g", { class: "ttm-point" }, shape("path", { d: "M-5 -5L5 5M-5 5L5 -5" }), shape("text", { class: "ttm-middle" }));
  const arrows = [0, 1].map((j) => line(`ttm-arrow ttm-column${j}`));
  const cover = shape("text", { x: SIDE / 2 + 70, y: SIDE / 2 - 60, class: "ttm-cover" }, "?");
  const before = [shape("path", { class: "ttm-ground", d: GROUND }), shape("path", { class: "ttm-axes", d: AXES }), ...ticks];
  const was = shape("path", { class: "ttm-was", d: path(closed(LETTER)) });
  const after = shape("g", {}, halves, grid, square, letter, yours);
  const kind = handles ? { role: "group" } : { role: "img" };
  const node = shape("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, ...kind }, shade, ...before, was, after, cover, ...numbers, ...(handles ? handles.nodes : arrows), point);

  function draw(now, stage, { covered, folds = false, rest, matrix, offset, arrows: one, verdict }) {
    const through = (points) => path(bend(now, points).map(stage));
    after.style.display = covered ? "none" : "";
    cover.style.display = covered ? "" : "none";
    shade.style.display = folds && !covered ? "" : "none";
    grid.setAttribute("d", gridLines().map(through).join(""));
    square.setAttribute("d", through(closed(SQUARE)));
    const outline = bend(now, closed(LETTER)).map(stage);
    letter.setAttribute("d", path(outline));
    const [right, up] = rest ? rest.reach : [0, 0];
    node.classList.toggle("ttm-folded", Boolean(rest));
    halves.setAttribute("d", rest ? path([[0, up], [0, 0], [right, 0]].map((p) => affine(matrix, offset, p))) : "");
    const spots = folds ? CORNERS : rest?.spots;
    const reached = spots && !covered && pieces(now) > 1 ? quarters(now) : [];
    const shown = numbers.map((_, k) => (reached[k] && spots[k] ? pixels(spots[k]) : null));
    numbers.forEach((number, k) => {
      number.style.display = shown[k] ? "" : "none";
      number.setAttribute("x", shown[k]?.[0] ?? 0);
      number.setAttribute("y", (shown[k]?.[1] ?? 0) + 6);
    });
    const own = verdict && verdict.state === "differs" && !now.relu && ownMap(verdict.values);
    yours.setAttribute("d", own ? path(closed(LETTER).map(own)) : "");
    arrows.forEach((arrow, j) => {
      const from = one && !covered && one.offset;
      arrow.setAttribute("d", from ? pointer(from, from.map((start, i) => start + one.matrix[i][j])) : "");
    });
    const at = covered ? p : stage(p);
    const inside = Math.max(...at.map(Math.abs)) <= 3.4;
    point.setAttribute("transform", `translate(${x(at[0])} ${y(at[1])})`);
    point.style.display = inside ? "" : "none";
    point.lastChild.textContent = pair(at);
    const origin = covered ? [0, 0] : stage([0, 0]);
    const taken = [...TAKEN, ...shown.filter(Boolean).map((spot) => boxAround(spot, 8)), ...(covered ? [] : along(outline))];
    const tips = handles?.draw(now) ?? [];
    if (inside) taken.push(boxAround(pixels(at), 7));
    for (const tip of tips) taken.push(boxAround(tip.at, 9), ...along([now.offset, tip.place]));
    const named = { label: point.lastChild, at: pixels(at), away: at.map((z, i) => (i ? -1 : 1) * (z - origin[i])), width: 7.2 * pair(at).length };
    const labels = inside ? [...tips, named] : tips;
    placeLabels(labels, taken, SIDE).forEach((middle, k) => {
      labels[k].label.setAttribute("x", middle[0] - labels[k].at[0]);
      labels[k].label.setAttribute("y", middle[1] - labels[k].at[1] + 4);
    });
    node.setAttribute("aria-label", covered ? "The plane as it was; where it goes is covered." : `Point ${pair(p)} is at ${pair(at)}.`);
  }
  return { node, draw };
}

/** The learner's map, where all its numbers are numbers. */
function ownMap({ A, b }) {
  return [...A.flat(), ...b].every((value) => value !== null) && ((p) => affine(A, b, p));
}

/** A line with a head, from one place to another. */
function pointer(from, to) {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const wing = (turn) => to.map((place, i) => place - 0.22 * (i ? Math.sin(angle + turn) : Math.cos(angle + turn)));
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 0.05) return "";
  return path([from, to]) + path([wing(0.45), to, wing(-0.45)]);
}

/** The tips of the two columns and the offset, to be dragged or moved by the arrows; `draw` returns their labels. */
function handles(hand) {
  const marks = [
    shape("circle", { r: 7 }),
    shape("rect", { x: -6.5, y: -6.5, width: 13, height: 13 }),
    shape("path", { d: "M0 -11L11 0L0 11L-11 0Z" }),
  ];
  const arrows = [0, 1].map((j) => shape("path", { class: `ttm-arrow ttm-column${j}` }));
  const places = [null, null, null];
  const tips = marks.map((mark, k) => handle(k, mark, (place) => hand.tip(k, place), () => places[k]));

  function draw(now) {
    const { matrix, offset } = now;
    const [A, b] = namesOf(now, 0);
    for (const j of [0, 1]) {
      places[j] = offset.map((start, i) => start + matrix[i][j]);
      arrows[j].setAttribute("d", pointer(offset, places[j]));
    }
    places[2] = offset;
    const columns = [0, 1].map((j) => matrix.map((row) => row[j]));
    const away = matrix.map(([first, second]) => -first - second);
    return [
      ...columns.map((column, j) => tips[j].draw(places[j], `${A}[:, ${j}]`, pair(column), column)),
      tips[2].draw(offset, b, pair(offset), away),
    ];
  }
  return { nodes: [...arrows, tips[2].node, tips[0].node, tips[1].node], draw };
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function handle(k, mark, onmove, now) {
  const label = shape("text", { "aria-hidden": "true", class: "ttm-middle" });
  let frame; // where the picture stood when the tip was taken: words above it may change its place
  const drag = ({ clientX, clientY }) => {
    const unit = (frame.width / SIDE) * UNIT;
    onmove([(clientX - frame.left - frame.width / 2) / unit, (frame.top + frame.height / 2 - clientY) / unit].map((z) => within(z, 3.4)));
  };
  const node = shape(
    "g",
    {
      class: `ttm-handle ttm-column${k}`, role: "slider", tabindex: 0, "aria-roledescription": "point in the plane",
      "aria-valuemin": -LARGEST, "aria-valuemax": LARGEST,
      onpointerdown: (event) => {
        event.preventDefault();
        node.setPointerCapture(event.pointerId);
        node.focus({ focusVisible: false });
        frame = node.ownerSVGElement.getBoundingClientRect();
      },
      onpointermove: (event) => node.hasPointerCapture(event.pointerId) && drag(event),
      onkeydown: (event) => {
        const step = STEPS[event.key];
        if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        onmove(now().map((z, i) => z + step[i] * (event.shiftKey ? 0.5 : 0.1)));
      },
    },
    shape("circle", { r: k === 2 ? 18 : 13, class: "ttm-reach" }), mark, label,
  );
  function draw(place, name, value, away) {
    const shown = place.map((z) => within(z, EDGE)); // a tip outside waits at the edge
    node.setAttribute("transform", `translate(${x(shown[0])} ${y(shown[1])})`);
    node.classList.toggle("ttm-outside", `${shown}` !== `${place}`);
    node.setAttribute("aria-label", name);
    node.setAttribute("aria-valuenow", brief(place[0]));
    node.setAttribute("aria-valuetext", value);
    label.textContent = name;
    return { label, at: pixels(shown), place: shown, away: [away[0], -away[1]], width: 6.6 * name.length };
  }
  return { node, draw };
}

// ----------------------------------------------------------------------------- the numbers

/** Matrix and offset, as the columns that they are; `cell(part, i, j)` makes what stands in them. */
function bracketed(cell) {
  const block = (part, columns) => {
    const cells = [0, 1].map((i) => columns.map((j) => cell(part, i, j)));
    const heading = columns.map((j) => el("span", { class: `ttm-mark ttm-column${part ? 2 : j}`, "aria-hidden": "true" }, MARKS[part ? 2 : j]));
    const name = el("span", { class: "ttm-name" });
    const body = el("div", { class: "ttm-cells", style: `--columns: ${columns.length}` }, ...heading, ...cells.flat());
    return { name, node: el("div", { class: "ttm-block" }, name, body) };
  };
  const [A, b] = [block(0, [0, 1]), block(1, [0])];
  const name = (names) => [A, b].forEach((each, k) => (each.name.textContent = `${names[k]} =`));
  return { node: el("div", { class: "ttm-numbers" }, A.node, b.node), name };
}

const place = (part, i, j) => (part ? `[${i}]` : `[${i}, ${j}]`);

/** The numbers of a layer, to be typed, and some matrices to start from. */
function editor(layer, hand) {
  const inputs = [];
  const table = bracketed((part, i, j) => {
    const input = el("input", {
      type: "number", step: 0.1, min: -LARGEST, max: LARGEST,
      oninput: () => {
        if (input.value === "" || !(Math.abs(input.valueAsNumber) <= LARGEST)) return;
        if (part) hand.shift(layer, i, input.valueAsNumber);
        else hand.cell(layer, i, j, input.valueAsNumber);
      },
      onblur: () => (input.value = input.dataset.value), // also after what was no number
    });
    inputs.push({ input, part, i, j });
    return input;
  });
  const buttons = PRESETS.map(([name, matrix]) => el("button", { type: "button", onclick: () => hand.preset(layer, matrix) }, name));
  const legend = el("span", { class: "ttm-small" });
  const presets = el("div", { class: "ttm-presets", role: "group" }, legend, hint(), ...buttons);
  rove(presets, () => [buttons]);
  focusOnly(buttons, buttons[0]);
  const node = el("div", {}, table.node, presets);
  function draw(matrix, offset, names) {
    table.name(names);
    legend.textContent = `Set ${names[0]} to`;
    presets.setAttribute("aria-label", legend.textContent);
    for (const { input, part, i, j } of inputs) {
      input.dataset.value = brief(part ? offset[i] : matrix[i][j]);
      if (!input.matches(":focus")) input.value = input.dataset.value;
      input.setAttribute("aria-label", `${names[part]}${place(part, i, j)}`);
    }
    buttons.forEach((button, k) => button.setAttribute("aria-pressed", `${PRESETS[k][1]}` === `${matrix}`));
  }
  return { node, draw };
}

/** Numbers to read: of the one layer, and of the learner's. */
function readout() {
  const cells = [];
  const table = bracketed((part, i, j) => {
    const node = el("span", { class: "ttm-number" });
    cells.push({ node, part, i, j });
    return node;
  });
  function draw(names, numbers, wrong) {
    table.name(names);
    for (const { node, part, i, j } of cells) {
      const value = numbers && (part ? numbers[1][i] : numbers[0][i][j]);
      const marked = wrong && `${wrong}` === `${["A", "b"][part]},${i}${part ? "" : `,${j}`}`;
      node.textContent = (marked ? "≠ " : "") + (!numbers ? "?" : value === null ? "no number" : number(value));
      node.classList.toggle("ttm-wrong", Boolean(marked));
    }
  }
  return { node: table.node, draw };
}

/** Both layers as one, beside what the learner's function makes of them. */
function onePanel() {
  const [title, about, det] = [el("div", { class: "ttm-title" }), el("p", { class: "ttm-small" }), el("p", { class: "ttm-small" })];
  const [one, yours] = [readout(), readout()];
  const name = el("div", { class: "ttm-title" });
  const own = el("div", { class: "ttm-yours" }, name, yours.node);
  const node = el("div", { class: "ttm-layer ttm-one" }, title, about, one.node, det, own);
  function draw(now, covered, verdict) {
    node.hidden = now.layers === 1;
    const { matrix, offset } = compose(...LAYERS.flat().map((each) => now[each]));
    const cut = !covered && now.relu;
    const bent = cut && pieces(now) > 1;
    title.textContent = cut ? "Without relu, one layer would do" : "Both as one layer: A x + b";
    about.textContent = covered
      ? "Is there one, and with which numbers?"
      : bent ? `With relu no single layer does the same: the plane is in ${pieces(now)} pieces.`
      : cut ? "" : "It takes every point where the two take it: its picture is the one after layer 2.";
    one.draw(["A", "b"], covered ? null : [matrix, offset], verdict?.wrong);
    det.textContent = `Determinant of A: ${covered ? "covered" : `${brief(determinant(matrix))}; ${meaning(matrix)}`}.`;
    own.hidden = verdict?.state !== "differs";
    if (own.hidden) return;
    name.textContent = `Yours: ${verdict.name}${now.relu ? "" : " (orange, dotted)"}`;
    yours.draw(["A", "b"], [verdict.values.A, verdict.values.b], verdict.wrong);
  }
  return { node, draw };
}

export default { render };
