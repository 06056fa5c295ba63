// Memory timeline: a run of the memory, a column for each step, and one step of it in full.
import "./memory_timeline.css";
import {
  announce, ask, cividis, connect, drawVerdicts, el, hint, ink, keepKeys, shape,
} from "./kit.js";
import { number } from "./math.js";
import { bars, choice, marks, sizes, square, triangle, unpack, writers } from "./memory_timeline_math.js";

const NAMES = ["step", "prediction", "verdicts", "said"];
const PACE = 900; // milliseconds that a step stays while playing
const LABEL = 184; // width of the names of the strips, as in the style sheet
const MODES = ["backward", "content", "forward"];

function render({ model, el: host }) {
  const arrays = model.get("arrays");
  const run = unpack(model.get("data"), arrays);
  run.words = { input: model.get("input_words"), output: model.get("output_words") };
  run.low = arrays.memory.low;
  run.high = run.low + 65535 * arrays.memory.unit;
  const size = sizes(run);
  const local = { timer: 0 };
  const asked = model.get("question").step;
  const view = connect(model, NAMES, () => draw());
  const go = (step) => view.change({ step: Math.max(0, Math.min(size.steps - 1, step)) });
  const move = (step) => (stop(), go(step));
  const now = () => model.get("step");
  const parts = {
    question: ask(model.get("question"), answer, model.get("prediction") === "skipped"),
    player: player({ back: () => move(now() - 1), on: () => move(now() + 1), play: () => (local.timer ? stop() : play()) }),
    said: el("p", { class: "ttm-step", "aria-live": "polite" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
    time: timeline(run, size, now, move),
    memory: memoryTable(run, size),
  };
  const root = assemble(parts, () => move(asked));
  root.addEventListener("keydown", arrows);
  keepKeys(root);
  host.append(root);

  /** The first answer opens the step that was asked about; from there the arrows lead on. */
  function answer(prediction) {
    const first = model.get("prediction") === "";
    view.change(first && prediction !== "skipped" ? { prediction, step: asked } : { prediction });
    if (first) parts.time.focus();
  }
  /** On a button that has no use for them, the arrows move through time too. */
  function arrows(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const taken = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey;
    if (!way || taken || !event.target.closest("button")) return;
    event.preventDefault();
    move(now() + way);
  }
  /** Where motion is unwelcome, playing is one step. */
  function play() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(now() + 1);
    local.timer = setInterval(() => (now() + 1 < size.steps ? go(now() + 1) : stop()), PACE);
    go(now() + 1 < size.steps ? now() + 1 : 0);
  }
  function stop() {
    clearInterval(local.timer);
    local.timer = 0;
    draw();
  }
  function draw() {
    const step = now();
    const covered = model.get("prediction") === "";
    const all = model.get("said")[step];
    const sentences = covered ? [all[0], "Where it wrote and read is covered until you have answered."] : all;
    root.classList.toggle("ttm-covered", covered);
    parts.question.draw(model.get("prediction"), false);
    parts.player.draw(step, size.steps, local.timer);
    parts.said.setAttribute("aria-live", local.timer ? "off" : "polite");
    say(parts.said, sentences);
    // Usage tells of earlier writes, so that beyond the step in question it is covered as well.
    parts.time.draw(step, all[0], covered && Math.min(step, asked) + 1);
    parts.memory.draw(step, covered, covered && step > asked, model.get("verdicts").find(({ wrong }) => wrong?.[0] === step));
    drawVerdicts(parts.verdicts, model.get("verdicts"), [], model.get("offline"), covered);
  }
  draw();
  return () => (clearInterval(local.timer), view.close());
}

/** A line for each sentence, in one live region. */
function say(box, sentences) {
  if (box.textContent === sentences.map((sentence) => `${sentence} `).join("")) return;
  box.replaceChildren(...sentences.map((sentence) => el("span", {}, `${sentence} `)));
}

function assemble({ question, player, said, verdicts, time, memory }, restart) {
  const again = el("button", { type: "button", class: "ttm-plain", onclick: restart }, "Start again");
  return el(
    "div",
    { class: "ttm-view ttm-timeline", role: "group", "aria-label": "Memory timeline" },
    question.node,
    el("div", { class: "ttm-controls" }, player.node, again, question.opener),
    said,
    verdicts,
    el("div", { class: "ttm-panels" }, time.node, memory.node),
  );
}

function player({ back, on, play }) {
  const button = (text, onclick) => el("button", { type: "button", onclick }, text);
  const [before, run, after] = [button("‹ Back", back), button("Play", play), button("Next ›", on)];
  const node = el("div", { class: "ttm-player", role: "group", "aria-label": "Time" }, before, run, after);
  const draw = (step, steps, playing) => {
    before.setAttribute("aria-disabled", step === 0);
    after.setAttribute("aria-disabled", step === steps - 1);
    announce(run, playing ? "Pause" : "Play");
  };
  return { node, draw };
}

// ------------------------------------------------------------------------------- over time

/** All strips below each other, and one cursor over them. */
function timeline(run, size, now, move) {
  const { steps, across } = size;
  const strips = [
    ruler(size),
    content("input", run.words.input, run.inputs, size),
    content("output", run.words.output, run.outputs, size),
    gate("write gate", run.write_gate, "ttm-blue", size),
    gate("allocation gate", run.allocation_gate, "ttm-blue", size),
    ...run.free_gates[0].map((_, r) => gate(named("free gate", r, size), run.free_gates.map((g) => g[r]), "ttm-orange", size)),
    ...run.read_modes[0].flatMap((_, r) =>
      MODES.map((mode, m) => gate(`${named("head", r, size)} ${mode}`, run.read_modes.map((each) => each[r][m]), "ttm-orange", size)),
    ),
    usageMap(run, size),
    placeMap(run, size),
  ];
  const cursor = el("div", {
    class: "ttm-cursor", role: "slider", tabindex: 0, "aria-label": "Time step", "aria-valuemin": 1, "aria-valuemax": steps,
    style: `width:${across}px`,
    onkeydown: (event) => {
      const target = { ArrowLeft: now() - 1, ArrowDown: now() - 1, ArrowRight: now() + 1, ArrowUp: now() + 1,
        PageDown: now() - 5, PageUp: now() + 5, Home: 0, End: steps - 1 }[event.key];
      if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      move(target);
    },
  });
  const at = (event) => Math.floor((event.clientX - tracks.getBoundingClientRect().left - LABEL) / across);
  const choose = (event) => {
    const step = at(event);
    if (step < 0 || step >= steps || event.target.closest(".ttm-label")) return;
    if (step !== now()) move(step);
  };
  const tracks = el("div", {
    class: "ttm-tracks", style: `width:${LABEL + across * steps}px`,
    onclick: (event) => (choose(event), cursor.focus({ preventScroll: true })),
    onpointermove: (event) => event.pointerType === "mouse" && event.buttons === 1 && choose(event),
  }, ...strips.map((strip) => strip.node), cursor);
  const scroll = el("div", { class: "ttm-scroll" }, tracks);
  const node = el("div", { class: "ttm-time" }, el("div", { class: "ttm-title" }, "Over time ", hint()), scroll);

  function draw(step, sentence, usages) {
    cursor.style.left = `${LABEL + across * step}px`;
    cursor.setAttribute("aria-valuenow", step + 1);
    cursor.setAttribute("aria-valuetext", sentence);
    for (const strip of strips) strip.draw?.(step, usages);
    keepInSight(scroll, across * step, across);
  }
  return { node, draw, focus: () => cursor.focus({ preventScroll: true }) };
}

const named = (name, head, { heads }) => (heads > 1 || name === "head" ? `${name} ${head + 1}` : name);

/** The strips scroll beneath their names, which stay. */
function keepInSight(scroll, left, across) {
  const room = scroll.clientWidth - LABEL - 8;
  if (room <= 0) return;
  if (left < scroll.scrollLeft) scroll.scrollLeft = left;
  if (left + across > scroll.scrollLeft + room) scroll.scrollLeft = left + across - room;
}

function row(name, strip, height, value = "") {
  return el("div", { class: "ttm-row", style: `min-height:${height}px` }, el("div", { class: "ttm-label" }, el("span", {}, name), value), strip);
}

function ruler({ steps, across }) {
  const every = across >= 24 ? 1 : 5;
  const cells = Array.from({ length: steps }, (_, t) => {
    const shown = t === 0 || (t + 1) % every === 0;
    return el("span", { style: `width:${across}px` }, shown ? t + 1 : "");
  });
  return { node: row("step", el("div", { class: "ttm-words ttm-small", "aria-hidden": "true" }, ...cells), 20) };
}

/** Words where there are some, and otherwise the numbers as colors. */
function content(name, words, values, size) {
  if (!words.length) return strip(name, values, size);
  const longest = Math.max(...words.map((word) => word.length));
  const upright = longest * 8 + 4 > size.across;
  const cells = words.map((word) => el("span", { style: `width:${size.across}px` }, word));
  const height = upright ? longest * 8 + 10 : 22;
  return { node: row(name, el("div", { class: `ttm-words ${upright ? "ttm-upright" : ""}`, style: `height:${height}px` }, ...cells), height) };
}

function strip(name, values, { across }) {
  const down = Math.max(1, Math.min(10, Math.floor(70 / values[0].length)));
  const flat = values.flat();
  const [low, high] = [Math.min(...flat, 0), Math.max(...flat, 1)];
  const canvas = heat(values.map((column) => column.map((x) => (x - low) / (high - low))), across, down);
  const range = el("span", { class: "ttm-number ttm-small" }, `${number(low)} to ${number(high)}`);
  return { node: row(name, canvas, down * values[0].length + 4, range) };
}

/** A number for each step as bars; its value at the step on show stands beside the name. */
function gate(name, values, color, { across, steps }) {
  const height = 18;
  const value = el("output", { class: "ttm-number" });
  const picture = shape("svg", { width: across * steps, height, "aria-hidden": "true" },
    shape("path", { d: `M0 ${height - 0.5}H${across * steps}`, class: "ttm-ground" }),
    shape("path", { d: bars(values, across, height), class: color }));
  return { node: row(name, picture, height + 4, value), draw: (step) => announce(value, number(values[step])) };
}

function usageMap(run, size) {
  const note = "Usage, as each step finds it before it writes: what one step writes counts from the next.";
  const { across, down } = size;
  const canvas = el("canvas", { "aria-hidden": "true" });
  let shown = -1;
  const draw = (_, usages) => {
    const end = usages || size.steps;
    if (shown === end) return;
    shown = end;
    heat(run.usage.slice(0, end), across, down, canvas);
  };
  return { node: map(note, "usage", canvas, size), draw };
}

function placeMap(run, size) {
  const { across, down, steps, slots, heads } = size;
  const note = "Where it wrote (blue squares) and where each head read (orange triangles): the area is the weight.";
  // Heads stand beside each other where there is room, and otherwise on top of each other.
  const parts = across / (heads + 1) >= 7 ? heads + 1 : 2;
  const head = (r) => marks(run.read_weights.map((all) => all[r]), triangle, size, [parts === 2 ? 1 : r + 1, parts]);
  const lines = Array.from({ length: slots + 1 }, (_, i) => `M0 ${i * down}H${across * steps}`).join("");
  const reads = run.read_weights[0].map((_, r) => shape("path", { d: head(r), class: "ttm-orange" }));
  const writes = shape("path", { d: marks(run.write_weights, square, size, [0, parts]), class: "ttm-blue" });
  const picture = shape("svg", { width: across * steps, height: down * slots, class: "ttm-places", "aria-hidden": "true" },
    shape("path", { d: down >= 10 ? lines : "", class: "ttm-ground" }), writes, ...reads);
  return { node: map(note, "written, read", picture, size) };
}

/** A map of slots and steps below its note, with the slots' numbers beside it. */
function map(note, name, picture, { slots, down }) {
  const every = Math.ceil(13 / down);
  const ticks = Array.from({ length: slots }, (_, i) => i).filter((i) => i % every === 0);
  const numbers = ticks.map((i) => el("span", { class: "ttm-tick-number", style: `top:${down * (i + 0.5)}px` }, i));
  const label = el("div", { class: "ttm-label" }, el("span", {}, name), el("span", { class: "ttm-ticks" }, ...numbers));
  return el("div", { class: "ttm-map" }, el("p", { class: "ttm-small ttm-note" }, note),
    el("div", { class: "ttm-row", style: `height:${down * slots}px` }, label, picture));
}

/** Colors for values [columns][rows] from 0 to 1; numbers in the cells where there is room. */
function heat(columns, across, down, canvas = el("canvas", { "aria-hidden": "true" }), numbers = columns) {
  const [width, height, ratio] = [across * columns.length, down * columns[0].length, globalThis.devicePixelRatio || 1];
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.font = "12px system-ui, sans-serif";
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  columns.forEach((column, x) =>
    column.forEach((share, y) => {
      const color = cividis(share);
      context.fillStyle = `rgb(${color})`;
      context.fillRect(across * x, down * y, across, down);
      if (across < 34 || down < 16) return;
      context.fillStyle = ink(color);
      context.fillText(number(numbers[x][y]), across * (x + 0.5), down * (y + 0.5) + 1);
    }),
  );
  return canvas;
}

/** A row of colors without numbers, a pixel each, which the page enlarges: fast for many slots. */
function dots(shares, across, canvas) {
  if (canvas.width !== shares.length || canvas.height !== 1) {
    Object.assign(canvas, { width: shares.length, height: 1 });
    Object.assign(canvas.style, { width: `${across * shares.length}px`, height: "18px" });
  }
  const image = new ImageData(shares.length, 1);
  shares.forEach((share, i) => image.data.set([...cividis(share), 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// ------------------------------------------------------------------------------ at one step

/** Every slot at the step on show: how free it is, what it got, who reads it, what it holds. */
function memoryTable(run, size) {
  const width = run.memory[0][0].length;
  const cell = width <= 8 && size.slots <= 16 ? 34 : Math.max(8, Math.min(22, Math.floor(300 / width)));
  const title = el("div", { class: "ttm-title" });
  const reads = Array.from({ length: size.heads }, (_, r) => `▲ ${named("head", r, size)}`);
  const names = ["slot", "usage", "free list", "allocation", "■ written", ...reads, "written at", "contents"];
  const rows = Array.from({ length: size.slots }, (_, slot) => memoryRow(run, size, slot, cell));
  const table = el("table", {},
    el("thead", {}, el("tr", {}, ...names.map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, ...rows.map((each) => each.node)));
  const scale = `In the contents, colors run from ${number(run.low)} (dark) to ${number(run.high)} (light). ` +
    "The free list counts from place 0, the freest slot.";
  const node = el("div", { class: "ttm-memory" }, title,
    el("div", { class: "ttm-scroll", role: "group", tabindex: 0, "aria-label": "The memory at this step" }, table),
    el("p", { class: "ttm-small" }, scale));

  function draw(step, covered, later, verdict) {
    announce(title, `The memory after step ${step + 1}`);
    const { places, allocation } = choice(run, step);
    const last = writers(run, step);
    rows.forEach((each, slot) => each.draw(step, { place: places[slot], share: allocation[slot], last: last[slot] }, covered, later, verdict));
  }
  return { node, draw };
}

function memoryRow(run, { heads }, slot, across) {
  const cell = (kind = "") => el("td", { class: `ttm-number ${kind}` });
  const [usage, place, share, written] = ["", "", "", "ttm-write"].map(cell);
  const reads = Array.from({ length: heads }, () => cell("ttm-read"));
  const [last, canvas] = [el("td", { class: "ttm-last" }), el("canvas", { role: "img" })];
  const node = el("tr", {}, el("th", { scope: "row" }, slot), usage, place, share, written, ...reads, last, el("td", {}, canvas));

  function draw(step, why, covered, later, verdict) {
    const values = run.memory[step][slot];
    const wrong = (part, ...place) =>
      !covered && verdict?.part === part && place.every((x, i) => verdict.wrong[i + 1] === x);
    const put = (cell, value, off = false, strong = false) => {
      announce(cell, `${off ? "≠ " : ""}${covered && (later || cell !== usage) ? "?" : value}`);
      cell.classList.toggle("ttm-wrong", off);
      cell.classList.toggle("ttm-strong", strong && !covered);
    };
    const [w, read] = [run.write_weights[step][slot], run.read_weights[step].map((head) => head[slot])];
    put(usage, number(run.usage[step][slot]), wrong("usage", slot));
    put(place, why.place, false, why.place === 0);
    put(share, number(why.share), false, why.share >= 0.1);
    put(written, number(w), wrong("write_weights", slot), w >= 0.1);
    reads.forEach((cell, r) => put(cell, number(read[r]), wrong("read_weights", r, slot), read[r] >= 0.1));
    const word = run.words.input[why.last];
    put(last, why.last < 0 ? "–" : `step ${why.last + 1}${word ? ` “${word}”` : ""}`, wrong("memory", slot));
    const shares = values.map((x) => [(x - run.low) / (run.high - run.low)]);
    canvas.classList.toggle("ttm-hidden", covered);
    canvas.setAttribute("aria-label", covered ? "covered" : values.map(number).join(", "));
    if (across < 34) dots(shares.flat(), across, canvas);
    else heat(shares, across, 18, canvas, values.map((x) => [x]));
  }
  return { node, draw };
}

export default { render };
