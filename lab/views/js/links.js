// Links: write to slots in any order, see what follows what, and walk along it in time.
import "./links.css";
import {
  announce, ask, cividis, connect, drawVerdicts, el, focusOnly, hint, ink, isCurrent, keepKeys, pick, rove,
} from "./kit.js";
import {
  explain, isNowhere, narrateHead, narrateStep, narrateWrite, oneHot, questionFor, replay, walk, weightsOf,
} from "./links_math.js";
import { number } from "./math.js";

const NAMES = ["slots", "writes", "start", "reading", "prediction", "verdicts"];
const EXAMPLE = [0, 1, 2, 0];
const HOW = [["hard", "1.00"], ["soft", "0.60, and 0.40 to the next slot"], ["half", "0.50"]];

function render({ model, el: host }) {
  const slots = model.get("slots");
  const local = { peeked: false, kind: "hard", said: null };
  const view = connect(model, NAMES, () => draw());
  const first = () => oneHot(model.get("start")[0] ? strongest(model.get("start")[0]) : 0, slots);

  /** A control was used: the covers come off. `said` makes the sentence; without, it tells all. */
  const change = (values, said) => {
    Object.assign(local, { peeked: true, said });
    view.change(values);
  };
  const write = (writes) => change({ writes }, (now, states) => narrateWrite(now.writes, states));
  const hand = {
    /** The reply is about the writes at the start, so they come with it. */
    answer: (prediction) => ((local.said = null), view.change({ prediction, writes: model.get("start"), reading: first() })),
    write: (slot) => write([...model.get("writes"), weightsOf(slot, slots, local.kind)]),
    how: (kind) => ((local.kind = kind), draw()),
    undo: () => write(model.get("writes").slice(0, -1)),
    clear: () => write([]),
    example: (kind) => change({ writes: EXAMPLE.map((slot) => weightsOf(slot, slots, kind)), reading: oneHot(0, slots) }, null),
    read: (slot) => change({ reading: oneHot(slot, slots) }, (now, states) => narrateHead(states.at(-1).link, now.reading)),
    step(direction) {
      const from = model.get("reading");
      const to = walk(replay(model.get("writes"), slots).at(-1).link, from)[direction];
      change(isNowhere(to) ? {} : { reading: to }, () => narrateStep(direction, from, to));
    },
    cell: (i, j) => ((local.said = (now, states) => explain(now.writes, states, i, j)), view.redraw()),
    restart: () => ((local.said = null), view.change({ writes: model.get("start"), reading: first() })),
  };
  const parts = {
    question: ask(questionFor(model.get("start"), slots), hand.answer, model.get("prediction") === "skipped"),
    controls: controls(slots, hand),
    history: history(),
    table: slotTable(slots, hand),
    matrix: matrixPanel(slots, hand),
    yours: yoursPanel(slots),
    step: el("p", { class: "ttm-step", "aria-live": "polite" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
  };
  const root = assemble(parts, hand.restart);
  keepKeys(root);
  host.append(root);

  function draw() {
    const now = Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
    const states = replay(now.writes, slots);
    const covered = now.prediction === "" && !local.peeked;
    const current = now.writes.flat();
    const wrong = covered ? [] : now.verdicts.filter((verdict) => verdict.wrong && isCurrent(verdict, current));
    parts.question.draw(now.prediction, local.peeked, `${now.writes}` !== `${now.start}`);
    parts.controls.draw(now, local.kind);
    parts.history.draw(now.writes);
    parts.table.draw(now, states, covered);
    parts.matrix.draw(now, states, covered, wrong);
    parts.yours.draw(wrong[0]);
    announce(parts.step, sentence(now, states, covered, local.said));
    drawVerdicts(parts.verdicts, now.verdicts, current, model.get("offline"), covered);
  }
  draw();
  return view.close;
}

const strongest = (weights) => weights.indexOf(Math.max(...weights));

function sentence(now, states, covered, said) {
  if (covered) return "The writes are done; the links are covered until you have answered.";
  if (said) return said(now, states);
  return `${narrateWrite(now.writes, states)} ${narrateHead(states.at(-1).link, now.reading)}`;
}

function assemble({ question, controls, history, table, matrix, yours, step, verdicts }, restart) {
  const again = el("button", { type: "button", class: "ttm-plain", onclick: restart }, "Start again");
  controls.node.append(again, question.opener);
  return el(
    "div",
    { class: "ttm-view ttm-links", role: "group", "aria-label": "Links" },
    question.node,
    controls.node,
    history.node,
    step,
    verdicts,
    el("div", { class: "ttm-panels" }, table.node, el("div", { class: "ttm-panels" }, matrix.node, yours.node)),
  );
}

const square = () => el("span", { class: "ttm-square", "aria-hidden": "true" }, "■");
const triangle = () => el("span", { class: "ttm-triangle", "aria-hidden": "true" }, "▲");

function controls(slots, hand) {
  const button = (text, onclick) => el("button", { type: "button", onclick }, text);
  const targets = Array.from({ length: slots }, (_, slot) =>
    el("button", { type: "button", "aria-label": `Write to slot ${slot}`, onclick: () => hand.write(slot) }, square(), ` ${slot}`),
  );
  const group = el("div", { class: "ttm-row", role: "group", "aria-label": "Write to a slot" }, "to slot", ...targets, hint());
  rove(group, () => [targets]);
  focusOnly(targets, targets[0]);
  const how = pick("Write with weight", HOW, hand.how);
  const undo = button("Undo", hand.undo);
  const rest = el(
    "div", { class: "ttm-row" }, undo, button("Clear", hand.clear),
    button("Example 0, 1, 2, 0", () => hand.example("hard")), button("The same, soft", () => hand.example("soft")),
  );
  const node = el("div", { class: "ttm-controls" }, how.node, group, rest);
  const draw = ({ writes }, kind) => (how.draw(kind), undo.setAttribute("aria-disabled", !writes.length));
  return { node, draw };
}

/** The writes so far, one after the other. */
function history() {
  const done = el("ol", { "aria-label": "Writes so far" });
  const node = el("div", { class: "ttm-history" }, "Writes so far:", done);
  const draw = (writes) =>
    done.replaceChildren(
      ...writes.map((weights) => {
        const parts = weights.flatMap((w, slot) => (w < 0.005 ? [] : [w === 1 ? `${slot}` : `${slot} (${number(w)})`]));
        return el("li", {}, square(), ` ${parts.join(" + ") || "nothing"}`);
      }),
    );
  return { node, draw };
}

/** A row a slot: how much it was written last, and where the read head stands and could go. */
function slotTable(slots, hand) {
  const rows = Array.from({ length: slots }, (_, slot) => slotRow(slot, hand));
  const heading = [["slot"], ["last write", square()], ["precedence"], ["read head", triangle()], ["backward"], ["forward"]];
  const head = el("tr", {}, ...heading.map(([text, ...mark]) => el("th", { scope: "col" }, ...mark, ` ${text}`)));
  const body = el("tbody", {}, ...rows.map((row) => row.node));
  const buttons = rows.map((row) => row.button);
  rove(body, () => buttons.map((each) => [each]), (each) => each.click());
  focusOnly(buttons, buttons[0]);
  const step = (text, direction) => el("button", { type: "button", onclick: () => hand.step(direction) }, text);
  const node = el(
    "div", { class: "ttm-slots" },
    el("div", { class: "ttm-title" }, "Slots, and a read head to walk with"),
    el("div", { class: "ttm-scroll" }, el("table", {}, el("thead", {}, head), body)),
    el("div", { class: "ttm-row" }, triangle(), step("← Backward", "backward"), step("Forward →", "forward")),
    el("p", { class: "ttm-small" }, "Forward: to what was written right after.", el("br"), "Backward: to what it came right after."),
    hint(),
  );
  function draw({ writes, reading }, states, covered) {
    const { link, precedence } = states.at(-1);
    const { forward, backward } = walk(link, reading);
    rows.forEach((row, i) =>
      row.draw({ written: writes.at(-1)?.[i] ?? 0, precedence: precedence[i], read: reading[i], backward: backward[i], forward: forward[i], covered }),
    );
  }
  return { node, draw };
}

function slotRow(slot, hand) {
  const cells = Array.from({ length: 4 }, () => el("td", { class: "ttm-number" }));
  const [written, precedence, backward, forward] = cells;
  const [text, mark] = [el("span", { class: "ttm-number" }), triangle()];
  const button = el("button", { type: "button", onclick: () => hand.read(slot) }, mark, " ", text);
  const node = el("tr", {}, el("th", { scope: "row" }, slot), written, precedence, el("td", {}, button), backward, forward);
  function draw(now) {
    mark.style.visibility = now.read < 0.005 ? "hidden" : "visible";
    text.textContent = number(now.read);
    button.setAttribute("aria-label", `Read slot ${slot}: weight ${number(now.read)}`);
    amount(written, now.written, now.written >= 0.005 && square());
    amount(precedence, now.precedence, null, "ttm-write");
    for (const [td, weight] of [[backward, now.backward], [forward, now.forward]]) {
      if (now.covered) td.replaceChildren("?");
      else amount(td, weight, null, "ttm-read");
    }
  }
  return { node, button, draw };
}

/** A number, with a bar or a mark beside it. */
function amount(td, value, mark, kind) {
  const bar = el("span", { class: "ttm-bar", style: `width: ${100 * Math.min(1, value)}%` });
  const beside = kind ? el("span", { class: `ttm-track ${kind}` }, bar) : (mark || "");
  td.replaceChildren(number(value), " ", beside);
}

/** The link matrix: row i, column j says how far slot i was written right after slot j. */
function matrixPanel(slots, hand) {
  const numbers = Array.from({ length: slots }, (_, i) => i);
  const cells = numbers.map((i) => numbers.map((j) => linkCell(i, j, hand)));
  const columns = numbers.map(() => el("th", { scope: "col" }));
  const names = numbers.map(() => el("th", { scope: "row" }));
  const rows = cells.map((row, i) => el("tr", {}, names[i], ...row.map((each) => each.node)));
  const corner = el("th", { scope: "col", class: "ttm-small" }, "written ↓", el("br"), "after →");
  const table = el(
    "table",
    { role: "grid", "aria-label": "Link matrix: a row for the slot that was written, a column for the slot that it came right after" },
    el("thead", {}, el("tr", {}, corner, ...columns)),
    el("tbody", {}, ...rows),
  );
  const nodes = cells.map((row) => row.map((each) => each.node));
  rove(table, () => nodes, (node) => hand.cell(Math.floor(nodes.flat().indexOf(node) / slots), nodes.flat().indexOf(node) % slots));
  focusOnly(nodes.flat(), nodes[0][0]);
  const node = el(
    "div", { class: "ttm-matrix" },
    el("div", { class: "ttm-title" }, "Link matrix: row i was written right after column j"),
    el("div", { class: "ttm-scroll" }, table),
    el("p", { class: "ttm-small" }, "Small: how much the last write added (↑) or wore out (↓)."),
    hint(),
  );

  function draw({ writes, reading }, states, covered, wrong) {
    const before = states.at(-2)?.link;
    const last = wrong.filter((verdict) => verdict.write === writes.length);
    numbers.forEach((slot) => {
      const read = reading[slot] >= 0.005;
      columns[slot].replaceChildren(...(read ? [triangle(), " "] : []), slot);
      names[slot].replaceChildren(
        ...((writes.at(-1)?.[slot] ?? 0) >= 0.005 ? [square(), " "] : []), ...(read ? [triangle(), " "] : []), slot,
      );
    });
    cells.forEach((row, i) =>
      row.forEach((each, j) => {
        const verdict = last.find(({ wrong: [k, l] }) => k === i && l === j);
        const value = states.at(-1).link[i][j];
        each.draw({ value, change: value - (before?.[i][j] ?? 0), label: explain(writes, states, i, j), covered, verdict });
      }),
    );
  }
  return { node, draw };
}

function linkCell(i, j, hand) {
  const [text, change] = [el("span", { class: "ttm-number" }), el("span", { class: "ttm-change ttm-number" })];
  const choose = () => {
    focusOnly(node.closest("table").querySelectorAll("[role=gridcell]"), node);
    node.focus();
    hand.cell(i, j);
  };
  const node = el("td", { role: "gridcell", tabindex: -1, onclick: choose }, text, change);
  function draw({ value, change: by, label, covered, verdict }) {
    const plain = covered || i === j || verdict;
    const color = cividis(value);
    node.style.background = plain ? "" : `rgb(${color})`;
    node.style.color = plain ? "" : ink(color);
    node.classList.toggle("ttm-diagonal", i === j && !verdict);
    node.classList.toggle("ttm-wrong", Boolean(verdict));
    text.textContent = covered ? "?" : (verdict ? "≠ " : "") + number(value);
    change.textContent = covered || Math.abs(by) < 0.005 ? "" : `${by > 0 ? "↑" : "↓"} ${number(Math.abs(by))}`;
    const said = covered ? `link[${i}, ${j}]: covered` : label;
    node.setAttribute("aria-label", verdict ? `${said} ${verdict.text}` : said);
  }
  return { node, draw };
}

/** The learner's matrix after the first write that went wrong. */
function yoursPanel(slots) {
  const numbers = Array.from({ length: slots }, (_, i) => i);
  const cells = numbers.map(() => numbers.map(() => el("td", { class: "ttm-number" })));
  const columns = numbers.map((j) => el("th", { scope: "col" }, j));
  const rows = cells.map((row, i) => el("tr", {}, el("th", { scope: "row" }, i), ...row));
  const title = el("div", { class: "ttm-title" });
  const table = el("table", {}, el("thead", {}, el("tr", {}, el("td"), ...columns)), el("tbody", {}, ...rows));
  const node = el("div", { class: "ttm-yours", hidden: true }, title, el("div", { class: "ttm-scroll" }, table));
  function draw(verdict) {
    node.hidden = !verdict;
    if (!verdict) return;
    title.textContent = `Yours after write ${verdict.write}: ${verdict.name}`;
    cells.forEach((row, i) =>
      row.forEach((td, j) => {
        const wrong = verdict.wrong[0] === i && verdict.wrong[1] === j;
        const value = verdict.values[i][j];
        td.textContent = `${wrong ? "≠ " : ""}${value === null ? "not a number" : number(value)}`;
        td.classList.toggle("ttm-wrong", wrong);
      }),
    );
  }
  return { node, draw };
}

export default { render };
