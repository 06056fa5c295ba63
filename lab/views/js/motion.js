// Motion: a body on its path with two arrows, velocity and acceleration, and their curves over time.
import "./motion.css";
import { announce, ask, connect, drawVerdicts, el, isCurrent, keepKeys, pick, shape, tick, unique } from "./kit.js";
import { number } from "./math.js";
import {
  arrowScale, cross, fitStroke, FRAME, inside, isStroke, isZero, motion, narrate, pathOf, ticks, TIMES, times, vector,
} from "./motion_math.js";

const NAMES = ["path", "points", "start", "time", "paths", "question", "prediction", "verdicts"];
const PATHS = [
  ["ball", "ball, straight up"], ["throw", "ball, thrown far"], ["cruise", "cruise"], ["brake", "brake"],
  ["swing", "swing"], ["circle", "circle"], ["drawn", "draw your own"],
];
const QUANTITIES = [["Position", "m"], ["Velocity", "m/s"], ["Acceleration", "m/s²"]];
const KINDS = ["ttm-position", "ttm-velocity", "ttm-acceleration"];
const [METER, LEFT, TOP] = [40, 26, 8]; // pixels a meter, and where the plane begins
const PLANE = [LEFT + METER * FRAME[0] + 10, TOP + METER * FRAME[1] + 24];
const STEPS = 10; // Next goes a tenth of the whole time
const SLOW = 4;

function render({ model, el: host }) {
  const local = { peeked: false, frame: 0, slow: false };
  const view = connect(model, NAMES, () => draw());
  const state = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
  const duration = () => pathOf(state()).duration;
  const now = () => Math.min(model.get("time"), duration());

  const stop = () => (cancelAnimationFrame(local.frame), (local.frame = 0));
  const go = (time) => view.change({ time: Math.max(0, Math.min(duration(), time)) });
  function step(direction) {
    const size = duration() / STEPS;
    const place = now() / size;
    const next = direction > 0 ? Math.floor(place + 1e-6) + 1 : Math.ceil(place - 1e-6) - 1;
    go(next > STEPS ? 0 : next * size);
  }
  function play() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return step(1);
    if (now() >= duration()) go(0);
    let last = performance.now();
    const move = (instant) => {
      const time = now() + Math.max(0, instant - last) / 1000 / (local.slow ? SLOW : 1);
      last = instant;
      local.frame = time < duration() ? requestAnimationFrame(move) : 0;
      go(time);
    };
    local.frame = requestAnimationFrame(move);
    draw();
  }
  /** Another motion than the question's: the covers come off. */
  const change = (values) => ((local.peeked = true), view.change(values));
  const hand = {
    /** The reply is about the motion at the start, at the moment that was asked about. */
    answer(prediction) {
      stop();
      const moment = prediction === "skipped" ? {} : { ...model.get("start"), time: model.get("question").moment };
      view.change({ prediction, ...moment });
    },
    path: (path) => (stop(), change({ path, time: 0 })),
    time: (time) => (stop(), go(time)),
    step: (direction) => (stop(), step(direction)),
    play: () => (local.frame ? (stop(), draw()) : play()),
    slow: (slow) => ((local.slow = slow), draw()),
    point: (which, place) =>
      change({ points: model.get("points").map((point, i) => (i === which ? inside(place) : point)) }),
    stroke: (stroke) => isStroke(stroke) && (stop(), change({ points: fitStroke(stroke, model.get("points").length), time: 0 })),
    restart: () => (stop(), view.change({ ...model.get("start"), time: 0 })),
  };
  const parts = {
    question: ask(model.get("question"), hand.answer, model.get("prediction") === "skipped"),
    path: pick("Path", PATHS, hand.path),
    plane: plane(model.get("points").length, hand),
    clock: clock(hand),
    table: numbers(),
    charts: QUANTITIES.map((_, which) => chart(which, hand.time)),
    step: el("p", { class: "ttm-step" }),
    verdicts: el("div", { class: "ttm-verdicts", "aria-live": "polite" }),
  };
  const root = assemble(parts, hand.restart);
  keepKeys(root);
  host.append(root);

  function draw() {
    const all = state();
    const path = pathOf(all);
    const time = Math.min(all.time, path.duration);
    const covered = all.prediction === "" && !local.peeked;
    const settings = [all.path, ...(all.path === "drawn" ? all.points.flat() : [])];
    const verdict = all.verdicts.find((each) => !covered && each.values && isCurrent(each, settings));
    const here = motion(path, time);
    root.classList.toggle("ttm-covered", covered);
    parts.question.draw(all.prediction, local.peeked, `${settings}` !== `${settingsAtStart(all)}`);
    parts.path.draw(all.path);
    parts.plane.draw(all, path, here, covered);
    parts.clock.draw(time, path.duration, local);
    parts.table.draw(time, here, covered);
    for (const each of parts.charts) each.draw(path, time, here, verdict, covered);
    // While it plays, a sentence for each half second; a reader of the screen hears the last.
    parts.step.setAttribute("aria-live", local.frame ? "off" : "polite");
    announce(parts.step, sentence(path, local.frame ? Math.floor(2 * time) / 2 : time, covered));
    drawVerdicts(parts.verdicts, all.verdicts, settings, model.get("offline"), covered);
  }
  draw();
  return () => (stop(), view.close());
}

