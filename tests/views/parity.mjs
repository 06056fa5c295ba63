// Runs the views' arithmetic on cases from standard input; the answers go to standard output.
import { readFileSync } from "node:fs";
import * as attention from "../../lab/views/js/attention_math.js";
import { cividis, ink } from "../../lab/views/js/kit.js";
import { number, order, short, softmax } from "../../lab/views/js/math.js";
import * as memory from "../../lab/views/js/memory_math.js";
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
};

const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map((one) => run[one.run](one))));
