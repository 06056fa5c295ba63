// The arithmetic of the views by small cases that can be checked on paper.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as allocation from "../../lab/views/js/allocation_math.js";
import * as attention from "../../lab/views/js/attention_math.js";
import { questionFor } from "../../lab/views/js/attention_question.js";
import * as links from "../../lab/views/js/links_math.js";
import { dot, matmul, number, order, short, softmax } from "../../lab/views/js/math.js";
import * as memory from "../../lab/views/js/memory_math.js";
import { blend, explain, lookUp, narrate, queryText } from "../../lab/views/js/photo_search_math.js";

test("products", () => {
  assert.equal(dot([1, 2, 3], [4, 5, 6]), 32);
  assert.deepEqual(matmul([[1, 2]], [[3], [4]]), [[11]]);
});

test("softmax shares by powers of e, and does not overflow", () => {
  assert.deepEqual(softmax([0, 0]), [0.5, 0.5]);
  assert.deepEqual(softmax([1000, 1000]), [0.5, 0.5]);
  const [a, b] = softmax([Math.log(3), 0]);
  assert.ok(Math.abs(a - 0.75) < 1e-12 && Math.abs(b - 0.25) < 1e-12);
});

test("softmax gives nothing to what is not allowed", () => {
  assert.deepEqual(softmax([0, 0, 900], [true, true, false]), [0.5, 0.5, 0]);
});

test("equal scores keep their order", () => {
  assert.deepEqual(order([1, 3, 1, 3]), [1, 3, 0, 2]);
});

test("numbers", () => {
  assert.deepEqual([0.125, -0.001, 2].map(number), ["0.13", "0.00", "2.00"]);
  assert.deepEqual([1, 0.056, 4.5].map(short), ["1", "0.056", "4.5"]);
});

test("a look-up ranks, weighs and blends", () => {
  const result = lookUp([1, 0], [[0, 1], [Math.log(3), 0]], [[0], [4]], 1);
  assert.deepEqual(result.ranks, [2, 1]);
  assert.ok(Math.abs(result.blend[0] - 3) < 1e-12);
  assert.deepEqual(blend([0.5, 0.5], [[1, 0], [0, 1]]), [0.5, 0.5]);
});

test("a query is named by its tags", () => {
  assert.equal(queryText([1, 0.5, 0], ["dog", "beach", "snow"]), "dog + 0.50 beach");
  assert.equal(queryText([0, 0, 0], ["dog", "beach", "snow"]), "nothing");
});

test("a photo's weight is explained by its tags", () => {
  const [query, features] = [[1, 1], [[0.5, 0], [0, 0]]];
  const result = lookUp(query, features, [[0], [0]], 1);
  const say = (photo) => explain(result, photo, query, ["dog", "sea"], features, "Rex", 1);
  assert.match(say(0), /^Rex: score 0\.50 = 1\.00 × 0\.50 \(dog\); weight 0\.62/);
  assert.match(say(1), /^Rex: score 0\.00, for it shares no tag with the query;/);
});

test("a hard look-up says that one photo takes all, or that several share", () => {
  const say = (scores) => {
    const result = lookUp([1], scores.map((score) => [score]), scores.map(() => [0]), 0.05);
    return narrate(result, [1], ["dog"], ["Rex", "Bella", "Max"], 0.05);
  };
  assert.match(say([0.9, 0, 0]), /one photo takes all: Rex\.$/);
  assert.match(say([0.9, 0.75, 0]), /one photo takes nearly all: Rex, 0\.95\.$/);
  assert.match(say([0.9, 0.9, 0]), /2 photos tie for the best score and share the answer, 0\.50 each/);
  assert.match(say([0.9, 0.9, 0.9]), /every photo has the same score, so each weighs 0\.33/);
});

test("heads split the dimensions and join them again", () => {
  const x = [[1, 2, 3, 4], [5, 6, 7, 8]];
  assert.deepEqual(attention.splitHeads(x, 2), [[[1, 2], [5, 6]], [[3, 4], [7, 8]]]);
  assert.deepEqual(attention.joinHeads(attention.splitHeads(x, 2)), x);
  assert.deepEqual(attention.headChoices(6), [1, 2, 3, 6]);
  assert.deepEqual(attention.headChoices(64), [1, 2, 4]);
});

test("under the causal mask the first word hears itself alone", () => {
  const settings = { temperature: 1, scaled: false, causal: true, heads: 1 };
  const { weights, output } = attention.attend([[1, 0], [0, 1]], settings);
  assert.deepEqual(weights[0][0], [1, 0]);
  assert.deepEqual(output[0], [1, 0]);
});

test("words that stand twice get their position", () => {
  assert.deepEqual(attention.labels(["a", "b", "a"]), ["a #1", "b", "a #3"]);
});

test("what a word borrows is where the other has more than itself", () => {
  const result = { weights: [[[0.75, 0.25], [0, 1]]], values: [[1, 0], [1, 0.5]] };
  assert.deepEqual(attention.borrowed(result, result.values, 0, 1, 0), { dimension: 1, amount: 0.125 });
  assert.deepEqual(attention.sources(result, 0)[0], { source: 0, amount: 0.75 });
});

const ask = (row, rows = ["c ?"], columns = ["a 1", "b 2", "c 3", "d 4"]) =>
  questionFor({ computed: false, given: [[row]], start: 0, head: 0, rows, columns, square: false });