const settingsAtStart = ({ start }) => [start.path, ...(start.path === "drawn" ? start.points.flat() : [])];

function sentence(path, time, covered) {
  if (!covered) return narrate(path, time);
  const place = vector(motion(path, time)[0]);
  return `At ${number(time)} s the body is at ${place} m. Its velocity and its acceleration are covered until you have answered.`;
}

function assemble({ question, path, plane, clock, table, charts, step, verdicts }, restart) {
  const again = el("button", { type: "button", class: "ttm-plain", onclick: restart }, "Start again");
  return el(
    "div",
    { class: "ttm-view ttm-motion", role: "group", "aria-label": "Motion" },
    question.node,
    el("div", { class: "ttm-controls" }, path.node, again, question.opener),
    step,
    verdicts,
    el(
      "div", { class: "ttm-panels" },
      el("div", {}, plane.node, clock.node),
      el("div", {}, table.node, ...charts.map((each) => each.node)),
    ),
  );
}

// ---------------------------------------------------------------------------------- the time

function clock(hand) {
  const id = unique("time");
  const button = (text, onclick) => el("button", { type: "button", onclick }, text);
  const play = button("Play", hand.play);
  const slow = tick("Slow motion", hand.slow);
  const value = el("output", { for: id });
  let total = 1;
  const range = el("input", {
    id, type: "range", min: 0, max: TIMES, step: "any",
    oninput: () => hand.time((total * Math.round(range.valueAsNumber)) / TIMES),
    onkeydown: (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -TIMES, End: TIMES };
      if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      hand.time((total * Math.max(0, Math.min(TIMES, Math.round(range.valueAsNumber) + steps[event.key]))) / TIMES);
    },
  });
  const label = el("div", {}, el("label", { for: id }, "Time "), value);
  const buttons = el("div", { class: "ttm-row" }, button("Back", () => hand.step(-1)), button("Next", () => hand.step(1)), play, slow.node);
  const node = el("div", { class: "ttm-clock" }, buttons, el("div", { class: "ttm-slider" }, label, range));
  function draw(time, duration, { frame, slow: isSlow }) {
    total = duration;
    const place = (TIMES * time) / duration;
    if (Math.round(range.valueAsNumber) !== place) range.valueAsNumber = place;
    const said = `${number(time)} s of ${number(duration)} s`;
    value.textContent = said;
    range.setAttribute("aria-valuetext", said);
    play.textContent = frame ? "Pause" : "Play";
    slow.draw(isSlow);
  }
  return { node, draw };
}

// --------------------------------------------------------------------------------- the plane

