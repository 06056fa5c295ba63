// Attention: every word asks every word; the weights blend the values into new vectors.
import "./attention.css";
import { attend, explain, headChoices, labels, narrate, sources } from "./attention_math.js";
import { questionFor, START } from "./attention_question.js";
import {
  announce, ask, cividis, connect, drawVerdicts, el, focusOnly, hint, ink, isCurrent, keepKeys, pick, rove,
  shape, temperatureSlider, tick,
} from "./kit.js";
import { number } from "./math.js";

const NAMES = [
  "words", "columns", "vectors", "dimensions", "given", "asking", "temperature", "scaled", "causal",
  "heads", "head", "controls", "prediction", "verdicts",
];
const ROW = 34; // height of a word in the two columns, in pixels

function render({ model, el: host }) {
  const local = { hovered: -1, cell: null, peeked: false };
  const view = connect(model, NAMES, () => draw());
  let shown = "";
  let parts = {};
  let root = el("div");

  /** A control was used: the covers come off, the sentence is about the word again. */
  const change = (values) => {
    Object.assign(local, { peeked: true, cell: null });
    view.change(values);
  };
  const hand = {
    model,
    change,
    answer: (prediction) => view.change({ prediction }),
    look: (values) => ((local.cell = null), view.change(values)),
    hover: (word) => ((local.hovered = word), view.redraw()),
    chooseCell: (query, key) => ((local.cell = [query, key]), view.change({ asking: query })),
  };

  /** New words or vectors from Python need a new page; everything else only new numbers. */
  function build() {
    const now = JSON.stringify(["words", "columns", "vectors", "dimensions", "controls"].map((name) => model.get(name))
      .concat([model.get("given").length]));
    if (now === shown) return;
    shown = now;
    const state = stateOf(model);
    parts = makeParts(state, hand);
    const fresh = assemble(parts, () => hand.look({ ...startOf(state), asking: state.start }));
    keepKeys(fresh);
    if (root.isConnected) root.replaceWith(fresh);
    else host.append(fresh);
    root = fresh;
  }

  function draw() {
    build();
    const state = stateOf(model);
    const chosen = state.asking;
    if (local.hovered >= 0) state.asking = local.hovered;
    const result = resultOf(state);
    const covered = state.prediction === "" && !local.peeked;
    const current = [state.temperature, state.scaled, state.causal, state.heads];
    const wrong = state.verdicts.filter((verdict) => verdict.wrong && isCurrent(verdict, current));
    root.classList.toggle("ttm-covered", covered);
    for (const part of Object.values(parts)) part.draw?.(state, result, { covered, wrong, chosen, peeked: local.peeked });
    announce(parts.step.node, sentence(state, result, local.cell, covered));
    drawVerdicts(parts.verdicts.node, state.verdicts, current, model.get("offline"), covered);
  }
  draw();
  return view.close;
}

/** What is to be drawn, read from the model once. */
function stateOf(model) {
  const names = [
    "vectors", "dimensions", "projections", "given", "asking", "start", "temperature", "scaled", "causal",
    "heads", "head", "controls", "prediction", "verdicts",
  ];
  const state = Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const [words, columns] = [model.get("words"), model.get("columns")];
  state.rows = labels(words);
  state.square = columns.length === 0;
  state.columns = state.square ? state.rows : labels(columns);
  state.computed = state.given.length === 0;
  state.projections = Object.keys(state.projections).length ? state.projections : null;
  state.heads = state.computed ? state.heads : state.given.length;
  state.head = Math.min(state.head, state.heads - 1);
  return state;
}

/** What the controls on show go back to; what Python has set and the hand cannot reach stays. */
const startOf = ({ controls }) =>
  Object.fromEntries(Object.entries(START).filter(([name]) => name === "head" || controls.includes(name)));

const resultOf = (state) => (state.computed ? attend(state.vectors, state) : { weights: state.given });

function sentence(state, result, cell, covered) {
  if (covered) return "The weights are covered until you have answered.";
  if (cell && cell[0] === state.asking) return explain(state, result, ...cell);
  return narrate(state, result);
}

// ----------------------------------------------------------------------------------- the page

