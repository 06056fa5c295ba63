"""Stories: what they tell is what their questions ask for, and the unseen ones stay unseen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.data.stories import PEOPLE, PLACES, by_words, draw_story, story_batch, vocabulary

SIZES = {
    "people": st.integers(2, len(PEOPLE)),
    "places": st.integers(2, len(PLACES)),
    "statements": st.integers(2, 9),
    "ask_every": st.integers(1, 4),
}
SEEDS = st.integers(0, 10**6)


def bag_of_words(sentences, words):
    return np.array([[word in sentence.split() for word in words] for sentence in sentences])


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(SIZES), SEEDS, st.booleans())
def test_the_last_move_of_a_person_answers(sizes, seed, unseen):
    story = draw_story(np.random.default_rng(seed), unseen=unseen, **sizes)
    words, where = vocabulary(sizes["people"], sizes["places"]), {}
    for sentence, answer in story:
        assert set(sentence.split()) <= set(words)
        if answer is None:
            person, *_, place = sentence.split()
            assert where.get(person) != place, "a move goes elsewhere"
            where[person] = place
        else:
            assert where[sentence.split()[-1]] == answer
    statements = sizes["statements"]
    questions = [step for step, (_, answer) in enumerate(story) if answer]
    every = sizes["ask_every"]
    assert questions == [(every + 1) * n + every for n in range(statements // every)]
    assert len(story) == statements + len(questions)


def test_the_same_seed_tells_the_same_story():
    first, again = (draw_story(np.random.default_rng(7)) for _ in range(2))
    assert first == again


def test_the_names_are_enough_and_different():
    words = vocabulary(len(PEOPLE), len(PLACES))
    assert min(len(PEOPLE), len(PLACES)) >= 8
    assert len(set(words)) == len(words)


def test_unseen_stories_never_come_up_in_training():
    """All stories of two people, two places and two statements: 20 of them, verbs aside."""

    def facts(story):
        return tuple((*sentence.split()[:: len(sentence.split()) - 1],) for sentence, _ in story)

    def all_drawn(unseen):
        rng, size = np.random.default_rng(0), {"people": 2, "places": 2, "statements": 2}
        return {facts(draw_story(rng, unseen=unseen, **size)) for _ in range(600)}

    seen, unseen = all_drawn(False), all_drawn(True)
    assert not seen & unseen
    assert len(seen | unseen) == 20
    assert len(unseen) >= 2


def test_sizes_that_cannot_be():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="names for"):
        draw_story(rng, people=len(PEOPLE) + 1)
    with pytest.raises(ValueError, match="names for"):
        draw_story(rng, places=1)
    with pytest.raises(ValueError, match="too few"):
        for unseen in (False, True):  # two stories at most, and they may be of one kind
            draw_story(rng, people=1, places=2, statements=1, ask_every=1, unseen=unseen)


def test_by_words_keeps_all_words_and_answers_at_the_last():
    story = draw_story(np.random.default_rng(3))
    words = by_words(story)
    assert " ".join(word for word, _ in words) == " ".join(sentence for sentence, _ in story)
    asked = [(sentence.split()[-1], answer) for sentence, answer in story if answer]
    assert [(word, answer) for word, answer in words if answer] == asked


def test_a_batch_of_stories_of_unequal_length():
    short = [("Ada went to the attic", None), ("where is Ada", "attic")]
    long = [("Alan ran to the garden", None), *short]
    inputs, targets, mask = story_batch([short, long], bag_of_words)
    assert inputs.dtype == targets.dtype == mask.dtype == np.float32
    assert inputs.shape == (2, 3, len(vocabulary()))
    assert mask.tolist() == [[0, 1, 0], [0, 0, 1]]
    assert targets[0, 1].argmax() == targets[1, 2].argmax() == PLACES.index("attic")
    assert targets.sum() == 2
    assert not inputs[0, 2].any()
    assert inputs[0, 0].sum() == 5


def test_encode_gets_the_vocabulary_of_the_size():
    asked = []

    def encode(sentences, words):
        asked.append(words)
        return bag_of_words(sentences, words)

    stories = [draw_story(np.random.default_rng(0), people=6, places=7)]
    _, targets, _ = story_batch(stories, encode, people=6, places=7)
    assert asked == [vocabulary(6, 7)]
    assert targets.shape[-1] == 7
