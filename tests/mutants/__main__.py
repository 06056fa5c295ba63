"""``python -m tests.mutants [EXERCISE …]``: which mutants do the probes let pass?"""

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tqdm import tqdm

from tests.mutants import Mutant, gets_by, is_explained, mutants, outdated
from tests.test_catalogue import EXERCISES

SEEDS = (11, 12, 13)


def main() -> bool:
    """Try all mutants of the named exercises or modules, or of all; say whether none gets by."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("exercise", nargs="*", help="such as tensors or tensors.relu_loop")
    parser.add_argument("--jobs", type=int, default=1, help="processes that run side by side")
    options = parser.parse_args()
    names = [name for name in EXERCISES if is_chosen(name, options.exercise)]
    if not names:
        parser.error(f"there is no exercise {' or '.join(options.exercise)}")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, spawn) as pool:
        made = list(tqdm(pool.map(mutants, names), "exercises", len(names)))
        flat = [mutant for some in made for mutant in some]
        tried = pool.map(partial(gets_by, seeds=SEEDS), flat, chunksize=8)
        tried = list(tqdm(tried, "mutants", len(flat)))
    survivors = [mutant for mutant, got_by in zip(flat, tried, strict=True) if got_by]
    print(f"{len(flat)} mutants, {len(flat) - len(survivors)} of them killed")
    return all([report(name, flat, survivors) for name in names])


def is_chosen(name: str, wanted: list[str]) -> bool:
    return not wanted or name in wanted or name.partition(".")[0] in wanted


def report(exercise: str, made: list[Mutant], survivors: list[Mutant]) -> bool:
    """Print what became of the mutants of ``exercise``; say whether none of them is news."""
    count = sum(mutant.exercise == exercise for mutant in made)
    alive = [mutant for mutant in survivors if mutant.exercise == exercise]
    news = [mutant for mutant in alive if not is_explained(mutant)]
    killed, explained = count - len(alive), len(alive) - len(news)
    print(f"{exercise:32} {killed:4} killed {explained:4} explained {len(news):4} survived")
    for mutant in news:
        before, after = mutant.change
        print(f"  {mutant.operator}\n    - {before}\n    + {after}")
    dated = outdated(exercise, alive)
    for before, after in dated:
        print(f"  explained, and no survivor\n    - {before}\n    + {after}")
    return not news and not dated


if __name__ == "__main__":
    sys.exit(not main())