test("a question about given weights offers the best, the second and the one of its name", () => {
  const { options, answer } = ask([0.6, 0.2, 0.1, 0.1]);
  assert.deepEqual(options.map(([, text]) => text), ["a 1", "b 2", "c 3", "about the same everywhere"]);
  assert.equal(answer, "0");
  assert.deepEqual(ask([0.1, 0.1, 0.6, 0.2]).options.map(([value]) => value), ["2", "3", "even"]);
  assert.deepEqual(ask([0.6, 0.2, 0.1, 0.1], ["x"]).options.map(([value]) => value), ["0", "1", "even"]);
});

test("weights are even below one and a half equal shares, and twice the smallest", () => {
  assert.equal(ask([0.37, 0.21, 0.21, 0.21]).answer, "even");
  assert.equal(ask([0.38, 0.22, 0.2, 0.2]).answer, "0");
  assert.equal(ask([0.36, 0.36, 0.14, 0.14]).answer, "0");
  assert.equal(attention.isEven([1]), false);
});

const close = (a, b) => a.flat().forEach((x, i) => assert.ok(Math.abs(x - b.flat()[i]) < 1e-12, `${a} is not ${b}`));

test("the freest slot gets what is free of it, the next one the rest's share", () => {
  const { order, places, taken, shares, allocation: weights } = memory.allocate([0.7, 0.2, 0.5]);
  assert.deepEqual([order, places], [[1, 2, 0], [2, 0, 1]]);
  close(taken, [1, 0.2, 0.1]);
  close(shares, [0.8, 0.1, 0.03]);
  close(weights, [0.03, 0.8, 0.1]);
});

test("of equal usages the lower slot comes first, and full slots get nothing", () => {
  assert.deepEqual(memory.freeList([0.5, 0, 0.5, 0]), [1, 3, 0, 2]);
  assert.deepEqual(memory.allocate([1, 1, 1]).allocation, [0, 0, 0]);
  assert.deepEqual(memory.allocate([0, 0]).allocation, [1, 0]);
});

test("the question on allocation offers four thoughts, and fewer where they agree", () => {
  const { options, answer } = allocation.questionFor([0.7, 0.2, 0.5]);
  assert.deepEqual(options.map(([value]) => value), ["fullest", "inclusive", "product", "free"]);
  assert.equal(options.find(([value]) => value === answer)[1], "slot 1 most; slot 2 gets 0.10");
  assert.equal(allocation.questionFor([1, 1, 1]).why.slice(0, 15), "Nothing is free");
  assert.deepEqual(allocation.questionFor([0, 0]).options.map(([value]) => value), ["product", "free", "fullest"]);
});

test("writing a slot again wears its old link out", () => {
  const writes = [0, 1, 2, 0].map((slot) => links.oneHot(slot, 3));
  const { link, precedence } = links.replay(writes, 3).at(-1);
  assert.deepEqual(link, [[0, 0, 1], [0, 0, 0], [0, 1, 0]]);
  assert.deepEqual(precedence, [1, 0, 0]);
  assert.deepEqual(links.walk(link, [0, 0, 1]), { forward: [1, 0, 0], backward: [0, 1, 0] });
});

test("a write may be soft, and the last slot goes on to the first", () => {
  assert.deepEqual(links.weightsOf(2, 3, "soft"), [0.4, 0, 0.6]);
  assert.deepEqual(links.weightsOf(0, 3, "half"), [0.5, 0, 0]);
  const { link, precedence } = links.replay([[0.6, 0.4, 0], [0, 0.6, 0.4]], 3).at(-1);
  close(link, [[0, 0, 0], [0.36, 0, 0], [0.24, 0.16, 0]]);
  close(precedence, [0, 0.6, 0.4]);
});

test("a step of the head is told with its weight, or that it leads nowhere", () => {
  assert.equal(links.narrateStep("forward", [0, 0, 1], [1, 0, 0]), "After slot 2 came slot 0 (weight 1.00).");
  assert.equal(links.narrateStep("backward", [0, 0, 1], [0.36, 0.24, 0]), "Before slot 2 came slot 0 (weight 0.36) and slot 1 (weight 0.24).");
  assert.match(links.narrateStep("forward", [1, 0, 0], [0, 0, 0]), /^Forward from slot 0, all weights are 0\.00: no link says/);
});

const askLinks = (order, slots = 4) => links.questionFor(order.map((slot) => links.oneHot(slot, slots)), slots);

test("the question on links knows nowhere", () => {
  const { options, answer, why } = askLinks([0, 1, 2, 0]);
  assert.deepEqual(options.map(([, text]) => text), ["to slot 1", "to slot 2", "nowhere"]);
  assert.equal(answer, "nowhere");
  assert.match(why, /The write to slot 0 wore out link\[1, 0\] \(slot 1 right after slot 0\), which was 1\.00 before\.$/);
  assert.equal(askLinks([2, 0, 3]).answer, "0");
  assert.equal(askLinks([2, 0, 3]).why, "Right after slot 2 came slot 0 (weight 1.00).");
  assert.equal(askLinks([]).answer, "nowhere");
});

test("a link is explained by the numbers of the last write", () => {
  const writes = [0, 1, 2, 0].map((slot) => links.oneHot(slot, 3));
  const states = links.replay(writes, 3);
  assert.match(links.explain(writes, states, 1, 0), /^link\[1, 0\] is 0\.00, .* = \(1 − 0\.00 − 1\.00\) × 1\.00 \+ 0\.00 × 0\.00\.$/);
  assert.match(links.explain(writes, states, 2, 2), /no slot follows itself/);
});
