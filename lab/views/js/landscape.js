// Landscape: three optimizers go down a surface of two weights from the same place.
import "./landscape.css";
import { announce, ask, cividis, connect, drawVerdicts, el, hint, isCurrent, keepKeys, pick, shape, unique } from "./kit.js";
import {
  amount, EDGE, height, isGone, levels, lowest, narrate, OPTIMIZERS, point, race, rates, rounded, snap, spot, stepped, SURFACES, ticks,
} from "./landscape_math.js";
import { number, short } from "./math.js";

const NAMES = ["surface", "start", "learning_rate", "momentum", "step", "prediction", "verdicts"];
const CHOICES = [["bowl", "bowl"], ["ravine", "ravine"], ["valleys", "two valleys"], ["saddle", "saddle"]];
const PACE = 200; // milliseconds that a step stays while playing
const MARKS = {
  sgd: "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0z",
  momentum: "M-6 -6h12v12h-12z",
  rmsprop: "M0 -7l7.5 13h-15z",
};

function render({ model, el: host }) {
  const [surfaces, opening, steps] = ["surfaces", "opening", "steps"].map((name) => model.get(name));
  const local = { peeked: false, timer: 0 };
  const view = connect(model, NAMES, () => draw());
  const state = () => ({ steps, ...Object.fromEntries(NAMES.map((name) => [name, model.get(name)])) });
  const step = () => Math.min(model.get("step"), steps);

  const stop = () => (clearInterval(local.timer), (local.timer = 0));
  /** A control was used: the covers come off. */
  const change = (values) => ((local.peeked = true), view.change(values));
  const set = (values) => (stop(), change(values));
  const go = (target) => change({ step: Math.max(0, Math.min(steps, target)) });
  /** Where motion is unwelcome, playing is one step. */
  function play() {
    const next = step() < steps ? step() + 1 : 0;
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches)
      local.timer = setInterval(() => (step() + 1 >= steps && stop(), go(step() + 1)), PACE);
    go(next);
  }
  const hand = {
    /** The reply is about the settings at the start, so they come with it. */
    answer: (prediction) => (stop(), view.change({ prediction, ...opening })),
    surface: (surface) => set({ surface, start: surfaces[surface].start, learning_rate: surfaces[surface].learning_rate }),
    start: (start) => set({ start }),
    rate: (learning_rate) => set({ learning_rate }),
    momentum: (momentum) => set({ momentum }),
    step: (target) => (stop(), go(target)),
    play: () => (local.timer ? (stop(), draw()) : play()),
    restart: () => (stop(), view.change(opening)),
  };
  const parts = {
    question: ask(model.get("question"), hand.answer, model.get("prediction") === "skipped"),
    controls: controls([opening, ...Object.values(surfaces)].map((each) => each.learning_rate), hand),
    player: player(steps, step, hand),
    map: mapPanel(hand.start),
    chart: chartPanel(steps),
    table: runTable(),
    step: el("p", { class: "ttm-step", "aria-live": "polite" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
  };
  const root = assemble(parts, hand.restart);
  keepKeys(root);
  host.append(root);

  function draw() {
    const now = { ...state(), step: step() };
    const surface = surfaces[now.surface];
    const runs = race(now);
    const covered = now.prediction === "" && !local.peeked;
    const current = [now.surface, ...now.start, now.learning_rate, now.momentum];
    const wrong = now.verdicts.filter((each) => !covered && each.wrong?.[0] <= now.step && isCurrent(each, current));
    parts.question.draw(now.prediction, local.peeked, current.join() !== settingsOf(opening).join());
    parts.controls.draw(now, surface);
    parts.player.draw(now.step, local.timer > 0);
    parts.map.draw(now, runs, covered, wrong);
    parts.chart.draw(now, surface, runs, covered);
    parts.table.draw(now, runs, covered, wrong);
    parts.step.setAttribute("aria-live", local.timer ? "off" : "polite");
    announce(parts.step, covered ? coveredSentence(now) : narrate(now, runs, surface.lowest));
    drawVerdicts(parts.verdicts, now.verdicts, current, model.get("offline"), covered);
  }
  draw();
  return () => (stop(), view.close());
}

const settingsOf = ({ surface, start, learning_rate, momentum }) => [surface, ...start, learning_rate, momentum];

const coveredSentence = ({ surface, start }) =>
  `All three start at ${spot(surface, start)}. Where they go is covered until you have answered.`;

function assemble({ question, controls, player, map, chart, table, step, verdicts }, restart) {
  player.node.append(el("button", { type: "button", class: "ttm-plain", onclick: restart }, "Start again"), question.opener);
  return el(
    "div",
    { class: "ttm-view ttm-landscape", role: "group", "aria-label": "Landscape" },
    question.node,
    controls.node,
    player.node,
    step,
    verdicts,
    el("div", { class: "ttm-panels" }, map.node, chart.node),
    table.node,
  );
}

// ----------------------------------------------------------------------------- the controls

function controls(startRates, hand) {
  const surface = pick("Surface", CHOICES, hand.surface);
  const formula = el("span", { class: "ttm-number" });
  const hundredths = Array.from({ length: 100 }, (_, i) => i / 100);
  const rate = slider("Learning rate", rates(startRates), hand.rate, Math.log10, (x) => 10 ** x);
  const momentum = slider("Momentum", hundredths, hand.momentum, (x) => x, (x) => x);
  const node = el(
    "div", { class: "ttm-controls" },
    el("div", {}, surface.node, el("div", { class: "ttm-formula" }, "loss = ", formula)),
    rate.node, momentum.node,
  );
  function draw(now, { formula: text }) {
    surface.draw(now.surface);
    announce(formula, text);
    rate.draw(now.learning_rate);
    momentum.draw(now.momentum);
  }
  return { node, draw };
}

const PIXEL = 0.0075; // half of one, on the scale of the learning rate

/** A slider whose handle stands at `to(value)`; the keys move it through the `values`. */
function slider(name, values, onchange, to, from) {
  const id = unique("slider");
  const value = el("output", { for: id });
  const [low, high] = [values[0], values.at(-1)];
  let shown;
  /** In two figures; one of the `values` where the handle is as near as a hand can put it. */
  function read() {
    const far = (x) => Math.abs(to(x) - input.valueAsNumber);
    const near = values.reduce((best, x) => (far(x) < far(best) ? x : best));
    return far(near) < PIXEL ? near : rounded(from(input.valueAsNumber), low, high);
  }
  const input = el("input", {
    id, type: "range", min: to(low), max: to(high), step: "any",
    oninput: () => onchange(read()),
    onkeydown: (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 }[event.key];
      if (!steps || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      onchange(stepped(values, shown, steps));
    },
  });
  const node = el("div", { class: "ttm-slider" }, el("div", {}, el("label", { for: id }, `${name} `), value), input);
  const draw = (now) => {
    // Our own rounding must not move the handle under the hand.
    shown = now;
    if (read() !== now) input.valueAsNumber = to(now);
    value.textContent = short(now);
    input.setAttribute("aria-valuetext", short(now));
  };
  return { node, draw };
}

function player(steps, now, hand) {
  const button = (text, onclick) => el("button", { type: "button", onclick }, text);
  const [back, run] = [button("‹ Back", () => hand.step(now() - 1)), button("Play", hand.play)];
  const next = button("", () => hand.step(now() < steps ? now() + 1 : 0));
  next.className = "ttm-next";
  const id = unique("steps");
  const input = el("input", { id, type: "range", min: 0, max: steps, step: 1, oninput: () => hand.step(input.valueAsNumber) });
  const place = el("output", { for: id });
  const time = el("div", { class: "ttm-slider" }, el("label", { for: id }, "Step "), place, ` of ${steps}`, input);
  const node = el("div", { class: "ttm-player" }, back, run, next, time);
  function draw(step, playing) {
    back.setAttribute("aria-disabled", step === 0);
    next.textContent = step < steps ? "Next ›" : "From step 0 ›";
    run.textContent = playing ? "Pause" : "Play";
    input.valueAsNumber = step;
    input.setAttribute("aria-valuetext", `step ${step}`);
    place.textContent = step;
  }
  return { node, draw };
}

// ----------------------------------------------------------------------------------- the map

const [UNIT, LEFT, TOP] = [70, 26, 6];
const [WIDTH, HEIGHT] = EDGE.map((edge) => 2 * edge * UNIT);
const [ALL, DOWN] = [LEFT + WIDTH + 8, TOP + HEIGHT + 26];

/** Where weights stand in the picture. */
const place = ([a, b]) => [LEFT + UNIT * (a + EDGE[0]), TOP + UNIT * (EDGE[1] - b)];
const weightsAt = ({ clientX, clientY }, { left, top, width }) => {
  const [x, y] = [clientX - left, clientY - top].map((d) => (d * ALL) / width);
  return [(x - LEFT) / UNIT - EDGE[0], EDGE[1] - (y - TOP) / UNIT].map(snap);
};
const joined = (points) => points.map((w, i) => `${i ? "L" : "M"}${place(w).map((x) => x.toFixed(1))}`).join("");
const within = (w) => w.map((x, i) => Math.max(-EDGE[i], Math.min(EDGE[i], x)));

/** The surface from above, with the runs so far, and the start to drag. */
function mapPanel(onstart) {
  const image = shape("image", { x: LEFT, y: TOP, width: WIDTH, height: HEIGHT, preserveAspectRatio: "none" });
  const runs = Object.keys(OPTIMIZERS).map(runOnMap);
  const inside = unique("inside");
  const clip = shape("clipPath", { id: inside }, shape("rect", { x: LEFT, y: TOP, width: WIDTH, height: HEIGHT }));
  const trails = shape("g", { "clip-path": `url(#${inside})` }, ...runs.map((each) => each.trail));
  const middle = middleLine();
  const ring = shape("circle", { class: "ttm-ring", r: 10 });
  const picture = shape(
    "svg", { viewBox: `0 0 ${ALL} ${DOWN}`, "aria-hidden": "true" },
    clip, image, ...axes(), middle, trails, ring, ...runs.map((each) => each.marks),
  );
  const handle = startHandle(picture, onstart);
  const tap = (event) => event.target !== handle.node && onstart(weightsAt(event, picture.getBoundingClientRect()));
  const board = el("div", { class: "ttm-board", onclick: tap }, picture, handle.node);
  const node = el(
    "div", { class: "ttm-map" },
    el("div", { class: "ttm-title" }, "From above: drag the ring ", hint()),
    board,
    el("p", { class: "ttm-small" }, "The darker, the lower. A dot for each step; an arrow points the steepest way down. A hollow mark: off the map. Where a weight passes 100, the run has diverged and ends."),
  );
  const pictures = {};
  function draw(now, all, covered, wrong) {
    image.setAttribute("href", (pictures[now.surface] ??= painted(now.surface)));
    middle.style.display = now.surface === "saddle" ? "" : "none";
    ring.setAttribute("transform", `translate(${place(now.start)})`);
    handle.draw(now.surface, now.start);
    for (const each of runs) each.draw(now, all[each.name], covered, wrong.find(({ optimizer }) => optimizer === each.name));
  }
  return { node, draw };
}

function axes() {
  const words = (x, y, anchor, text) => shape("text", { x, y, "text-anchor": anchor }, text);
  const across = [-3, -2, -1, 0, 1, 2].map((w) => words(place([w, 0])[0], TOP + HEIGHT + 17, "middle", w));
  const up = [-2, -1, 0, 1].map((w) => words(LEFT - 6, place([0, w])[1] + 4, "end", w));
  return [...across, ...up, words(LEFT + WIDTH, TOP + HEIGHT + 17, "end", "w₀"), words(LEFT - 4, TOP + 10, "end", "w₁")];
}

/** Where the saddle is flat across: who starts beside it leaves it slowly. */
function middleLine() {
  const [x, y] = place([EDGE[0], 0]);
  return shape(
    "g", { class: "ttm-middle" },
    shape("path", { d: `M${LEFT} ${y}H${x}` }), shape("text", { x: x - 6, y: y + 16, "text-anchor": "end" }, "the middle line, w₁ = 0"),
  );
}

/** The surface as a picture, in bands of equal height. */
function painted(surface) {
  const canvas = el("canvas", { width: WIDTH, height: HEIGHT });
  const pixels = new ImageData(WIDTH, HEIGHT);
  const colors = new Map();
  levels(surface, WIDTH, HEIGHT).forEach((share, i) => {
    if (!colors.has(share)) colors.set(share, [...cividis(share), 255]);
    pixels.data.set(colors.get(share), 4 * i);
  });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

/** What to drag: the keys move it too, in both directions. */
function startHandle(picture, onstart) {
  let start;
  let frame; // where the picture stood when the ring was taken: words above it may change its place
  const node = el("div", {
    class: "ttm-start", role: "slider", tabindex: 0, "aria-label": "Start", "aria-roledescription": "slider in two directions",
    "aria-valuemin": -EDGE[0], "aria-valuemax": EDGE[0],
    onpointerdown: (event) => {
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      node.focus({ focusVisible: false });
      frame = picture.getBoundingClientRect();
    },
    onpointermove: (event) => node.hasPointerCapture(event.pointerId) && onstart(weightsAt(event, frame)),
    onkeydown: (event) => {
      const by = event.shiftKey ? 0.5 : 0.05;
      const way = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      onstart(start.map((w, i) => (way[i] ? snap(w + way[i], i) : w)));
    },
  });
  function draw(surface, now) {
    start = now;
    const [x, y] = place(now);
    Object.assign(node.style, { left: `${(100 * x) / ALL}%`, top: `${(100 * y) / DOWN}%` });
    node.setAttribute("aria-valuenow", now[0]);
    node.setAttribute("aria-valuetext", `w₀ ${number(now[0])}, w₁ ${number(now[1])}, loss ${amount(SURFACES[surface].loss(now))}`);
  }
  return { node, draw };
}

/** One run: its steps as a line with dots, and its mark with the steepest way down. */
function runOnMap(name) {
  const path = (kind) => shape("path", { class: kind });
  const [casing, line, dots] = ["ttm-casing", `ttm-line ttm-${name}`, `ttm-dots ttm-${name}`].map(path);
  const [arrowCasing, arrow] = ["ttm-casing", `ttm-line ttm-${name}`].map(path);
  const [wrongCasing, wrong] = ["ttm-casing", "ttm-line ttm-yours"].map(path);
  const mark = shape("path", { class: `ttm-mark ttm-${name}`, d: MARKS[name] });
  const trail = shape("g", {}, casing, line, dots, wrongCasing, wrong);
  const marks = shape("g", {}, arrowCasing, arrow, mark);
  function draw({ surface, step }, { path, diverged }, covered, verdict) {
    const done = covered ? [] : path.slice(0, step + 1);
    for (const each of [casing, line]) each.setAttribute("d", joined(done));
    dots.setAttribute("d", done.map((w) => `M${place(w).map((x) => x.toFixed(1))}h0`).join(""));
    const gone = covered || isGone({ path, diverged }, step);
    marks.style.visibility = gone ? "hidden" : "visible";
    for (const each of [wrongCasing, wrong]) each.setAttribute("d", verdict ? strayed(path, verdict) : "");
    if (gone) return;
    const off = path[step].some((w, i) => Math.abs(w) > EDGE[i]);
    mark.classList.toggle("ttm-off", off);
    mark.setAttribute("transform", `translate(${place(within(path[step]))})`);
    for (const each of [arrowCasing, arrow]) each.setAttribute("d", off ? "" : downhill(surface, path[step]));
  }
  return { name, trail, marks, draw };
}

/** An arrow the steepest way down. */
function downhill(surface, w) {
  const [a, b] = SURFACES[surface].gradient(w);
  const size = Math.hypot(a, b);
  if (size < 0.005) return "";
  const [x, y] = place(w);
  const [u, v] = [-a / size, b / size];
  const [tipX, tipY] = [x + 30 * u, y + 30 * v];
  const barb = (side) => `M${tipX} ${tipY}L${tipX - 8 * u + side * 5 * v} ${tipY - 8 * v - side * 5 * u}`;
  return `M${x} ${y}L${tipX} ${tipY}${barb(1)}${barb(-1)}`;
}

/** The learner's step that goes elsewhere, up to a cross. */
function strayed(path, { wrong: [count], values }) {
  if (values.some((w) => w === null)) return "";
  const [x, y] = place(values.map((w) => Math.max(-100, Math.min(100, w))));
  return `${joined([path[count - 1]])}L${x} ${y}M${x - 6} ${y - 6}l12 12m0 -12l-12 12`;
}

// -------------------------------------------------------------------------------- the numbers

const [CHART_LEFT, CHART_TOP, CHART_WIDTH, CHART_HEIGHT] = [58, 8, 276, 230];

/** The loss of each run over its steps. */
function chartPanel(steps) {
  const across = (step) => CHART_LEFT + (step / steps) * CHART_WIDTH;
  const ground = shape("g", {});
  const now = shape("path", { class: "ttm-now" });
  const runs = Object.keys(OPTIMIZERS).map((name) => {
    const [line, mark] = [`ttm-line ttm-${name}`, `ttm-mark ttm-${name}`].map((kind) => shape("path", { class: kind }));
    mark.setAttribute("d", MARKS[name]);
    return { name, line, mark };
  });
  const title = el("div", { class: "ttm-title" });
  const picture = shape(
    "svg", { viewBox: `0 0 ${CHART_LEFT + CHART_WIDTH + 12} ${CHART_TOP + CHART_HEIGHT + 26}`, "aria-hidden": "true" },
    ground, now, ...runs.map((each) => each.line), ...runs.map((each) => each.mark),
  );
  const node = el("div", { class: "ttm-chart" }, title, picture);
  let shown;
  function draw({ surface: name, step }, surface, all, covered) {
    const up = (w) => CHART_TOP + (1 - height(SURFACES[name].loss(w), surface)) * CHART_HEIGHT;
    if (shown !== name) {
      shown = name;
      ground.replaceChildren(...chartGround(surface, steps, across));
      title.textContent = surface.logarithmic ? "Loss over the steps (logarithmic)" : "Loss over the steps";
    }
    now.setAttribute("d", `M${across(step)} ${CHART_TOP}v${CHART_HEIGHT}`);
    for (const { name: run, line, mark } of runs) {
      const done = covered ? [] : all[run].path.slice(0, step + 1);
      line.setAttribute("d", done.map((w, i) => `${i ? "L" : "M"}${across(i).toFixed(1)} ${up(w).toFixed(1)}`).join(""));
      mark.style.visibility = covered ? "hidden" : "visible";
      mark.classList.toggle("ttm-off", isGone(all[run], step));
      if (done.length) mark.setAttribute("transform", `translate(${across(done.length - 1)} ${up(done.at(-1))})`);
    }
  }
  return { node, draw };
}

function chartGround(surface, steps, across) {
  const words = (x, y, anchor, text) => shape("text", { x, y, "text-anchor": anchor }, text);
  const values = ticks(surface).map((value) => [value, CHART_TOP + (1 - height(value, surface)) * CHART_HEIGHT]);
  const lines = values.map(([, y]) => `M${CHART_LEFT} ${y}h${CHART_WIDTH}`).join("");
  const every = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * steps));
  return [
    shape("path", { class: "ttm-ground", d: lines }),
    ...values.map(([value, y]) => words(CHART_LEFT - 8, y + 4, "end", value < 0.001 && value ? amount(value) : value)),
    ...every.map((step) => words(across(step), CHART_TOP + CHART_HEIGHT + 18, "middle", step)),
  ];
}

