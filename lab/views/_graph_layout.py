"""Places a computation from left to right, so that few lines cross and none runs through a box."""

from itertools import accumulate, combinations, pairwise

ROW, MARGIN, SPREAD, LINE = 30, 14, 18, 16


def lay_out(sizes, edges, labels):
    """Where the boxes of the nodes stand, and how the edges run.

    `sizes` are pairs (width, height); `edges` pairs (parent, child) of their indices, each parent
    before its children; `labels` the widths of what is written on the edges. Returns the size of
    the picture, the boxes (x, y, width, height), one width to a layer, and for each edge its path
    and the middle of its label.
    """
    layers = _layers(len(sizes), edges)
    # A line across several layers gets a place of its own in each that it passes.
    heights = [height for _, height in sizes]
    chains = []
    for parent, child in edges:
        passed = range(layers[parent] + 1, layers[child])
        stops = [len(heights) + k for k in range(len(passed))]
        heights += [LINE] * len(passed)
        layers += passed
        chains.append([parent, *stops, child])
    columns = _columns(layers, [link for chain in chains for link in pairwise(chain)])
    leaves = set(range(len(sizes))) - {child for _, child in edges}
    middles = _middles(columns, heights, chains, leaves)
    lefts, rights = _across(columns, sizes, layers, chains, labels)
    boxes = [
        (lefts[at], middles[i] - heights[i] / 2, rights[at] - lefts[at], heights[i])
        for i, at in enumerate(layers[: len(sizes)])
    ]
    stops = [
        _stops(chain, port, layers, lefts, rights, middles)
        for chain, port in zip(chains, _ports(chains, middles, heights), strict=True)
    ]
    spots = _spots(stops, [layers[parent] for parent, _ in edges])
    bottom = max(middle + height / 2 for middle, height in zip(middles, heights, strict=True))
    size = rights[-1] + MARGIN, bottom + MARGIN + LINE
    return size, boxes, [_path(each) for each in stops], spots


def _layers(count, edges):
    """Each node right of its parents; a leaf right before the first that uses it."""
    layers = [0] * count
    for parent, child in sorted(edges, key=lambda edge: edge[1]):
        layers[child] = max(layers[child], layers[parent] + 1)
    for leaf in set(range(count)) - {child for _, child in edges}:
        layers[leaf] = min([layers[c] - 1 for p, c in edges if p == leaf], default=0)
    return layers


def _columns(layers, links):
    """The items of each layer from top to bottom, sorted by where their neighbors stand."""
    columns = [[i for i, at in enumerate(layers) if at == k] for k in range(max(layers) + 1)]
    best, fewest = columns, _crossings(columns, links)
    for sweep in range(8):
        place = _places(columns)
        near = [[] for _ in layers]
        for left, right in links:
            here, there = (right, left) if sweep % 2 == 0 else (left, right)
            near[here].append(place[there])

        def mean(i, near=near, place=place):
            return sum(near[i]) / len(near[i]) if near[i] else place[i]

        columns = [sorted(column, key=mean) for column in columns]
        if (found := _crossings(columns, links)) < fewest:
            best, fewest = columns, found
    return best


def _places(columns):
    """Where an item stands in its layer, as a share, since layers have unequal lengths."""
    return {i: (k + 0.5) / len(column) for column in columns for k, i in enumerate(column)}


def _crossings(columns, links):
    """How many pairs of lines cross between two layers."""
    place = {i: k for column in columns for k, i in enumerate(column)}
    starts = {i: x for x, column in enumerate(columns) for i in column}
    gaps = [[] for _ in columns]
    for left, right in links:
        gaps[starts[left]].append((place[left], place[right]))
    return sum((y - v) * (z - w) < 0 for gap in gaps for (y, z), (v, w) in combinations(gap, 2))