const pixel = ([x, y]) => [LEFT + METER * x, TOP + METER * (FRAME[1] - y)];
const lineThrough = (places) => `M${places.map((place) => place.map((x) => x.toFixed(1))).join("L")}`;

/** The path with a dot for each tenth of the time, the body, its arrows, and the points to move. */
function plane(count, hand) {
  const [line, dots, trace] = ["ttm-path", "ttm-dots", "ttm-trace"].map((name) => shape("path", { class: name }));
  const arrows = [arrow(1), arrow(2)];
  const body = shape("circle", { r: 7, class: "ttm-body" });
  const sheetOf = (name, ...shapes) =>
    shape("svg", { class: name, viewBox: `0 0 ${PLANE.join(" ")}`, "aria-hidden": "true" }, ...shapes);
  const picture = sheetOf("ttm-below", ...ground(), line, dots, trace);
  const above = sheetOf("ttm-above", ...arrows.map((each) => each.node), body);
  const points = Array.from({ length: count }, (_, i) => handle(i, hand.point, () => picture));
  const scale = el("p", { class: "ttm-small" });
  const how = el("p", { class: "ttm-small" }, "Draw on the plane: the body repeats the pace of your hand, stretched to 5 s. Or move the numbered points, the places at 0 to 5 s, by hand or with the arrow keys.");
  const sheet = el("div", { class: "ttm-sheet" }, picture, ...points.map((each) => each.node), above);
  followStroke(sheet, picture, trace, hand.stroke);
  const node = el("div", { class: "ttm-plane" }, el("div", { class: "ttm-title" }, "The plane, in meters"), sheet, scale, how);
  let shown, meters;

  function drawPath(path, drawing) {
    meters = [1, 2].map((which) => arrowScale(path, which));
    const even = (steps) => Array.from({ length: steps + 1 }, (_, i) => pixel(motion(path, (path.duration * i) / steps)[0]));
    line.setAttribute("d", lineThrough(even(2 * TIMES)));
    dots.setAttribute("d", even(STEPS).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join(""));
    sheet.classList.toggle("ttm-drawing", drawing);
    how.hidden = !drawing;
    for (const each of points) each.node.hidden = !drawing;
  }
  function draw({ path: name, points: places }, path, [position, ...vectors], covered) {
    const key = JSON.stringify(path);
    if (shown !== key) drawPath(path, name === "drawn");
    shown = key;
    points.forEach((each, i) => each.draw(places[i]));
    const said = `A dot every ${number(path.duration / STEPS)} s.`;
    announce(scale, covered ? said : `${said} Arrows: 1 m/s is ${meters[0]} m long, 1 m/s² is ${meters[1]} m.`);
    const turn = cross(...vectors) > 0 ? 1 : -1;
    arrows.forEach((each, i) => each.draw(position, vectors[i], { meters: meters[i], turn, covered }));
    const [x, y] = pixel(position);
    body.setAttribute("cx", x);
    body.setAttribute("cy", y);
  }
  return { node, draw };
}

function ground() {
  const [width, height] = FRAME;
  const even = (length) => Array.from({ length: length / 2 + 1 }, (_, i) => 2 * i);
  const [[left, bottom], [right, top]] = [pixel([0, 0]), pixel(FRAME)];
  const lines = [
    ...even(width).map((x) => `M${pixel([x, 0])[0]} ${top}V${bottom}`),
    ...even(height).map((y) => `M${left} ${pixel([0, y])[1]}H${right}`),
  ];
  const words = (x, y, anchor, text) => shape("text", { x, y, "text-anchor": anchor }, text);
  return [
    shape("path", { class: "ttm-ground", d: lines.join("") }),
    ...even(width).map((x) => words(pixel([x, 0])[0], bottom + 17, "middle", x)),
    ...even(height).map((y) => words(left - 7, pixel([0, y])[1] + 4, "end", y)),
  ];
}