function makeParts(state, hand) {
  const question = ask(questionFor(state), hand.answer, state.prediction === "skipped");
  return {
    question: { ...question, draw: (now, _, { peeked }) => question.draw(now.prediction, peeked) },
    controls: controls(state, hand),
    step: { node: el("p", { class: "ttm-step", "aria-live": "polite" }) },
    lines: linePanel(state, hand),
    matrix: matrixPanel(state, hand),
    vector: state.computed ? vectorPanel(state) : { node: "" },
    verdicts: { node: el("div", { class: "ttm-verdicts", "aria-live": "polite" }) },
  };
}

function assemble(parts, restart) {
  const again = el("button", { type: "button", class: "ttm-plain", onclick: restart }, "Start again");
  parts.controls.node.append(again, parts.question.opener);
  return el(
    "div",
    { class: "ttm-view ttm-attention", role: "group", "aria-label": "Attention" },
    parts.question.node,
    parts.controls.node,
    parts.step.node,
    parts.verdicts.node,
    el("div", { class: "ttm-panels" }, parts.lines.node, parts.matrix.node, parts.vector.node),
  );
}

function controls(state, hand) {
  const node = el("div", { class: "ttm-controls" });
  const drawings = [];
  const add = (name, part) => {
    if (!state.controls.includes(name)) return;
    node.append(part.node);
    drawings.push((now) => part.draw(now[name]));
  };
  if (state.computed) {
    add("temperature", temperatureSlider((temperature) => hand.change({ temperature })));
    add("scaled", tick("Divide the scores by √d", (scaled) => hand.change({ scaled })));
    add("causal", tick("Causal mask: nobody sees a later word", (causal) => hand.change({ causal })));
    const choices = headChoices(state.vectors[0].length).map((n) => [n, String(n)]);
    if (choices.length > 1) add("heads", pick("Heads", choices, (heads) => hand.change({ heads, head: 0 })));
  }
  const shown = headPicker(hand);
  node.append(shown.node);
  return { node, draw: (now) => [...drawings, shown.draw].forEach((draw) => draw(now)) };
}

/** Which head is on show; there only when there is more than one. */
function headPicker(hand) {
  const node = el("div", { class: "ttm-heads" });
  let many = 0;
  let choice = null;
  function draw({ heads, head, computed, dimensions }) {
    if (heads !== many) {
      many = heads;
      const size = dimensions.length / heads;
      const name = (i) => (computed && heads > 1 ? `${i + 1}: ${dimensions.slice(i * size, (i + 1) * size).join(", ")}` : String(i + 1));
      const options = Array.from({ length: heads }, (_, i) => [i, name(i)]);
      choice = pick("Head shown", options, (next) => hand.look({ head: next }));
      node.replaceChildren(...(heads > 1 ? [choice.node] : []));
    }
    choice.draw(head);
  }
  return { node, draw };
}

