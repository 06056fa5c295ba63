// What the views share on the page: elements, keys, colors, the question, the learner's line.
import { short } from "./math.js";

/** An element with attributes, listeners (`onclick`) and children. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for a shape in a picture. */
export function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// Every view of a notebook has a copy of this module, so that counting alone would repeat names;
// radio buttons of one name would then switch each other off across views.
const copy = Math.random().toString(36).slice(2, 10);
let count = 0;
export const unique = (name) => `ttm-${name}-${copy}-${++count}`;

/**
 * Keys pressed inside a view are the view's. Without this the notebook takes them too: `b` adds
 * a cell, the arrows leave the cell. Tab, Escape and combinations still belong to the page.
 */
export function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    const passing = event.key === "Tab" || event.key === "Escape";
    const combined = event.ctrlKey || event.metaKey || event.altKey;
    const run = event.shiftKey && event.key === "Enter";
    if (!passing && !combined && !run) event.stopPropagation();
  });
}

/** Stands in a group, or in its title, and shows while the keyboard is in the group. */
export const hint = () => el("span", { class: "ttm-hint" }, "Arrow keys move, Tab leaves");

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * One tab stop for a whole set: the arrows, Home and End move within it.
 * @param {() => HTMLElement[][]} rows the elements as they stand on the screen
 */
export function rove(container, rows, onmove = () => {}) {
  container.addEventListener("keydown", (event) => {
    const grid = rows();
    const y = grid.findIndex((row) => row.includes(event.target));
    if (y < 0) return;
    const x = grid[y].indexOf(event.target);
    const target = neighbour(grid, y, x, event);
    if (!target) return;
    event.preventDefault();
    focusOnly(grid.flat(), target);
    target.focus();
    onmove(target);
  });
}

function neighbour(grid, y, x, { key, ctrlKey, metaKey, altKey }) {
  if (metaKey || altKey || (ctrlKey && key !== "Home" && key !== "End")) return null;
  const oneColumn = grid.every((row) => row.length === 1);
  const oneRow = grid.length === 1;
  if (key === "Home") return oneColumn || ctrlKey ? grid[0][0] : grid[y][0];
  if (key === "End") return oneColumn || ctrlKey ? grid.at(-1).at(-1) : grid[y].at(-1);
  if (!STEPS[key]) return null;
  const step = STEPS[key][0] + STEPS[key][1];
  if (oneColumn) return grid[clamp(y + step, grid.length)][0];
  if (oneRow) return grid[0][clamp(x + step, grid[0].length)];
  const row = grid[clamp(y + STEPS[key][0], grid.length)];
  return row[clamp(x + STEPS[key][1], row.length)];
}

const clamp = (i, length) => Math.max(0, Math.min(length - 1, i));

/** Makes `target` the one element of `all` that Tab reaches. */
export function focusOnly(all, target) {
  for (const node of all) node.tabIndex = node === target ? 0 : -1;
}

/** Writes to a line that screen readers follow, once for each new sentence. */
export function announce(line, text) {
  if (line.textContent !== text) line.textContent = text;
}

/** Cividis, a scale that grows in lightness for every kind of color vision. */
const CIVIDIS = [
  [0, 34, 78], [26, 56, 111], [67, 78, 108], [97, 100, 111], [124, 123, 120],
  [155, 148, 119], [188, 174, 108], [222, 203, 86], [254, 232, 56],
];

export function cividis(share) {
  const place = Math.max(0, Math.min(1, share)) * (CIVIDIS.length - 1);
  const low = Math.min(CIVIDIS.length - 2, Math.floor(place));
  return CIVIDIS[low].map((c, i) => Math.round(c + (place - low) * (CIVIDIS[low + 1][i] - c)));
}

