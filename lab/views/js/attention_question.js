import { attend, isEven } from "./attention_math.js";
import { number, order } from "./math.js";

/** What the question is about, and what "Start again" goes back to. */
export const START = { temperature: 1, scaled: false, causal: false, heads: 1, head: 0 };

/** The question that a view opens with: its text, the choices, the answer and why. */
export const questionFor = (state) =>
  state.computed && state.rows.length > 2 ? computedQuestion(state) : givenQuestion(state);

function computedQuestion(state) {
  const { start, rows, vectors } = state;
  const result = attend(vectors, { ...state, ...START });
  const [scores, weights] = [result.scores[0][start], result.weights[0][start]];
  const other = order(scores).find((i) => i !== start);
  const best = weights[start] > weights[other] + 1e-9 ? "self" : "other";
  const alike = Math.max(...weights) - Math.min(...weights) < 1e-9;
  const word = rows[start];
  const own = `The score of ${word} with itself is ${number(scores[start])}`;
  const square = state.projections ? "" : ", the square of its length";
  return {
    text:
      `The word “${word}” asks every word, itself too (plain dot products, temperature 1). ` +
      "Which word will get the largest weight?",
    options: [["other", rows[other]], ["self", `${word} itself`], ["alike", "all words alike"]],
    answer: alike ? "alike" : best,
    why: `${own}${square}; with ${rows[other]}${shared(state, start, other)} it is ${number(scores[other])}. ` +
      `So the weights are ${number(weights[start])} and ${number(weights[other])}.`,
  };
}

function shared({ projections, vectors, dimensions }, a, b) {
  const names = dimensions.filter((_, i) => vectors[a][i] * vectors[b][i] > 0);
  return projections || !names.length ? "" : `, by way of ${names.join(" and ")},`;
}

function givenQuestion(state) {
  const { start, rows, columns, head, computed, given } = state;
  const weights = computed ? attend(state.vectors, { ...state, ...START }).weights : given;
  const row = (weights[head] ?? weights[0])[start];
  const [best, second = best] = order(row);
  const even = isEven(row);
  const offered = [...new Set([best, second, partner(state)])].filter((i) => i >= 0).sort((i, j) => i - j);
  const numbers = `${number(row[best])}; an equal share would be ${number(1 / row.length)}`;
  return {
    text:
      `${weights.length > 1 ? `In head ${head + 1}, “` : "“"}${rows[start]}” looks at the others. ` +
      "Which one will get the largest weight, or will all get about the same?",
    options: [...offered.map((i) => [String(i), columns[i]]), ["even", "about the same everywhere"]],
    answer: even ? "even" : String(best),
    why: even
      ? `All get about the same: the largest weight, for ${columns[best]}, is ${numbers}.`
      : `The largest weight goes to ${columns[best]}: ${numbers}.`,
  };
}

/** The column that begins with the same word as the row that asks, or -1. */
function partner({ start, rows, columns, square }) {
  const first = (name) => name.split(" ")[0];
  return square ? start : columns.findIndex((name) => first(name) === first(rows[start]));
}
