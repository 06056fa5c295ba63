import { dot, number, order, short, softmax } from "./math.js";

/**
 * Soft look-up in a catalogue.
 * @param {number[]} query [d]
 * @param {number[][]} features one key a photo, [n, d]
 * @param {number[][]} pictures one value a photo, [n, v]
 */
export function lookUp(query, features, pictures, temperature) {
  const scores = features.map((key) => dot(query, key));
  const weights = softmax(scores.map((score) => score / temperature));
  const places = order(scores);
  const ranks = scores.map((_, photo) => places.indexOf(photo) + 1);
  return { scores, weights, places, ranks, blend: blend(weights, pictures) };
}

/** The weighted sum of the pictures. */
export const blend = (weights, pictures) =>
  pictures[0].map((_, i) => weights.reduce((sum, weight, p) => sum + weight * pictures[p][i], 0));

/** "dog + 0.50 beach": the tags of a query, each with its weight unless that is 1. */
export function queryText(query, tags) {
  const parts = tags
    .map((tag, i) => (query[i] === 1 ? tag : `${number(query[i])} ${tag}`))
    .filter((_, i) => query[i] > 0);
  return parts.length ? parts.join(" + ") : "nothing";
}

/** What the view shows now, in one sentence. */
export function narrate({ scores, weights, places }, query, tags, titles, temperature) {
  const asked = `You ask for ${queryText(query, tags)} at temperature ${short(temperature)}: `;
  const best = places[0];
  const ties = scores.filter((score) => score === scores[best]).length;
  const weight = number(weights[best]);
  if (ties === scores.length)
    return `${asked}every photo has the same score, so each weighs ${weight}.`;
  if (weights[best] * ties > 0.9) return asked + narrateHard(titles[best], weight, ties);
  if (weights[best] < 1.5 / weights.length)
    return `${asked}so soft that ${titles[best]}, the best match, weighs only ${weight}.`;
  return `${asked}${titles[best]} has the largest weight, ${weight}; every photo gives a part.`;
}

function narrateHard(title, weight, ties) {
  if (ties > 1) return `${ties} photos tie for the best score and share the answer, ${weight} each.`;
  return weight === "1.00"
    ? `so hard that one photo takes all: ${title}.`
    : `so hard that one photo takes nearly all: ${title}, ${weight}.`;
}

/** How one photo came by its weight, in one sentence. */
export function explain({ scores, weights }, photo, query, tags, features, title, temperature) {
  const key = features[photo];
  const terms = tags
    .map((tag, i) => `${number(query[i])} × ${number(key[i])} (${tag})`)
    .filter((_, i) => query[i] > 0 && key[i] > 0);
  const sum = terms.length ? ` = ${terms.join(" + ")}` : ", for it shares no tag with the query";
  const weight = `softmax of ${number(scores[photo])} ÷ ${short(temperature)}`;
  return (
    `${title}: score ${number(scores[photo])}${sum}; ` +
    `weight ${number(weights[photo])}, the ${weight} among all photos.`
  );
}
