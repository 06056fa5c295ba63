// Allocation: from usages to the next place to write, in four steps, beside the loop that does it.
import "./allocation.css";
import { explain, factors, isShown, lastStep, narrate, questionFor, START } from "./allocation_math.js";
import {
  announce, ask, cividis, connect, drawVerdicts, el, focusOnly, hint, ink, isCurrent, keepKeys, pick, rove,
  shape,
} from "./kit.js";
import { number } from "./math.js";
import { allocate } from "./memory_math.js";

const NAMES = ["usage", "start", "walk", "step", "prediction", "verdicts"];
const STEPS = [
  ["1 Sort", "the freest first"],
  ["2 Product", "of the usages before: exclusive"],
  ["3 Times what is free", "(1 − usage) × product"],
  ["4 Scatter back", "to the slot it came from"],
];
const PAUSE = 2500; // time to read a sentence while it plays, in milliseconds

function render({ model, el: host }) {
  const local = { peeked: false, cell: null, timer: 0 };
  const view = connect(model, NAMES, () => draw());
  const state = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));

  /** A control was used: the covers come off, the sentence is about the whole again. */
  const change = (values) => {
    Object.assign(local, { peeked: true, cell: null });
    view.change(values);
  };
  const stop = () => (clearInterval(local.timer), (local.timer = 0));
  const go = (step) => change({ step: Math.max(0, step) });
  /** After the last step comes the first. */
  const next = () => go(isLast() ? 1 : model.get("step") + 1);
  const isLast = () => model.get("step") < 0 || model.get("step") >= lastStep(state());
  const back = () => go((isLast() ? lastStep(state()) : model.get("step")) - 1);
  function play() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return next();
    go(isLast() ? 0 : model.get("step"));
    local.timer = setInterval(() => (next(), isLast() && (stop(), draw())), PAUSE);
    draw();
  }
  const hand = {
    /** The reply is about the usages at the start, so they come with it. */
    answer: (prediction) => ((local.cell = null), view.change({ prediction, usage: model.get("start") })),
    bar: (slot, amount) => change({ usage: model.get("usage").map((u, i) => (i === slot ? amount : u)) }),
    choose: (row, column) => ((local.cell = [row, column]), view.redraw()),
    walk: (walk) => (stop(), change({ walk, step: model.get("step") < 0 ? -1 : 0 })),
    back: () => (stop(), back()),
    next: () => (stop(), next()),
    play: () => (local.timer ? (stop(), draw()) : play()),
    all: () => (stop(), change({ step: -1 })),
    restart: () => (stop(), (local.cell = null), view.change({ ...START, usage: model.get("start") })),
  };
  const count = model.get("usage").length;
  const parts = {
    question: ask(questionFor(model.get("start")), hand.answer, model.get("prediction") === "skipped"),
    controls: controls(hand),
    vectors: vectorTable(count, hand),
    loop: loopTable(count),
    step: el("p", { class: "ttm-step", "aria-live": "polite" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
  };
  const root = assemble(parts, hand.restart);
  keepKeys(root);
  host.append(root);

  function draw() {
    const now = state();
    const result = allocate(now.usage);
    const covered = now.prediction === "" && !local.peeked;
    const shown = (row, place) => !covered && isShown(now, row, place);
    const verdicts = now.verdicts.filter((verdict) => isCurrent(verdict, now.usage));
    const chosen = chosenPlace(result, now, local.cell);
    parts.question.draw(now.prediction, local.peeked, `${now.usage}` !== `${now.start}`);
    parts.controls.draw(now, local.timer > 0);
    parts.vectors.draw(now, result, { covered, shown, chosen, verdicts });
    parts.loop.draw(result, { covered, shown, chosen });
    announce(parts.step, sentence(now, covered, local.cell));
    drawVerdicts(parts.verdicts, now.verdicts, now.usage, model.get("offline"), covered);
  }
  draw();
  return () => (stop(), view.close());
}

/** The place of the free list that the chosen cell, or the loop's present turn, is about. */
function chosenPlace({ places }, { walk, step }, cell) {
  if (cell) return cell[0] === 4 ? places[cell[1]] : cell[1];
  return walk === "loop" ? step - 1 : -1;
}

function sentence(state, covered, cell) {
  if (covered) return "The usages are there; what follows from them is covered until you have answered.";
  return cell ? explain(state.usage, ...cell) : narrate(state);
}

function assemble({ question, controls, vectors, loop, step, verdicts }, restart) {
  const again = el("button", { type: "button", class: "ttm-plain", onclick: restart }, "Start again");
  controls.node.append(again, question.opener);
  return el(
    "div",
    { class: "ttm-view ttm-allocation", role: "group", "aria-label": "Allocation" },
    question.node,
    controls.node,
    step,
    verdicts,
    el("div", { class: "ttm-panels" }, vectors.node, loop.node),
  );
}

function controls(hand) {
  const button = (text, onclick) => el("button", { type: "button", onclick }, text);
  const walk = pick("Go through", [["vector", "the vectors, step by step"], ["loop", "the loop, slot by slot"]], hand.walk);
  const play = button("Play", hand.play);
  const all = button("Show all", hand.all);
  const place = el("span", { class: "ttm-small" });
  const buttons = el("div", { class: "ttm-walk" }, button("Back", hand.back), button("Next", hand.next), play, all, place);
  const node = el("div", { class: "ttm-controls" }, walk.node, buttons);
  function draw(state, playing) {
    walk.draw(state.walk);
    play.textContent = playing ? "Pause" : "Play";
    all.setAttribute("aria-pressed", state.step < 0);
    const last = lastStep(state);
    place.textContent = state.step < 0 ? "" : `step ${Math.min(state.step, last)} of ${last}`;
  }
  return { node, draw };
}

/** One column a slot above and below; in between, one column a place of the free list. */
function vectorTable(count, hand) {
  const slots = Array.from({ length: count }, (_, i) => i);
  const bars = slots.map((slot) => usageBar(slot, (amount) => hand.bar(slot, amount)));
  const cells = STEPS.map((_, i) => slots.map((column) => cell(i + 1, column, hand)));
  const rows = STEPS.map(([name, about], i) => line(name, about, cells[i].map((each) => each.node), `ttm-row${i + 1}`));
  const [out, home] = [threads(count), threads(count)];
  const yours = [yoursRow(count), yoursRow(count)];
  const head = el("tr", {}, el("td"), ...slots.map((slot) => el("th", { scope: "col" }, `slot ${slot}`)));
  const table = el(
    "table",
    { role: "grid", style: `--slots: ${count}`, "aria-label": "From usage to allocation: a column for each slot, and in steps 1 to 3 for each place of the free list" },
    el("thead", {}, head),
    el(
      "tbody", {},
      line("Usage", "drag a bar, or use the arrow keys", bars.map((bar) => bar.node)),
      out.node, ...rows.slice(0, 3), home.node, rows[3], ...yours.map((row) => row.node),
    ),
  );
  const all = cells.flat().map((each) => each.node);
  const at = (node) => [Math.floor(all.indexOf(node) / count) + 1, all.indexOf(node) % count];
  rove(table, () => cells.map((row) => row.map((each) => each.node)), (node) => hand.choose(...at(node)));
  focusOnly(all, all[0]);
  const node = el(
    "div", { class: "ttm-vectors" },
    el("div", { class: "ttm-title" }, "As vectors: every slot at once"),
    el("div", { class: "ttm-scroll" }, table),
    hint(),
  );

  function draw({ usage }, result, { covered, shown, chosen, verdicts }) {
    const { order, places, sorted, taken, shares, allocation } = result;
    bars.forEach((bar, slot) => bar.draw(usage[slot], places[slot] === chosen));
    out.draw(places, (slot) => shown(1, places[slot]), chosen);
    home.draw(order, (place) => shown(4, place), order[chosen]);
    const small = [
      (place) => `slot ${order[place]}`,
      (place) => (place ? factors(taken, sorted, place) : "the start"),
      (place) => `${number(1 - sorted[place])} × ${number(taken[place])}`,
      (slot) => `from place ${places[slot]}`,
    ];
    [sorted, taken, shares, allocation].forEach((values, i) =>
      cells[i].forEach((each, column) => {
        const place = i === 3 ? places[column] : column;
        const label = explain(usage, i + 1, column);
        each.draw(values[column], small[i](column), { label, covered, shown: shown(i + 1, place), chosen: place === chosen });
      }),
    );
    const told = verdicts.filter((verdict) => verdict.values);
    yours.forEach((row, i) => row.draw(told[i], (slot) => shown(4, places[slot])));
  }
  return { node, draw };
}

const line = (name, about, cells, kind = "") =>
  el("tr", { class: kind }, el("th", { scope: "row" }, name, el("span", { class: "ttm-small" }, about)), ...cells);

/** A usage to drag; a slider for the keyboard. */
function usageBar(slot, onchange) {
  const fill = el("span", { class: "ttm-fill" });
  const text = el("span", { class: "ttm-number" });
  const now = () => Number(bar.getAttribute("aria-valuenow"));
  const set = (amount) => onchange(Math.max(0, Math.min(1, Math.round(amount * 100) / 100)));
  let frame; // where the bar stood when it was taken: words above it may change its place
  const drag = (event) => {
    const { bottom, height } = frame;
    set(Math.round(((bottom - event.clientY) / height) * 20) / 20);
  };
  const bar = el("div", {
    class: "ttm-usage", role: "slider", tabindex: 0, "aria-label": `Usage of slot ${slot}`,
    "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": 1,
    onpointerdown: (event) => {
      event.preventDefault();
      bar.setPointerCapture(event.pointerId);
      bar.focus({ focusVisible: false });
      frame = bar.getBoundingClientRect();
      drag(event);
    },
    onpointermove: (event) => bar.hasPointerCapture(event.pointerId) && drag(event),
    onkeydown: (event) => {
      const step = { ArrowUp: 0.05, ArrowRight: 0.05, ArrowDown: -0.05, ArrowLeft: -0.05, Home: -1, End: 1 }[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      set(now() + step);
    },
  }, fill);
  const node = el("td", {}, text, bar);
  function draw(usage, chosen) {
    text.textContent = number(usage);
    fill.style.height = `${100 * usage}%`;
    bar.setAttribute("aria-valuenow", usage);
    bar.setAttribute("aria-valuetext", `${number(usage)}, ${usage === 0 ? "free" : usage === 1 ? "full" : `${number(1 - usage)} free`}`);
    node.classList.toggle("ttm-chosen", chosen);
  }
  return { node, draw };
}

/** Lines from each column above to the column below where its number goes. */
function threads(count) {
  const paths = Array.from({ length: count }, () => shape("path", { "vector-effect": "non-scaling-stroke" }));
  const picture = shape("svg", { viewBox: `0 0 ${count} 1`, preserveAspectRatio: "none" }, ...paths);
  const node = el("tr", { "aria-hidden": "true", class: "ttm-threads" }, el("td"), el("td", { colspan: count }, picture));
  const draw = (targets, shown, chosen) =>
    paths.forEach((path, from) => {
      const [x, y] = [from + 0.5, targets[from] + 0.5];
      path.setAttribute("d", `M${x} 0C${x} 0.5 ${y} 0.5 ${y} 1`);
      path.style.visibility = shown(from) ? "visible" : "hidden";
      path.classList.toggle("ttm-on", targets[from] === chosen);
    });
  return { node, draw };
}

function cell(row, column, hand) {
  const [text, about] = [el("span", { class: "ttm-number" }), el("span", { class: "ttm-about ttm-number" })];
  const choose = () => {
    focusOnly(node.closest("table").querySelectorAll("[role=gridcell]"), node);
    node.focus();
    hand.choose(row, column);
  };
  const fill = el("span", { class: "ttm-fill" });
  const bar = row === 4 ? [el("span", { class: "ttm-usage", "aria-hidden": "true" }, fill)] : [];
  const node = el("td", { role: "gridcell", tabindex: -1, onclick: choose }, text, about, ...bar);
  function draw(value, small, { label, covered, shown, chosen }) {
    text.textContent = shown ? number(value) : covered ? "?" : "·";
    about.textContent = shown ? small : "";
    fill.style.height = shown ? `${100 * value}%` : 0;
    if (row < 4) paint(node, shown && value);
    node.classList.toggle("ttm-chosen", shown && chosen);
    node.setAttribute("aria-label", shown ? label : `${STEPS[row - 1][0]}: ${covered ? "covered" : "not yet"}`);
  }
  return { node, draw };
}

/** A number as a color; `false` for none. */
function paint(node, value) {
  const color = cividis(value);
  node.style.background = value === false ? "" : `rgb(${color})`;
  node.style.color = value === false ? "" : ink(color);
}

/** What a function of the learner gives, below what it should give. */
function yoursRow(count) {
  const name = el("span", { class: "ttm-small" });
  const cells = Array.from({ length: count }, () => el("td", { class: "ttm-number ttm-yours" }));
  const node = el("tr", { hidden: true }, el("th", { scope: "row" }, "Yours", name), ...cells);
  function draw(verdict, shown) {
    node.hidden = !verdict;
    if (!verdict) return;
    name.textContent = verdict.name;
    cells.forEach((td, slot) => {
      const wrong = shown(slot) && verdict.wrong?.[0] === slot;
      const value = verdict.values[slot];
      td.textContent = shown(slot) ? `${wrong ? "≠ " : ""}${value === null ? "not a number" : number(value)}` : "·";
      td.classList.toggle("ttm-wrong", wrong);
    });
  }
  return { node, draw };
}

/** The same numbers as a loop finds them: a row for each turn. */
function loopTable(count) {
  const turns = Array.from({ length: count }, (_, turn) => loopTurn(turn));
  const heading = ["turn", "slot", "usage", "product so far", "gets"].map((text) => el("th", { scope: "col" }, text));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...heading)), el("tbody", {}, ...turns.map((turn) => turn.node)));
  const node = el(
    "div", { class: "ttm-loop" },
    el("div", { class: "ttm-title" }, "As a loop: slot by slot along the free list"),
    el("div", { class: "ttm-scroll" }, table),
    el("p", { class: "ttm-small" }, "The same numbers: a row here is a column of steps 1 to 3."),
  );
  return { node, draw: (result, options) => turns.forEach((turn) => turn.draw(result, options)) };
}

function loopTurn(turn) {
  const cells = Array.from({ length: 4 }, () => el("td", { class: "ttm-number" }));
  const node = el("tr", {}, el("th", { scope: "row" }, turn), ...cells);
  function draw({ order, sorted, taken, shares }, { covered, shown, chosen }) {
    node.classList.toggle("ttm-chosen", turn === chosen && shown(1, turn));
    [order, sorted, taken, shares].forEach((values, i) => {
      const open = shown(Math.max(1, i), turn);
      cells[i].textContent = open ? (i ? number(values[turn]) : values[turn]) : covered ? "?" : "·";
      if (i) paint(cells[i], open && values[turn]);
    });
  }
  return { node, draw };
}

export default { render };