/** Words that ask on the left, words that are asked on the right, a line for each weight. */
function linePanel(state, hand) {
  const height = ROW * Math.max(state.rows.length, state.columns.length);
  const askers = state.rows.map((word, i) =>
    el("button", {
      type: "button", role: "radio",
      onclick: () => hand.look({ asking: i }),
      onpointerenter: (event) => event.pointerType === "mouse" && hand.hover(i),
      onpointerleave: () => hand.hover(-1),
    }, word),
  );
  const left = el("div", { class: "ttm-askers", role: "radiogroup", "aria-label": "The word that asks" }, ...askers);
  rove(left, () => askers.map((button) => [button]), (button) => hand.look({ asking: askers.indexOf(button) }));
  const lines = state.rows.flatMap((_, query) =>
    state.columns.map((_, key) => line(query, key)),
  );
  const picture = shape(
    "svg",
    { viewBox: `0 0 100 ${height}`, preserveAspectRatio: "none", height, "aria-hidden": "true" },
    ...lines,
  );
  const asked = state.columns.map((word) => {
    const [weight, bar] = [el("span", { class: "ttm-number" }), el("span", { class: "ttm-bar" })];
    return { weight, bar, node: el("li", {}, el("span", {}, word), weight, el("span", { class: "ttm-track" }, bar)) };
  });
  const node = el(
    "div",
    { class: "ttm-lines" },
    el("div", { class: "ttm-title" }, "Who asks, and whom it hears"),
    el("div", { class: "ttm-columns", style: `--row: ${ROW}px` }, left, picture,
      el("ul", { class: "ttm-asked", "aria-label": "Weights of the words that are asked" }, ...asked.map((a) => a.node))),
    hint(),
  );

  function draw(now, { weights }, { covered }) {
    const map = weights[now.head];
    askers.forEach((button, i) => button.setAttribute("aria-checked", i === now.asking));
    focusOnly(askers, askers[now.asking]);
    lines.forEach((path, i) => {
      const [query, key] = [Math.floor(i / now.columns.length), i % now.columns.length];
      drawLine(path, map[query][key], query === now.asking, covered);
    });
    picture.append(...lines.filter((path) => path.classList.contains("ttm-on")));
    asked.forEach(({ weight, bar }, key) => {
      weight.textContent = covered ? "?" : number(map[now.asking][key]);
      bar.style.width = covered ? "0" : `${100 * map[now.asking][key]}%`;
    });
  }
  return { node, draw };
}

function line(query, key) {
  const [from, to] = [ROW * (query + 0.5), ROW * (key + 0.5)];
  return shape("path", { d: `M0 ${from}C45 ${from} 55 ${to} 100 ${to}`, "vector-effect": "non-scaling-stroke" });
}

function drawLine(path, weight, on, covered) {
  path.classList.toggle("ttm-on", on);
  path.style.strokeWidth = covered ? 1 : `${on ? 0.75 + 11 * weight : 5 * weight}px`;
  path.style.strokeDasharray = on && (weight === 0 || covered) ? "3 4" : "none";
}

/** The same weights as a matrix, a row for each word that asks. */
function matrixPanel(state, hand) {
  const cells = state.rows.map((_, query) => state.columns.map((_, key) => cell(query, key, hand)));
  const names = state.rows.map((word) => el("th", { scope: "row" }, word));
  const rows = cells.map((row, query) => el("tr", {}, names[query], ...row));
  const top = el("tr", {}, el("th", { scope: "col", class: "ttm-small" }, "asks"), ...state.columns.map((word) => el("th", { scope: "col" }, word)));
  const table = el(
    "table",
    { role: "grid", "aria-label": "Weights: a row for each word that asks, a column for each word that is asked" },
    el("thead", {}, top),
    el("tbody", {}, ...rows),
  );
  const focused = (node) => cells.flat().indexOf(node);
  const choose = (node) => hand.chooseCell(Math.floor(focused(node) / state.columns.length), focused(node) % state.columns.length);
  rove(table, () => cells, choose);
  focusOnly(cells.flat(), cells[state.start][0]);
  const scale = el("p", { class: "ttm-small" });
  const node = el(
    "div", { class: "ttm-matrix" },
    el("div", { class: "ttm-title" }, `The same as a matrix${state.computed ? ": each row sums to 1" : ""}`),
    el("div", { class: "ttm-scroll" }, table),
    scale,
    hint(),
  );

  function draw(now, result, { covered, wrong, chosen }) {
    const largest = now.computed ? Math.max(...result.weights[now.head].flat(), 1e-9) : 1;
    const light = now.computed ? `the largest weight, ${number(largest)} (light)` : "1 (light), the same for every map";
    scale.textContent = covered ? "" : `Colors run from 0 (dark) to ${light}.`;
    enterAt(chosen);
    rows.forEach((row, i) => row.classList.toggle("ttm-chosen", i === now.asking));
    cells.forEach((row, query) =>
      row.forEach((td, key) => drawCell(td, now, result, query, key, largest, covered ? [] : wrong, covered)),
    );
  }
  /** Tab comes in at the row of the word that asks. */
  function enterAt(query) {
    const stop = cells.flat().findIndex((td) => td.tabIndex === 0);
    const columns = state.columns.length;
    if (Math.floor(stop / columns) !== query) focusOnly(cells.flat(), cells[query][stop % columns]);
  }
  return { node, draw };
}