/**
 * Velocity: broad with a full head. Acceleration: thin with an open one. Their names stand on the
 * outer sides of the two; `turn` is 1 where the body turns left.
 */
function arrow(which) {
  const path = (part) => shape("path", { class: part });
  const [shaft, head] = [path("ttm-shaft"), path("ttm-head")];
  const name = shape("text", { class: "ttm-name" });
  const node = shape("g", { class: `ttm-arrow ${KINDS[which]}` }, shaft, head, name);
  const letter = "-va"[which];
  function draw(position, vector, { meters, turn, covered }) {
    node.style.display = covered ? "none" : "";
    const none = isZero(vector);
    const [x, y] = pixel(position);
    const [dx, dy] = [METER * meters * vector[0], -METER * meters * vector[1]];
    const length = Math.hypot(dx, dy);
    const [ax, ay] = [dx / length, dy / length]; // ahead; [ay, -ax] is to the left
    const [tx, ty] = [x + dx, y + dy];
    const back = which === 1 ? 10 : 0;
    const barb = (side) => `${tx - 12 * ax + side * 7 * ay} ${ty - 12 * ay - side * 7 * ax}`;
    shaft.setAttribute("d", none ? "" : `M${x} ${y}L${tx - back * ax} ${ty - back * ay}`);
    head.setAttribute("d", none ? "" : `M${barb(1)}L${tx} ${ty}L${barb(-1)}${which === 1 ? "Z" : ""}`);
    const side = which === 1 ? -10 * turn : 10 * turn;
    const [nx, ny] = none ? [x + 14, y + 28 * which - 36] : [tx + 14 * ax + side * ay, ty + 14 * ay - side * ax + 5];
    name.setAttribute("x", nx);
    name.setAttribute("y", ny);
    name.setAttribute("text-anchor", none ? "start" : "middle");
    announce(name, none ? `${letter} = 0` : letter);
  }
  return { node, draw };
}

/** Where a pointer stands in the plane, in meters. */
function placeOf(event, picture) {
  const { left, top, width } = picture.getBoundingClientRect();
  const size = PLANE[0] / width;
  return [((event.clientX - left) * size - LEFT) / METER, FRAME[1] - ((event.clientY - top) * size - TOP) / METER];
}

/** One point of a drawn path: by hand, or with the arrow keys, a quarter of a meter at a time. */
function handle(second, onmove, picture) {
  let place = [0, 0];
  const node = el("div", {
    class: "ttm-point", role: "slider", tabindex: 0, "aria-label": `Place at ${second} s`,
    "aria-valuemin": 0, "aria-valuemax": FRAME[0],
    onpointerdown: (event) => {
      event.preventDefault();
      event.stopPropagation(); // no stroke begins here
      node.setPointerCapture(event.pointerId);
      node.focus({ focusVisible: false });
    },
    onpointermove: (event) => node.hasPointerCapture(event.pointerId) && onmove(second, placeOf(event, picture())),
    onkeydown: (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      onmove(second, place.map((x, axis) => x + 0.25 * step[axis]));
    },
  }, second);
  function draw(at) {
    place = at;
    const [x, y] = pixel(at);
    node.style.left = `${(100 * x) / PLANE[0]}%`;
    node.style.top = `${(100 * y) / PLANE[1]}%`;
    node.setAttribute("aria-valuenow", at[0]);
    node.setAttribute("aria-valuetext", `x ${number(at[0])} m, y ${number(at[1])} m`);
  }
  return { node, draw };
}

/** Follows a stroke over the plane, where drawing is on, and tells of it when it ends. */
function followStroke(sheet, picture, trace, ondone) {
  let stroke = null;
  const add = (event) => {
    stroke.push([...placeOf(event, picture), event.timeStamp]);
    trace.setAttribute("d", lineThrough(stroke.map(pixel)));
  };
  const end = (event) => {
    if (!stroke) return;
    const done = stroke;
    stroke = null;
    trace.setAttribute("d", "");
    if (event.type === "pointerup") ondone(done);
  };
  sheet.addEventListener("pointerdown", (event) => {
    if (!sheet.classList.contains("ttm-drawing") || event.button > 0) return;
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    stroke = [];
    add(event);
  });
  sheet.addEventListener("pointermove", (event) => stroke && add(event));
  sheet.addEventListener("pointerup", end);
  sheet.addEventListener("pointercancel", end);
}

