// Runs the views' arithmetic on cases from standard input; the answers go to standard output.
import { readFileSync } from "node:fs";
import * as attention from "../../lab/views/js/attention_math.js";
import * as growth from "../../lab/views/js/graph_growth_math.js";
import { cividis, ink } from "../../lab/views/js/kit.js";
import { number, order, short, softmax } from "../../lab/views/js/math.js";
import * as memory from "../../lab/views/js/memory_math.js";
import * as timeline from "../../lab/views/js/memory_timeline_math.js";
import * as photos from "../../lab/views/js/photo_search_math.js";

const run = {
  softmax: ({ scores, allowed }) => softmax(scores, allowed),
  order: ({ values }) => order(values),
  text: ({ values }) => values.map((x) => [number(x), short(x)]),
  lookUp: ({ query, features, pictures, temperature }) =>
    photos.lookUp(query, features, pictures, temperature),
  attend: ({ vectors, options }) => attention.attend(vectors, options),
  allocate: ({ usage }) => memory.allocate(usage),
  replay: ({ state, asked }) => asked.map((each) => (state = memory.memoryStep(state, each))),
  colours: ({ shares }) => shares.map((share) => [`rgb(${cividis(share)})`, ink(cividis(share))]),
  growth: ({ sizes, values, ticks }) => ({
    places: values.map(growth.scale(sizes, 0, 60)),
    decades: growth.decades(values),
    counts: values.map((value) => growth.count(value)),
    ticks: ticks.map(([quantity, power]) => growth.tick(quantity, power)),
  }),
  timeline: ({ data, arrays }) => {
    const run = timeline.unpack(data, arrays);
    const steps = run.usage.map((_, step) => step);
    const [choices, writers] = ["choice", "writers"].map((name) => steps.map((step) => timeline[name](run, step)));
    return { run, choices, writers };
  },
};

const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map((one) => run[one.run](one))));