/** Black or white, whichever reads better on a color. */
export function ink(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

/** A temperature slider, soft at one end and hard at the other, in equal ratios. */
export function temperatureSlider(onchange) {
  const id = unique("temperature");
  const value = el("output", { for: id });
  const range = { id, type: "range", min: Math.log10(0.05), max: Math.log10(5), step: "any" };
  const input = el("input", {
    ...range,
    oninput: () => onchange(rounded(10 ** input.valueAsNumber)),
    onkeydown: (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -4, PageUp: 4 };
      if (!(event.key in step) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.valueAsNumber += step[event.key] * 0.05;
      onchange(rounded(10 ** input.valueAsNumber));
    },
  });
  const ends = el("span", { class: "ttm-ends", "aria-hidden": "true" }, el("span", {}, "hard"), el("span", {}, "soft"));
  const label = el("label", { for: id }, "Temperature ");
  const node = el("div", { class: "ttm-slider" }, el("div", {}, label, value), input, ends);
  const draw = (temperature) => {
    // Our own rounding must not move the handle under the hand.
    if (rounded(10 ** input.valueAsNumber) !== temperature) input.valueAsNumber = Math.log10(temperature);
    value.textContent = short(temperature);
    input.setAttribute("aria-valuetext", `${short(temperature)}, ${feel(temperature)}`);
  };
  return { node, draw };
}

/** Two figures are enough to tell neighbouring steps of the slider apart. */
const rounded = (temperature) => Number(temperature.toPrecision(2));

const feel = (temperature) => (temperature < 0.2 ? "hard" : temperature > 2 ? "soft" : "between hard and soft");

/** A box to tick. */
export function tick(text, onchange) {
  const input = el("input", { type: "checkbox", onchange: () => onchange(input.checked) });
  const node = el("label", { class: "ttm-tick" }, input, el("span", {}, text));
  return { node, draw: (on) => (input.checked = on) };
}

/** One of several, as a row of radio buttons. */
export function pick(legend, options, onchange) {
  const name = unique("pick");
  const inputs = options.map(([value]) =>
    el("input", { type: "radio", name, value, onchange: () => onchange(value) }),
  );
  const pills = options.map(([, text], i) => el("label", { class: "ttm-pill" }, inputs[i], el("span", {}, text)));
  const node = el("fieldset", { class: "ttm-pick" }, el("legend", {}, legend), ...pills);
  const draw = (value) => inputs.forEach((input, i) => (input.checked = options[i][0] === value));
  return { node, draw };
}

/**
 * The question that opens a view. Until it is answered or skipped, or a control is used, the
 * results stay covered. Where it is `folded`, the button `opener` stands for it.
 * @param {{text: string, options: [string, string][], answer: string, why: string, what?: string}}
 *   question with `what` is covered
 */
export function ask(question, onanswer, folded) {
  const text = el("p", { id: unique("question"), class: "ttm-text" }, question.text);
  const button = ([value, label]) =>
    el("button", { type: "button", "data-value": value, onclick: () => onanswer(value) }, label);
  const answers = question.options.map(button);
  const skip = button(["skipped", "Skip"]);
  const all = [...answers, skip];
  const row = el("div", { class: "ttm-answers", role: "group", "aria-labelledby": text.id }, ...all, hint());
  const reply = el("p", { class: "ttm-reply", role: "status" });
  focusOnly(all, all[0]);
  rove(row, () => [all.filter((node) => !node.hidden)]);
  const node = el("div", { class: "ttm-question" }, text, row, reply);
  const unfold = () => (fold(false), all[0].focus());
  const opener = el("button", { type: "button", class: "ttm-plain", onclick: unfold }, "Show the question");
  const fold = (hidden) => ([node.hidden, opener.hidden] = [hidden, !hidden]);
  fold(folded);
  let seen = false; // the weights, before an answer
  /** `moved`: what is on show is no longer what the question is about. */
  const draw = (prediction, peeked, moved = false) => {
    if (prediction !== "skipped") fold(false);
    seen ||= prediction === "skipped" || (prediction === "" && peeked);
    for (const node of answers) node.setAttribute("aria-pressed", node.dataset.value === prediction);
    hideSkip(prediction !== "" || peeked);
    announce(reply, replyTo(question, prediction, seen, moved));
  };
  const hideSkip = (hidden) => {
    const held = skip.matches(":focus");
    skip.hidden = hidden;
    if (hidden && skip.tabIndex === 0) focusOnly(all, all[0]);
    if (hidden && held) all[0].focus();
  };
  return { node, opener, draw };
}

function replyTo({ answer, why, what = "weights" }, prediction, seen, moved) {
  if (prediction === "skipped") return `Skipped: the ${what} are open now. You can still choose an answer.`;
  if (prediction === "" && seen) return `The ${what} are open now. The question was about the start settings.`;
  if (prediction === "") return `Predict first: the ${what} appear when you have answered.`;
  if (moved) return "The question was about the start settings; Start again brings them back.";
  const right = seen ? "That is right. " : "Your prediction held. ";
  return (prediction === answer ? right : "It comes out differently. ") + why;
}

const MARKS = { agrees: "✓", differs: "≠", missing: "…", waiting: "…" };

/** What the learner's own functions gave, one line each. */
export function drawVerdicts(box, verdicts, current, offline, covered) {
  const lines = verdicts.map((verdict) => freshen(verdict, current, offline, covered));
  const text = JSON.stringify(lines);
  if (box.dataset.shown === text) return;
  box.dataset.shown = text;
  box.replaceChildren(
    ...lines.map(({ state, text }) =>
      el(
        "p",
        { class: `ttm-verdict ttm-${state}` },
        el("span", { class: "ttm-mark", "aria-hidden": "true" }, MARKS[state] ?? "!"),
        el("span", {}, text),
      ),
    ),
  );
}

export const isCurrent = (verdict, current) =>
  verdict.settings.length === current.length && verdict.settings.every((x, i) => x === current[i]);

function freshen(verdict, current, offline, covered) {
  if (isCurrent(verdict, current) || verdict.state === "missing") return covered ? cover(verdict) : verdict;
  return {
    state: "waiting",
    text: offline
      ? `For other settings, ${verdict.name} has to run in the notebook; what you see is the reference.`
      : `Waiting for the notebook to run your ${verdict.name} with these settings.`,
  };
}

/** What tells of a difference names weights: they are covered too. */
const cover = ({ name, state, text }) => ({
  state,
  text: state === "differs" ? `Your ${name} differs; where and how, you see when you have answered.` : text,
});

/**
 * Ties a view to its model. What the hand changes is drawn at once, what comes from Python with
 * the next frame; Python hears of it when the hand rests.
 */
export function connect(model, names, draw) {
  let frame = 0;
  let rest = 0;
  const later = () => (frame ||= requestAnimationFrame(() => ((frame = 0), draw())));
  const now = () => (cancelAnimationFrame(frame), (frame = 0), draw());
  for (const name of names) model.on(`change:${name}`, later);
  const save = () => ((rest = 0), model.save_changes());
  return {
    redraw: later,
    change(values) {
      for (const [name, value] of Object.entries(values)) model.set(name, value);
      clearTimeout(rest);
      rest = setTimeout(save, 150);
      now();
    },
    close() {
      cancelAnimationFrame(frame);
      if (rest) clearTimeout(rest), save();
      for (const name of names) model.off(`change:${name}`, later);
    },
  };
}
