// Graph growth: operations, tracing time and step time against N, with a loop and without.
import "./graph_growth.css";
import { announce, ask, connect, drawVerdicts, el, focusOnly, hint, keepKeys, rove, shape } from "./kit.js";
import { count, decades, nearest, pairs, scale, tick } from "./graph_growth_math.js";

const NAMES = ["size", "prediction", "verdicts"];
const VERSIONS = { loop: "loop", vector: "vector version" };
const TITLES = { operations: "Operations in the graph", tracing: "Tracing time", step: "Time of one step" };
const QUANTITIES = Object.keys(TITLES);
const [LEFT, TOP, WIDTH, HEIGHT] = [80, 14, 236, 190];

function render({ model, el: host }) {
  const state = Object.fromEntries(["sizes", "points", "said", "question"].map((name) => [name, model.get(name)]));
  const asks = Boolean(state.question.text);
  const local = { peeked: !asks };
  const view = connect(model, NAMES, () => draw());
  const choose = (size) => ((local.peeked = true), view.change({ size }));
  const parts = {
    question: asks
      ? ask(state.question, (prediction) => view.change({ prediction }), model.get("prediction") === "skipped")
      : { node: "", opener: "", draw() {} },
    step: el("p", { class: "ttm-step", "aria-live": "polite" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
    panels: QUANTITIES.map((quantity) => panel(state, quantity, choose)),
    table: numbers(state, choose),
  };
  const root = el(
    "div",
    { class: "ttm-view ttm-growth", role: "group", "aria-label": "Graph growth" },
    parts.question.node,
    el("div", { class: "ttm-controls" }, legend(state), parts.question.opener),
    parts.step,
    parts.verdicts,
    el("div", { class: "ttm-panels" }, ...parts.panels.map((each) => each.node)),
    parts.table.node,
  );
  keepKeys(root);
  host.append(root);

  function draw() {
    const size = model.get("size");
    const covered = model.get("prediction") === "" && !local.peeked;
    root.classList.toggle("ttm-covered", covered);
    parts.question.draw(model.get("prediction"), local.peeked);
    for (const each of parts.panels) each.draw(size, covered);
    parts.table.draw(size, covered);
    const said = state.said[size] ?? "Nothing was measured.";
    announce(parts.step, covered ? "What the loop costs is covered until you have answered." : said);
    drawVerdicts(parts.verdicts, model.get("verdicts"), [], model.get("offline"), covered);
  }
  draw();
  return view.close;
}

/** Which mark is which; hollow marks where something was predicted. */
function legend({ points }) {
  const item = (version, measured, text) => {
    const sample = { class: `ttm-${version}`, d: mark(version, 8, 9), "data-predicted": !measured };
    return el("span", {}, shape("svg", { width: 16, height: 18, "aria-hidden": "true" }, shape("path", sample)), text);
  };
  const shown = Object.keys(VERSIONS).filter((version) => points.some((point) => point.version === version));
  const items = shown.map((version) => item(version, true, VERSIONS[version]));
  if (points.some((point) => !point.measured)) items.push(item("loop", false, "hollow: not measured, but predicted"));
  return el("div", { class: "ttm-legend" }, ...items);
}

const mark = (version, x, y) => (version === "loop" ? `M${x} ${y - 6}l6 11h-12z` : `M${x - 5} ${y - 5}h10v10h-10z`);

// -------------------------------------------------------------------------------- the charts

/** One quantity against N, on two logarithmic axes. */
function panel({ sizes, points }, quantity, choose) {
  const title = el("div", { class: "ttm-title" }, TITLES[quantity]);
  if (!points.length) return { node: el("div", {}, title), draw() {} };
  const across = scale(sizes, LEFT, LEFT + WIDTH);
  const [low, high] = decades(points.map((point) => point[quantity]));
  const up = scale([10 ** low, 10 ** high], TOP + HEIGHT, TOP);
  const cursor = shape("path", { class: "ttm-now" });
  const series = Object.keys(VERSIONS).flatMap((version) =>
    drawSeries(points.filter((point) => point.version === version), version, quantity, across, up),
  );
  const at = (event) => nearest(sizes, across, event.clientX - picture.getBoundingClientRect().left);
  const picture = shape(
    "svg",
    { width: LEFT + WIDTH + 16, height: TOP + HEIGHT + 42, "aria-hidden": "true",
      onclick: (event) => choose(at(event)),
      onpointermove: (event) => event.pointerType === "mouse" && event.buttons === 1 && choose(at(event)) },
    ...axes(sizes, quantity, low, high, across, up), cursor, ...series,
  );
  const draw = (size) => cursor.setAttribute("d", `M${across(size)} ${TOP}v${HEIGHT}`);
  return { node: el("div", {}, title, picture), draw };
}

function axes(sizes, quantity, low, high, across, up) {
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const lines = powers.map((power) => `M${LEFT - 8} ${up(10 ** power)}h${WIDTH + 16}`).join("");
  const words = (x, y, anchor, text) => shape("text", { x, y, "text-anchor": anchor }, text);
  return [
    shape("path", { class: "ttm-ground", d: lines }),
    ...powers.map((power) => words(LEFT - 12, up(10 ** power) + 4, "end", tick(quantity, power))),
    ...sizes.map((size) => words(across(size), TOP + HEIGHT + 20, "middle", size)),
    words(LEFT + WIDTH, TOP + HEIGHT + 38, "end", "N"),
  ];
}

/** A line through what was measured, a broken one on through what was predicted, and the marks. */
function drawSeries(points, version, quantity, across, up) {
  const place = (point) => [across(point.size), up(point[quantity])];
  const path = (some) => some.map((point, i) => `${i ? "L" : "M"}${place(point)}`).join("");
  const last = points.findLastIndex((point) => point.measured);
  const line = (some, predicted) => shape("path", { class: `ttm-line ttm-${version}`, d: path(some), "data-predicted": predicted });
  return [
    line(points.slice(0, last + 1), false),
    line(points.slice(Math.max(last, 0)), true),
    ...points.map((point) => shape("path", { class: `ttm-${version}`, d: mark(version, ...place(point)), "data-predicted": !point.measured })),
  ];
}

// ------------------------------------------------------------------------------- the numbers

/** A row for each N; the buttons choose it. */
function numbers({ sizes, points }, choose) {
  const rows = sizes.map((size) => sizeRow(size, points.filter((point) => point.size === size), choose));
  const versions = Object.keys(VERSIONS);
  const groups = versions.map((version) => el("th", { scope: "colgroup", colspan: 3 }, VERSIONS[version]));
  const names = versions.flatMap(() => ["operations", "tracing", "one step"]);
  const heading = ["N", "pairs, N² − N", ...names].map((text) => el("th", { scope: "col" }, text));
  const body = el("tbody", {}, ...rows.map((row) => row.node));
  const table = el("table", {},
    el("caption", {}, "What was measured and, with ≈ or in italics, what is predicted. ", hint()),
    el("thead", {}, el("tr", {}, el("td", { colspan: 2 }), ...groups), el("tr", {}, ...heading)), body);
  const buttons = rows.map((row) => row.button);
  rove(body, () => buttons.map((button) => [button]), (button) => button.click());
  const draw = (size, covered) => {
    rows.forEach((row) => row.draw(size, covered));
    focusOnly(buttons, buttons[sizes.indexOf(size)] ?? buttons[0]);
  };
  return { node: el("div", { class: "ttm-scroll" }, table), draw };
}

function sizeRow(size, points, choose) {
  const button = el("button", { type: "button", "aria-label": `N = ${size}`, onclick: () => choose(size) }, size);
  const cells = Object.keys(VERSIONS).flatMap((version) => {
    const point = points.find((each) => each.version === version);
    const about = point?.measured === false ? "ttm-predicted" : "";
    return QUANTITIES.map((quantity) => ({ version, text: point?.texts[quantity] ?? "–", node: el("td", { class: `ttm-number ${about}` }) }));
  });
  const node = el("tr", {}, el("th", { scope: "row" }, button), el("td", { class: "ttm-number" }, count(pairs(size))), ...cells.map((cell) => cell.node));
  const draw = (now, covered) => {
    node.classList.toggle("ttm-chosen", now === size);
    button.setAttribute("aria-pressed", now === size);
    for (const { node, version, text } of cells) announce(node, covered && version === "loop" ? "?" : text);
  };
  return { node, button, draw };
}

export default { render };
