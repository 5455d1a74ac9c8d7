"""Every split of every answer in every coding, then splits, cuts and flipped bytes at random, up to a number."""

import random
from dataclasses import dataclass, field

from wire_mutations import ANSWERS, bodies, flipped, random_places, splits, truncated

# Answers of megabytes are parted at random only: at every byte they would take days and show the same.
EVERY_SPLIT_BYTES = 4096
MUTATIONS_PER_ROUND = 20


@dataclass
class Result:
    """How often each was tried; ``faults`` say what broke the rules."""

    answers: int = 0
    bodies: int = 0
    splits: int = 0
    cuts: int = 0
    flips: int = 0
    faults: list[str] = field(default_factory=list)


def run_splits(wanted: int, number: int, is_every: bool = True) -> Result:
    """Try at least ``wanted`` splits; the same ones for the same ``number``."""
    chance = random.Random(number)
    result = Result(answers=len(ANSWERS))
    packed = [(case, encoding, data) for case in ANSWERS for encoding, data in bodies(case)]
    openly = [data for case in ANSWERS for _, data in bodies(case, is_open=True)]
    hidden = {(case.name, data): other for (case, _, data), other in zip(packed, openly, strict=True)}
    small = [(case, encoding, data) for case, encoding, data in packed if 1 < len(data) <= EVERY_SPLIT_BYTES]
    result.bodies = len(packed)
    for case, encoding, data in small if is_every else []:
        attempt(result, "splits", splits, case, encoding, data, [[place] for place in range(1, len(data))])
    while result.splits < wanted:
        for case, encoding, data in packed if result.splits == 0 or chance.random() < 0.02 else small:
            attempt(result, "splits", splits, case, encoding, data, random_places(data, chance, MUTATIONS_PER_ROUND))
            if len(data) <= EVERY_SPLIT_BYTES:
                for _ in range(MUTATIONS_PER_ROUND // 4):
                    end = chance.randrange(len(data) + 1)
                    attempt(result, "cuts", truncated, case, encoding, data, end, chance)
                for _ in range(MUTATIONS_PER_ROUND // 4 if data else 0):
                    attempt(result, "flips", flipped, case, encoding, hidden[case.name, data], chance)
            if result.splits >= wanted and is_every:
                break
    return result


def attempt(result: Result, what: str, check, case, encoding: str, data: bytes, *more) -> None:
    """Run one check; whatever it raises is a fault to report, not the end of the campaign."""
    try:
        done = check(case, encoding, data, *more)
    except Exception as error:
        result.faults.append(f"{what}: {case.name}, {encoding}: {type(error).__name__}: {str(error)[:1000]}")
        done = None
    setattr(result, what, getattr(result, what) + (done or 1))