// -------------------------------------------------------------------- the numbers and the curves

/** A sign for each quantity, as it is drawn in the plane. */
function sign(which) {
  const marks = [
    [shape("circle", { r: 6, cx: 14, cy: 9, class: "ttm-body" })],
    [shape("path", { class: "ttm-shaft", d: "M1 9h16" }), shape("path", { class: "ttm-head", d: "M15 2L27 9L15 16Z" })],
    [shape("path", { class: "ttm-shaft", d: "M1 9h26" }), shape("path", { class: "ttm-head", d: "M15 2L27 9L15 16" })],
  ];
  return shape("svg", { class: `ttm-sign ${which ? "ttm-arrow" : ""} ${KINDS[which]}`, width: 28, height: 18, "aria-hidden": "true" }, ...marks[which]);
}

function numbers() {
  const caption = el("caption");
  const rows = QUANTITIES.map(([name, unit], which) => {
    const cells = Array.from({ length: 3 }, () => el("td", { class: "ttm-number" }));
    const letter = which ? ` ${"-va"[which]}` : "";
    const head = el("th", { scope: "row" }, sign(which), ` ${name}${letter}, ${unit}`);
    return { cells, node: el("tr", {}, head, ...cells) };
  });
  const heading = ["x", "y", "length"].map((text) => el("th", { scope: "col" }, text));
  const table = el("table", {}, caption, el("thead", {}, el("tr", {}, el("td"), ...heading)), el("tbody", {}, ...rows.map((row) => row.node)));
  function draw(time, here, covered) {
    caption.textContent = `At ${number(time)} s`;
    rows.forEach(({ cells }, which) =>
      [...here[which], which ? Math.hypot(...here[which]) : null].forEach((value, i) =>
        announce(cells[i], value === null ? "–" : covered && which ? "?" : number(value)),
      ),
    );
  }
  return { node: el("div", { class: "ttm-scroll" }, table), draw };
}

const CHART = { left: 44, top: 8, width: 380, height: 84, right: 26, bottom: 22 };

