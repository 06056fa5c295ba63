// Graph: a computation from the learner's own nodes; values go forward, gradients come back.
import "./graph.css";
import { COVERED, explain, isLit, lastStep, neighbour, stageAt } from "./graph_math.js";
import { announce, ask, connect, drawVerdicts, el, focusOnly, hint, isCurrent, keepKeys, shape, unique } from "./kit.js";

const NAMES = ["step", "chosen", "prediction", "verdicts"];
const PAUSE = 2500; // time to read a sentence while it plays, in milliseconds
const [LINE, PAD] = [18, 10];

function render({ model, el: host }) {
  const [graph, question] = [model.get("drawn"), model.get("question")];
  const asks = Boolean(question.text);
  const local = { timer: 0 };
  const view = connect(model, NAMES, () => draw());
  const isCovered = () => asks && model.get("prediction") === "";
  const last = () => lastStep(graph, isCovered());
  const now = () => Math.min(model.get("step"), last());

  const stop = () => (clearInterval(local.timer), (local.timer = 0));
  const go = (step) => view.change({ step: Math.max(0, Math.min(last(), step)), chosen: -1 });
  function play() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(now() + 1);
    go(now() === last() ? 0 : now());
    local.timer = setInterval(() => (go(now() + 1), now() === last() && (stop(), draw())), PAUSE);
    draw();
  }
  const hand = {
    /** The way back is still to be walked: it begins behind the forward steps. */
    answer(prediction) {
      const begin = isCovered() ? { step: Math.min(graph.forward + 1, lastStep(graph, false)), chosen: -1 } : {};
      stop();
      view.change({ prediction, ...begin });
    },
    go: (step) => (stop(), go(step)),
    by: (by) => (stop(), go(now() + by)),
    end: () => (stop(), go(last())),
    play: () => (local.timer ? (stop(), draw()) : play()),
    choose: (chosen) => (stop(), view.change({ chosen })),
  };
  const parts = {
    question: asks
      ? ask(question, hand.answer, model.get("prediction") === "skipped")
      : { node: "", opener: "", draw() {} },
    controls: controls(graph, hand),
    picture: picture(graph, hand),
    step: el("p", { class: "ttm-step", "aria-live": "polite" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
  };
  parts.controls.node.append(parts.question.opener);
  const root = el(
    "div",
    { class: "ttm-view ttm-graph", role: "group", "aria-label": "Graph" },
    parts.question.node, parts.controls.node, parts.step, parts.verdicts, parts.picture.node,
  );
  keepKeys(root);
  host.append(root);

  function draw() {
    const [step, chosen, covered] = [now(), model.get("chosen"), isCovered()];
    const verdicts = model.get("verdicts");
    const wrong = covered ? null : verdicts.find((verdict) => verdict.wrong >= 0 && isCurrent(verdict, []));
    parts.question.draw(model.get("prediction"), false);
    parts.controls.draw(step, last(), Boolean(local.timer));
    parts.picture.draw({ step, chosen, covered, wrong });
    announce(parts.step, sentence(graph, step, chosen, covered));
    drawVerdicts(parts.verdicts, verdicts, [], model.get("offline"), covered);
  }
  draw();
  return () => (stop(), view.close());
}

function sentence({ nodes, steps }, step, chosen, covered) {
  if (chosen >= 0) return explain(nodes[chosen], step, covered);
  return covered ? `${steps[step].text} ${COVERED}` : steps[step].text;
}

function controls({ forward, steps }, hand) {
  const button = (text, onclick) => el("button", { type: "button", onclick }, text);
  const play = button("Play", hand.play);
  const range = { id: unique("step"), type: "range", min: 0, step: 1, max: steps.length - 1 };
  const input = el("input", { ...range, oninput: () => hand.go(input.valueAsNumber) });
  const place = el("output", { for: range.id });
  const label = el("label", { for: range.id }, "Step ");
  const [back, next] = [button("‹ Step back", () => hand.by(-1)), button("Next step ›", () => hand.by(1))];
  const buttons = [back, next, play, button("Show all", hand.end)];
  const node = el(
    "div", { class: "ttm-controls" },
    el("div", { class: "ttm-walk" }, ...buttons),
    el("div", { class: "ttm-slider" }, el("div", {}, label, place), input),
  );
  function draw(step, last, playing) {
    const where = `${step} of ${last}, ${step === 0 ? "the leaves" : step <= forward ? "forward →" : "← backward"}`;
    play.textContent = playing ? "Pause" : "Play";
    back.setAttribute("aria-disabled", step === 0);
    next.setAttribute("aria-disabled", step === last);
    input.max = last;
    input.value = step;
    input.setAttribute("aria-valuetext", where);
    place.textContent = where;
  }
  return { node, draw };
}

// ------------------------------------------------------------------------------ the picture

function picture(graph, hand) {
  const choose = (i) => {
    focusOnly(all, all[i]);
    all[i].focus();
    hand.choose(i);
  };
  const edges = graph.edges.map(drawEdge);
  const nodes = graph.nodes.map((node, i) => drawNode(node, () => choose(i)));
  const all = nodes.map((each) => each.node);
  focusOnly(all, all[0]);
  const size = { width: graph.width, height: graph.height - 26, viewBox: `0 0 ${graph.width} ${graph.height - 26}` };
  const drawing = shape(
    "svg", { ...size, role: "group", "aria-label": "The computation, from left to right" },
    ...edges.map((each) => each.line), ...nodes.map((each) => each.node), ...edges.map((each) => each.label),
  );
  drawing.addEventListener("keydown", (event) => {
    const from = all.indexOf(event.target.closest("[role=button]"));
    if (from < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const enter = event.key === "Enter" || event.key === " ";
    const to = enter ? from : neighbour(graph.nodes, from, event.key);
    if (to < 0) return;
    event.preventDefault();
    choose(to);
  });
  const legend = el(
    "p", { class: "ttm-legend ttm-small" },
    el("span", { class: "ttm-value" }, "→ value, computed forward"),
    el("span", { class: "ttm-gradient" }, "← gradient, handed back"),
    el("span", {}, onALine(graph.edges)),
  );
  const scroll = el("div", { class: "ttm-scroll" }, drawing);
  const node = el("div", {}, legend, scroll, hint());
  let before = "";
  function draw({ step, chosen, covered, wrong }) {
    const active = graph.steps[step].node;
    const back = step > graph.forward;
    edges.forEach((each) => each.draw(step, active, back));
    nodes.forEach((each, i) =>
      each.draw({ step, covered, back, active: i === active, chosen: i === chosen, wrong: wrong?.wrong === i ? wrong : null }),
    );
    if (chosen >= 0) focusOnly(all, all[chosen]);
    const about = graph.nodes[chosen >= 0 ? chosen : active];
    if (about && before !== `${step} ${chosen}`) reveal(scroll, about);
    before = `${step} ${chosen}`;
  }
  return { node, draw };
}

/** What the lines carry: of an array the shape, since its numbers have no room there. */
function onALine(edges) {
  const [shapes, products] = [/^\[/, /=/].map((kind) => edges.some(({ label }) => kind.test(label)));
  const said = products ? ["what came from above × local gradient = what goes on"] : [];
  if (shapes) said.push(`${products ? "or the shape of an array" : "the shape of what goes on"}; its numbers stand in the box`);
  return `on a line: ${said.join(", ")}`;
}

/** Scrolls sideways, as far as it takes to see what the step is about. */
function reveal(scroll, { box: [x, , width] }) {
  const room = 180; // its neighbours too
  if (x - room < scroll.scrollLeft) scroll.scrollLeft = x - room;
  else if (x + width + room > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = x + width + room - scroll.clientWidth;
}

function drawEdge(edge) {
  const line = shape("path", { d: edge.path });
  const [x, y] = edge.spot;
  const ground = shape("rect", { x: x - edge.room / 2, y: y - 8, width: edge.room, height: 16 });
  const text = shape("text", { x, y: y + 4, "text-anchor": "middle" }, edge.label);
  const label = shape("g", { class: "ttm-passed", "aria-hidden": "true" }, ground, text);
  function draw(step, active, back) {
    const lit = isLit(edge, step);
    const now = edge.child === active && (back ? edge.at === step : true);
    line.setAttribute("class", `ttm-edge ${lit ? "ttm-lit" : ""} ${now ? "ttm-now" : ""}`);
    label.style.display = lit ? "" : "none";
    label.classList.toggle("ttm-now", now);
  }
  return { line, label, draw };
}

/** A box: the name, the value, the gradient as far as it has come. */
function drawNode({ box: [x, y, width, height], ...node }, onclick) {
  const words = (attributes, text) => shape("text", attributes, text);
  const frame = shape("rect", { x, y, width, height, rx: 6 });
  const head = [
    words({ class: "ttm-name", x: x + PAD, y: y + LINE }, node.name),
    words({ class: "ttm-beside", x: x + width - PAD, y: y + LINE, "text-anchor": "end" }, node.beside),
  ];
  const body = shape("g", {});
  const mark = words({ class: "ttm-yours", x: x + PAD, y: y + height + 15 }, "");
  const group = shape("g", { role: "button", tabindex: -1, onclick }, frame, ...head, body, mark);
  let shown = "";
  function lines(list, name, arrow, row) {
    const at = y + LINE * (row + 2);
    return [
      words({ class: name, x: x + PAD, y: at }, arrow),
      ...list.map((line, i) => words({ class: name, x: x + PAD + 20, y: at + LINE * i }, line)),
    ];
  }
  function draw({ step, covered, back, active, chosen, wrong }) {
    const values = node.at <= step ? node.values : ["·"];
    const stage = stageAt(node, step);
    const gradients = covered ? ["?"] : stage?.lines ?? ["·"];
    const kind = ["ttm-node", active && (back ? "ttm-handing" : "ttm-computed"), chosen && "ttm-chosen", node.problem && "ttm-problem", wrong && stage && "ttm-off"];
    group.setAttribute("class", kind.filter(Boolean).join(" "));
    group.setAttribute("aria-pressed", chosen);
    mark.textContent = wrong && stage ? `≠ yours ${wrong.yours}` : "";
    const said = [`value ${node.at <= step ? values.join("; ") : "not computed yet"}`, `gradient ${covered ? "covered" : stage ? gradients.join("; ") : "not there yet"}`, mark.textContent];
    group.setAttribute("aria-label", `${node.name} ${node.beside}: ${said.filter(Boolean).join(", ")}`);
    const text = JSON.stringify([values, gradients]);
    if (shown === text) return;
    shown = text;
    body.replaceChildren(...lines(values, "ttm-value", "→", 0), ...lines(gradients, "ttm-gradient", "←", values.length));
  }
  return { node: group, draw };
}

export default { render };
