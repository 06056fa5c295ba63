// What of a computation is to be seen at a step, and where the arrows lead. No page here.

export const COVERED = "The gradients are covered until you have answered.";

/** The gradient of a node as far as it has come; undefined before. */
export const stageAt = (node, step) => node.stages.findLast(({ at }) => at <= step);

/** Whether an edge has handed its gradient on. */
export const isLit = (edge, step) => edge.at !== null && edge.at <= step;

/** The last step that may be seen: while the question is open, none of the way back. */
export const lastStep = ({ steps, forward }, covered) => (covered ? forward : steps.length - 1);

/** The sentence about a chosen node. */
export function explain(node, step, covered) {
  const stage = stageAt(node, step);
  if (node.at > step) return `${node.name} is not computed yet.`;
  if (covered) return `${node.about} ${COVERED}`;
  if (!stage) return `${node.about} Its gradient has not come.`;
  if (stage.last === false || !node.origin) return `${node.about} Its gradient, ${stage.lines[0]}, is not complete.`;
  return `${node.about} ${node.origin}`;
}

/** The node that an arrow key leads to: the nearest one on that side. */
export function neighbour(nodes, from, key) {
  if (key === "Home") return 0;
  if (key === "End") return nodes.length - 1;
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!way) return -1;
  const [x, y] = middle(nodes[from]);
  let [best, least] = [from, Infinity];
  nodes.forEach((node, i) => {
    const [dx, dy] = [middle(node)[0] - x, middle(node)[1] - y];
    const [ahead, aside] = way[0] ? [dx * way[0], Math.abs(dy)] : [dy * way[1], Math.abs(dx)];
    // Up and down stay within a layer; to the left and right, layers count before heights.
    const far = way[0] ? ahead + aside / 1000 : aside < 1 ? ahead : Infinity;
    if (ahead > 0.5 && far < least) [best, least] = [i, far];
  });
  return best;
}

const middle = ({ box: [x, y, width, height] }) => [x + width / 2, y + height / 2];
