"""Stories with one supporting fact: people go from place to place; a question asks where one is.

They are made in the manner of the first task of Weston et al. 2015, "Towards AI-Complete Question
Answering" (arXiv 1502.05698), with names of our own. A story is a list of pairs (sentence, answer);
the answer of a statement is None.
"""

import zlib

import numpy as np

PEOPLE = ("Ada", "Alan", "Emmy", "Carl", "Grace", "Kurt", "Sofia", "Pierre", "Hedy", "Blaise")
PLACES = (
    "kitchen",
    "garden",
    "library",
    "attic",
    "cellar",
    "office",
    "workshop",
    "bathroom",
    "hallway",
    "garage",
)
VERBS = ("went", "walked", "ran", "moved")
QUESTION = ("where", "is")


def vocabulary(people=4, places=4):
    """List all words of the stories with the first ``people`` names and ``places`` places."""
    return [*PEOPLE[:people], *PLACES[:places], *VERBS, "to", "the", *QUESTION]


def draw_story(rng, people=4, places=4, statements=6, ask_every=2, unseen=False):
    """Draw a story of ``statements`` moves, with a question after every ``ask_every`` of them.

    A move goes to another place than where the person is, so that only the last move of a person
    answers a question. A question asks for someone who has moved. The stories with
    ``unseen=True``, a quarter of all, never come without it, however few stories there are.

    >>> draw_story(np.random.default_rng(1), statements=2)
    """
    if not (1 <= people <= len(PEOPLE) and 2 <= places <= len(PLACES)):
        raise ValueError(f"there are names for {len(PEOPLE)} people and 2 to {len(PLACES)} places")
    for _ in range(1000):
        story, facts = _draw(rng, PEOPLE[:people], PLACES[:places], statements, ask_every)
        if _is_unseen(facts) == unseen:
            return story
    raise ValueError("there are too few stories of this size to keep some of them unseen")


def by_words(story):
    """Cut a story into words, each a sentence of its own; a question is answered at its last word.

    >>> by_words([("where is Ada", "attic")])
    [('where', None), ('is', None), ('Ada', 'attic')]
    """
    return [
        (word, answer if place == len(words) else None)
        for sentence, answer in story
        for words in [sentence.split()]
        for place, word in enumerate(words, start=1)
    ]


def story_batch(stories, encode, people=4, places=4):
    """Make a batch of stories: (inputs, targets, mask), float32, a sentence a step.

    ``encode(sentences, vocabulary)`` returns the inputs of one story, [sentences, features]. The
    targets [batch, steps, places] have a 1 at the place that answers a question, and the mask
    [batch, steps] is 1 where there is a question. A story that is shorter than the longest ends
    in steps of zeros.
    """
    words, steps = vocabulary(people, places), max(map(len, stories))
    encoded = [encode([sentence for sentence, _ in story], words) for story in stories]
    inputs = np.zeros([len(stories), steps, encoded[0].shape[-1]], np.float32)
    targets = np.zeros([len(stories), steps, places], np.float32)
    mask = np.zeros([len(stories), steps], np.float32)
    for row, story in enumerate(stories):
        inputs[row, : len(story)] = encoded[row]
        for step, (_, answer) in enumerate(story):
            if answer is not None:
                targets[row, step, PLACES.index(answer)] = mask[row, step] = 1
    return inputs, targets, mask


def _draw(rng, people, places, statements, ask_every):
    """A story, and what matters in it: who went where, and who was asked for."""
    story, facts, where = [], [], {}
    for statement in range(1, statements + 1):
        person = people[rng.integers(len(people))]
        elsewhere = [place for place in places if place != where.get(person)]
        where[person] = elsewhere[rng.integers(len(elsewhere))]
        verb = VERBS[rng.integers(len(VERBS))]
        story.append((f"{person} {verb} to the {where[person]}", None))
        facts += [person, where[person]]
        if statement % ask_every == 0:
            person = list(where)[rng.integers(len(where))]
            story.append((" ".join([*QUESTION, person]), where[person]))
            facts += QUESTION, person
    return story, facts


def _is_unseen(facts):
    # A checksum parts the stories without a list of them. The verb does not count: two stories that
    # differ only in it are the same to whoever answers.
    return zlib.crc32(repr(facts).encode()) % 4 == 0