def _middles(columns, heights, chains, leaves):
    """Heights at which the items stand level with their neighbors, as far as there is room.

    A leaf has little weight: it steps aside, so that what is computed runs straight on.
    """
    weights = [0.05 if i in leaves else 1 for i in range(len(heights))]
    near = [[] for _ in heights]
    for chain in chains:
        for left, right in pairwise(chain):
            near[left].append(right)
            near[right].append(left)
    middles = [0.0] * len(heights)

    def wanted(i):
        total = sum(weights[j] for j in near[i])
        return sum(weights[j] * middles[j] for j in near[i]) / total if near[i] else 0

    for sweep in range(12):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            room = [heights[i] + ROW for i in column]
            places = _apart([wanted(i) for i in column], room, [weights[i] for i in column])
            for i, y in zip(column, places, strict=True):
                middles[i] = y
    top = min(y - h / 2 for y, h in zip(middles, heights, strict=True))
    return [y - top + MARGIN for y in middles]


def _apart(wanted, room, weights=None):
    """The places nearest to the wanted ones that keep their order and leave room for each.

    Least squares: neighbors that would be too close move as one block, to their mean.
    """
    weights = weights or [1] * len(wanted)
    steps = [0, *((a + b) / 2 for a, b in pairwise(room))]
    offsets = list(accumulate(steps))
    blocks = []  # mean, weight, length
    for y, offset, weight in zip(wanted, offsets, weights, strict=True):
        mean, length = y - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, heavy, count = blocks.pop()
            mean = (mean * weight + other * heavy) / (weight + heavy)
            weight, length = weight + heavy, length + count
        blocks.append((mean, weight, length))
    means = [mean for mean, _, length in blocks for _ in range(length)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _across(columns, sizes, layers, chains, labels):
    """The left and right sides of the layers; labels stand in the gaps."""
    lefts, rights, x = [], [], MARGIN
    for k, column in enumerate(columns):
        width = max([sizes[i][0] for i in column if i < len(sizes)], default=0)
        said = [w for chain, w in zip(chains, labels, strict=True) if layers[chain[0]] == k]
        lefts.append(float(x))
        rights.append(x + width)
        x += width + max(44, 1.2 * max(said, default=0) + 12)
    return lefts, rights


def _ports(chains, middles, heights):
    """At which height an edge leaves its parent and reaches its child: side by side."""
    ports = [[0, 0] for _ in chains]
    for end, inner in ((0, 1), (-1, -2)):
        for node in {chain[end] for chain in chains}:
            mine = [k for k, chain in enumerate(chains) if chain[end] == node]
            mine.sort(key=lambda k: middles[chains[k][inner]])
            gap = min(SPREAD, (heights[node] - 12) / len(mine))
            for n, k in enumerate(mine):
                ports[k][end] = middles[node] + (n - (len(mine) - 1) / 2) * gap
    return ports


def _stops(chain, port, layers, lefts, rights, middles):
    """The points that an edge runs through: level within a layer, in slopes between them."""
    parent, *between, child = chain
    points = [(rights[layers[parent]], port[0])]
    for stop in between:
        points += [(lefts[layers[stop]], middles[stop]), (rights[layers[stop]], middles[stop])]
    return [*points, (lefts[layers[child]], port[1])]


def _path(points):
    """A smooth line that is level at each point."""
    (x, y), *rest = points
    path = f"M{x:.1f} {y:.1f}"
    for u, v in rest:
        middle = (x + u) / 2
        path += f"C{middle:.1f} {y:.1f} {middle:.1f} {v:.1f} {u:.1f} {v:.1f}"
        x, y = u, v
    return path


def _spots(stops, layers):
    """The middles of the labels: rather near the parent, where crossing lines are apart."""
    spots = []
    for (x, y), (u, v), *_ in stops:
        spots.append([x + 0.42 * (u - x), y + 0.38 * (v - y)])
    for layer in set(layers):
        mine = sorted((k for k, at in enumerate(layers) if at == layer), key=lambda k: spots[k][1])
        for k, y in zip(mine, _apart([spots[k][1] for k in mine], [LINE] * len(mine)), strict=True):
            spots[k][1] = y
    return spots
