// Photo search: a query asks the keys of eight photos; the answer is a blend of their pictures.
import "./photo_search.css";
import {
  announce, ask, connect, drawVerdicts, el, focusOnly, hint, isCurrent, keepKeys, rove, temperatureSlider,
  tick,
} from "./kit.js";
import { number } from "./math.js";
import { explain, lookUp, narrate } from "./photo_search_math.js";

const NAMES = ["query", "temperature", "by_rank", "prediction", "verdicts"];
const START = { query: [1, 0, 0, 1, 0, 0], temperature: 1, by_rank: false };
const SIDE = 12;

function render({ model, el: host }) {
  const catalogue = unpack(model.get("catalogue"));
  const local = { chosen: -1, peeked: false };
  const view = connect(model, NAMES, () => draw());

  /** A control was used: the covers come off, the sentence is about the whole again. */
  const change = (values) => {
    Object.assign(local, { peeked: true, chosen: -1 });
    view.change(values);
  };
  const parts = {
    question: ask(
      questionFor(catalogue), (prediction) => view.change({ prediction }), model.get("prediction") === "skipped",
    ),
    query: queryPanel(catalogue.tags, () => model.get("query"), (query) => change({ query })),
    slider: temperatureSlider((temperature) => change({ temperature })),
    sort: tick("Sort by rank", (by_rank) => view.change({ by_rank })),
    table: photoTable(catalogue, (photo) => ((local.chosen = photo), view.redraw())),
    blend: blendPanel(),
    step: el("p", { class: "ttm-step", "aria-live": "polite" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
  };
  const root = assemble(parts, () => ((local.chosen = -1), view.change(START)));
  keepKeys(root);
  host.append(root);

  function draw() {
    const [query, temperature] = [model.get("query"), model.get("temperature")];
    const result = lookUp(query, catalogue.features, catalogue.values, temperature);
    const covered = model.get("prediction") === "" && !local.peeked;
    const current = [...query, temperature];
    const wrong = model.get("verdicts").filter((verdict) => isCurrent(verdict, current))[0];
    root.classList.toggle("ttm-covered", covered);
    parts.question.draw(model.get("prediction"), local.peeked);
    parts.query.draw(query);
    parts.slider.draw(temperature);
    parts.sort.draw(model.get("by_rank"));
    parts.table.draw(result, model.get("by_rank"), local.chosen, covered, wrong);
    parts.blend.draw(result, catalogue.titles, covered);
    announce(parts.step, sentence(catalogue, result, query, temperature, local.chosen, covered));
    drawVerdicts(parts.verdicts, model.get("verdicts"), current, model.get("offline"), covered);
  }
  draw();
  return view.close;
}

/** Pictures as letters of a palette become numbers from 0 to 1, [photos, 12 × 12 × 3]. */
function unpack({ tags, palette, photos }) {
  const pixels = (picture) => [...picture.replaceAll(" ", "")].flatMap((letter) => palette[letter]);
  return {
    tags,
    titles: photos.map((photo) => photo.title),
    features: photos.map((photo) => photo.features),
    values: photos.map((photo) => pixels(photo.picture).map((x) => x / 255)),
  };
}

function questionFor({ features, values, titles }) {
  const { weights, places } = lookUp(START.query, features, values, START.temperature);
  const best = weights[places[0]];
  return {
    text:
      "You search for dogs on the beach, at temperature 1. " +
      "How much of the answer will come from the photo that matches best?",
    options: [["all", "All of it"], ["most", "More than half"], ["part", "Less than half"]],
    answer: best > 0.995 ? "all" : best > 0.5 ? "most" : "part",
    why:
      `${titles[places[0]]} weighs ${number(best)}. Softmax leaves no photo out: ` +
      "a score of 0 still counts as e⁰ = 1, and eight photos share the answer.",
  };
}

function sentence({ tags, titles, features }, result, query, temperature, chosen, covered) {
  if (covered) return "The scores are there; the weights are covered until you have answered.";
  if (chosen < 0) return narrate(result, query, tags, titles, temperature);
  return explain(result, chosen, query, tags, features, titles[chosen], temperature);
}

function assemble({ question, query, slider, sort, table, blend, step, verdicts }, restart) {
  const again = el("button", { type: "button", class: "ttm-plain", onclick: restart }, "Start again");
  return el(
    "div",
    { class: "ttm-view ttm-photos", role: "group", "aria-label": "Photo search" },
    question.node,
    el("div", { class: "ttm-controls" }, query.node, el("div", { class: "ttm-side" }, slider.node, sort.node, again, question.opener)),
    step,
    verdicts,
    el("div", { class: "ttm-panels" }, table.node, blend.node),
  );
}

/** Tags to switch on and off, and how much each of them counts. */
function queryPanel(tags, query, onchange) {
  const change = (i, amount) => onchange(query().map((x, j) => (j === i ? amount : x)));
  const toggles = tags.map((tag, i) =>
    el("button", { type: "button", onclick: () => change(i, query()[i] > 0 ? 0 : 1) }, tag),
  );
  const sliders = tags.map((tag, i) => {
    const input = el("input", {
      type: "range", min: 0, max: 1, step: 0.1, "aria-label": `How much ${tag} counts`,
      oninput: () => change(i, input.valueAsNumber),
    });
    return input;
  });
  const amounts = tags.map(() => el("span", { class: "ttm-number" }));
  const cells = tags.map((_, i) => el("div", { class: "ttm-tag" }, toggles[i], sliders[i], amounts[i]));
  const node = el(
    "div",
    { class: "ttm-query", role: "group", "aria-label": "Query" },
    el("div", { class: "ttm-title" }, "Query: which tags, and how much of each ", hint()),
    el("div", { class: "ttm-tags" }, ...cells),
  );
  focusOnly(toggles, toggles[0]);
  rove(node, () => [toggles]);
  const draw = (now) =>
    now.forEach((amount, i) => {
      toggles[i].setAttribute("aria-pressed", amount > 0);
      if (sliders[i].valueAsNumber !== amount) sliders[i].valueAsNumber = amount;
      sliders[i].setAttribute("aria-valuetext", number(amount));
      amounts[i].textContent = number(amount);
    });
  return { node, draw };
}

/** One row a photo: picture, tags, score, weight, rank. */
function photoTable(catalogue, onchoose) {
  const rows = catalogue.titles.map((title, photo) => photoRow(catalogue, photo, title, onchoose));
  const yours = el("th", { scope: "col", hidden: true }, "yours");
  const head = el(
    "tr", {},
    ...["photo", "score", "weight"].map((text) => el("th", { scope: "col" }, text)),
    yours,
    el("th", { scope: "col" }, "rank"),
  );
  const body = el("tbody", {}, ...rows.map((row) => row.node));
  const node = el(
    "table", {},
    el("caption", {}, "Keys: what is in each photo. The score is query · key. ", hint()),
    el("thead", {}, head),
    body,
  );
  const buttons = rows.map((row) => row.button);
  focusOnly(buttons, buttons[0]);
  rove(body, () => [...body.rows].map((row) => [row.querySelector("button")]), (button) => button.click());

  function draw(result, byRank, chosen, covered, verdict) {
    yours.hidden = !verdict?.weights || covered;
    rows.forEach((row) => row.draw(result, chosen, covered, verdict));
    arrange(body, byRank ? result.places.map((photo) => rows[photo].node) : rows.map((row) => row.node));
  }
  return { node, draw };
}

/** Puts the rows in order without losing the focus. */
function arrange(body, wanted) {
  if (wanted.every((node, i) => body.rows[i] === node)) return;
  const held = body.getRootNode().activeElement;
  body.append(...wanted);
  if (held && body.contains(held)) held.focus();
}

function photoRow({ tags, features, values }, photo, title, onchoose) {
  const button = el("button", { type: "button", class: "ttm-name", onclick: () => onchoose(photo) }, title);
  const list = tags
    .map((tag, i) => `${tag} ${features[photo][i].toFixed(1)}`)
    .filter((_, i) => features[photo][i] > 0);
  const [score, yours, rank] = ["", "ttm-yours", ""].map((kind) => el("td", { class: `ttm-number ${kind}` }));
  const [weight, bar] = [el("span", { class: "ttm-number" }), el("span", { class: "ttm-bar" })];
  const shown = el("td", { class: "ttm-weight" }, weight, el("span", { class: "ttm-track" }, bar));
  const picture = paint(el("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" }), values[photo]);
  const about = el("span", {}, button, el("span", { class: "ttm-small" }, list.join(", ")));
  const node = el("tr", {}, el("th", { scope: "row" }, el("span", { class: "ttm-photo" }, picture, about)), score, shown, yours, rank);

  function draw(result, chosen, covered, verdict) {
    node.classList.toggle("ttm-chosen", chosen === photo);
    button.setAttribute("aria-pressed", chosen === photo);
    score.textContent = number(result.scores[photo]);
    weight.textContent = covered ? "?" : number(result.weights[photo]);
    bar.style.width = covered ? "0" : `${100 * result.weights[photo]}%`;
    rank.textContent = covered ? "?" : result.ranks[photo];
    drawYours(yours, verdict, photo, covered);
  }
  return { node, button, draw };
}

/** The learner's weight, with a mark (not color alone) where it first goes wrong. */
function drawYours(cell, verdict, photo, covered) {
  cell.hidden = !verdict?.weights || covered;
  if (cell.hidden) return;
  const wrong = verdict.wrong?.[0] === photo;
  const weight = verdict.weights[photo];
  cell.textContent = `${wrong ? "≠ " : ""}${weight === null ? "not a number" : number(weight)}`;
  cell.classList.toggle("ttm-wrong", wrong);
}

/** The weighted sum of the pictures, drawn large. */
function blendPanel() {
  const canvas = el("canvas", { width: SIDE, height: SIDE, role: "img" });
  const terms = el("p", { class: "ttm-small" });
  const node = el(
    "div", { class: "ttm-blend" },
    el("div", { class: "ttm-title" }, "Answer: the blend of the values"),
    el("div", { class: "ttm-frame" }, canvas),
    terms,
  );
  function draw({ weights, places, blend }, titles, covered) {
    const top = places.slice(0, 3).map((photo) => `${number(weights[photo])} × ${titles[photo]}`);
    const text = `${top.join(" + ")} + five more`;
    canvas.setAttribute("aria-label", covered ? "Covered until you have answered" : `Blend: ${text}`);
    terms.textContent = covered ? "Covered until you have answered." : text;
    paint(canvas, covered ? blend.map(() => 0.5) : blend);
  }
  return { node, draw };
}

function paint(canvas, values) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = Math.round(255 * values[3 * i + c]);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

export default { render };