function cell(query, key, hand) {
  const choose = (event) => {
    focusOnly(event.currentTarget.closest("table").querySelectorAll("[role=gridcell]"), event.currentTarget);
    event.currentTarget.focus();
    hand.chooseCell(query, key);
  };
  return el("td", {
    role: "gridcell", tabindex: -1, onclick: choose,
    onpointerenter: (event) => event.pointerType === "mouse" && hand.hover(query),
    onpointerleave: () => hand.hover(-1),
  });
}

function drawCell(td, state, result, query, key, largest, verdicts, covered) {
  const weight = result.weights[state.head][query][key];
  const masked = state.computed && state.causal && key > query;
  const wrong = findWrong(verdicts, state.head, query, key);
  const color = cividis(weight / largest);
  td.classList.toggle("ttm-masked", masked && !covered);
  td.classList.toggle("ttm-wrong", wrong !== undefined);
  td.style.background = covered || masked ? "" : `rgb(${color})`;
  td.style.color = covered || masked ? "" : ink(color);
  td.textContent = covered ? "?" : masked ? "–" : (wrong ? "≠ " : "") + number(weight);
  const label = covered ? `${state.rows[query]} asks ${state.columns[key]}: covered` : explain(state, result, query, key);
  td.setAttribute("aria-label", wrong ? `${label} ${wrong.text}` : label);
}

/** The verdict, if any, whose first wrong cell has these indices. */
const findWrong = (verdicts, ...place) =>
  verdicts.find(({ wrong }) => wrong.length === place.length && wrong.every((x, i) => x === place[i]));

/** The old and the new vector of the word, dimension by dimension. */
function vectorPanel(state) {
  const title = el("div", { class: "ttm-title" });
  const rows = state.dimensions.map((name) => vectorRow(name));
  const heading = ["dimension", "before", "after", "largest part"].map((text) => el("th", { scope: "col" }, text));
  const table = el(
    "table", {},
    el("thead", {}, el("tr", {}, ...heading)),
    el("tbody", {}, ...rows.map((row) => row.node)),
  );
  const node = el("div", { class: "ttm-vector" }, title, el("div", { class: "ttm-scroll" }, table));

  function draw(now, result, { covered, wrong }) {
    title.textContent = `The vector of ${now.rows[now.asking]}, before and after`;
    const from = sources(result, now.asking);
    rows.forEach((row, i) => {
      const share = Math.floor((i * now.heads) / rows.length);
      row.draw({
        old: now.vectors[now.asking][i], fresh: result.output[now.asking][i], from: from[i],
        columns: now.columns, faded: now.heads > 1 && share !== now.head, covered,
        wrong: !covered && findWrong(wrong, now.asking, i),
      });
    });
  }
  return { node, draw };
}

function vectorRow(name) {
  const [before, after] = ["ttm-old", "ttm-new"].map(amountCell);
  const from = el("td", { class: "ttm-from" });
  const label = el("th", { scope: "row" }, name);
  const node = el("tr", {}, label, before.node, after.node, from);
  function draw({ old, fresh, from: { source, amount }, columns, faded, covered, wrong }) {
    node.classList.toggle("ttm-faded", faded);
    before.draw(number(old), old);
    after.draw(covered ? "?" : (wrong ? "≠ " : "") + number(fresh), covered ? 0 : fresh);
    after.node.classList.toggle("ttm-wrong", Boolean(wrong));
    const nothing = Math.abs(amount) < 0.005;
    from.textContent = covered ? "?" : nothing ? "–" : `${columns[source]} ${number(amount)}`;
  }
  return { node, draw };
}

function amountCell(kind) {
  const [text, bar] = [el("span", { class: "ttm-number" }), el("span", { class: "ttm-bar" })];
  const node = el("td", { class: `ttm-amount ${kind}` }, text, el("span", { class: "ttm-track" }, bar));
  const draw = (shown, amount) => {
    text.textContent = shown;
    bar.style.width = `${100 * Math.min(1, Math.abs(amount))}%`;
  };
  return { node, draw };
}

export default { render };