/** One quantity along x, solid, and along y, broken, over time; the learner's as dots over it. */
function chart(which, ontime) {
  const [name, unit] = QUANTITIES[which];
  const { left, top, width, height, right, bottom } = CHART;
  const [drawing, cursor] = [shape("g"), shape("path", { class: "ttm-now" })];
  const marks = [0, 1].map(() => shape("circle", { r: 4, class: "ttm-mark-now" }));
  let duration = 1;
  const choose = (event) => {
    const box = picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) * (left + width + right)) / box.width;
    ontime((duration * Math.max(0, Math.min(TIMES, Math.round((TIMES * (x - left)) / width)))) / TIMES);
  };
  const picture = shape(
    "svg",
    { viewBox: `0 0 ${left + width + right} ${top + height + bottom}`, "aria-hidden": "true", class: KINDS[which],
      onpointerdown: choose, onpointermove: (event) => event.buttons === 1 && choose(event) },
    drawing, cursor, ...marks,
  );
  const yours = el("span", { class: "ttm-small", hidden: true }, " · · · yours");
  const title = el("div", { class: "ttm-title" }, sign(which), ` ${name} over time, ${unit}`, yours);
  let shown, up;

  function drawCurves(path, verdict, covered) {
    const instants = times(path);
    const across = (t) => left + (width * t) / path.duration;
    const found = !covered && which && verdict?.values[which - 1];
    const wrong = verdict?.wrong[0] === which && verdict.wrong;
    const lines = [0, 1].map((axis) => instants.map((t) => motion(path, t)[which][axis]));
    const levels = ticks(...range(lines.flat(), found ? found.flat() : []));
    up = scale(levels);
    const words = (x, y, anchor, text) => shape("text", { x, y, "text-anchor": anchor }, text);
    const seconds = [[0, "start"], [path.duration / 2, "middle"], [path.duration, "end"]];
    const axes = [
      shape("path", { class: "ttm-ground", d: levels.map((level) => `M${left} ${up(level)}h${width}`).join("") }),
      shape("path", { class: "ttm-zero", d: `M${left} ${up(0)}h${width}` }),
      ...[...new Set([levels[0], 0, levels.at(-1)])].map((level) => words(left - 7, up(level) + 4, "end", Number(level.toPrecision(6)))),
      ...seconds.map(([t, anchor]) => words(across(t), top + height + 17, anchor, `${t} s`)),
    ];
    if (covered) return drawing.replaceChildren(...axes.slice(-3), words(left + width / 2, top + height / 2, "middle", "covered until you have answered"));
    const ends = spread(lines.map((line) => up(line.at(-1))));
    drawing.replaceChildren(
      ...axes,
      ...lines.map((line, axis) => shape("path", { class: "ttm-curve", "data-axis": "xy"[axis], d: lineThrough(line.map((v, i) => [across(instants[i]), up(v)])) })),
      ...ends.map((y, axis) => words(left + width + 9, y + 4, "start", "xy"[axis])),
      ...(found || []).map((line) => shape("path", { class: "ttm-dots", d: line.map((v, i) => (isBetween(levels, v) ? `M${across(instants[i])} ${up(v)}h0` : "")).join("") })),
      ...(wrong ? [mark(across(instants[wrong[2]]), up(found[wrong[1]][wrong[2]] ?? lines[wrong[1]][wrong[2]]))] : []),
    );
    yours.hidden = !found;
  }
  function draw(path, time, here, verdict, covered) {
    const key = JSON.stringify([path, verdict?.values, covered]);
    if (shown !== key) drawCurves(path, verdict, covered);
    shown = key;
    duration = path.duration;
    const x = left + (width * time) / duration;
    cursor.setAttribute("d", `M${x} ${top}v${height}`);
    marks.forEach((node, axis) => {
      node.style.display = covered && which ? "none" : "";
      node.setAttribute("cx", x);
      node.setAttribute("cy", up?.(here[which][axis]) ?? 0);
    });
  }
  const hide = which > 0;
  return {
    node: el("div", { class: "ttm-chart" }, title, picture),
    draw: (path, time, here, verdict, covered) => draw(path, time, here, verdict, covered && hide),
  };
}

/** What a chart has to hold: zero, the curves, and the learner's where they are not far beyond. */
function range(values, found) {
  const far = 20 * Math.max(1, ...values.map(Math.abs));
  const all = [0, ...values, ...found.filter((v) => v !== null && Math.abs(v) <= far)];
  return [Math.min(...all), Math.max(...all)];
}

const isBetween = (levels, value) => value !== null && value >= levels[0] && value <= levels.at(-1);

/** From a value to its place in a chart; what is beyond stands at the edge. */
function scale(levels) {
  const [low, high] = [levels[0], levels.at(-1)];
  return (value) => CHART.top + CHART.height * (1 - Math.max(0, Math.min(1, (value - low) / (high - low))));
}

/** Two places for words, at least a line apart. */
function spread([a, b]) {
  const shift = Math.max(0, 13 - Math.abs(a - b)) / 2;
  return a > b ? [a + shift, b - shift] : [a - shift, b + shift];
}

/** A ring and a sign where the learner's curve first leaves the reference. */
const mark = (x, y) =>
  shape("g", { class: "ttm-first" }, shape("circle", { cx: x, cy: y, r: 8 }),
    shape("text", { x: x > 400 ? x - 22 : x + 12, y: y + 5 }, "≠"));

export default { render };