/** Where each run is, and how it came there. */
function runTable() {
  const rows = Object.keys(OPTIMIZERS).map(runRow);
  const heading = ["optimizer", "weights", "loss", "gradient", "last move"].map((text) => el("th", { scope: "col" }, text));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...heading)), el("tbody", {}, ...rows.map((row) => row.node)));
  const node = el("div", { class: "ttm-scroll", role: "group", tabindex: 0, "aria-label": "The three runs at this step" }, table);
  const draw = (now, runs, covered, wrong) => {
    const best = covered || !now.step ? undefined : lowest(now.surface, runs, now.step);
    for (const row of rows) row.draw(now, runs[row.name], covered, row.name === best, wrong.find(({ optimizer }) => optimizer === row.name));
  };
  return { node, draw };
}

function runRow(name) {
  const cells = Array.from({ length: 4 }, () => el("td", { class: "ttm-number" }));
  const [weights, loss, gradient, move] = cells;
  const sample = shape("svg", { width: 18, height: 18, viewBox: "-9 -9 18 18", "aria-hidden": "true" }, shape("path", { class: `ttm-mark ttm-${name}`, d: MARKS[name] }));
  const yours = el("span", { class: "ttm-small" });
  const node = el("tr", {}, el("th", { scope: "row" }, sample, OPTIMIZERS[name], yours), ...cells);
  function draw({ surface, step }, run, covered, best, verdict) {
    const gone = isGone(run, step);
    const [w, before] = [run.path[step], run.path[step - 1]];
    const texts = covered
      ? ["?", "?", "?", "?"]
      : gone
        ? [`diverged at step ${run.diverged}`, "–", "–", "–"]
        : [point(w), `${amount(SURFACES[surface].loss(w))}${best ? " lowest" : ""}`, point(SURFACES[surface].gradient(w)), before ? point(w.map((x, i) => x - before[i])) : "–"];
    cells.forEach((cell, i) => announce(cell, texts[i]));
    node.classList.toggle("ttm-best", best);
    announce(yours, verdict ? ` ≠ yours at step ${verdict.wrong[0]}` : "");
    yours.classList.toggle("ttm-wrong", Boolean(verdict));
  }
  return { name, node, draw };
}

export default { render };
