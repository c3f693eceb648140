"""One checker for each pattern of sentence: what is false of it, computed anew; else nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from statistics import fmean, pstdev
from typing import cast

from tests.sentences import exact
from tests.sentences.seen import Seen, close
from zgtui.config.settings import RUNS, RunName

N = r"[-+]?(?:\d+\.?\d*(?:e[-+]\d+)?|inf|nan)"
"""A number."""
Match = re.Match[str]
Checker = Callable[[Match, Seen], str]
CHECKERS: list[tuple[re.Pattern[str], Checker]] = []


def checks(pattern: str) -> Callable[[Checker], Checker]:
    """Register the checker of the sentences that are wholly of this ``pattern``."""

    def register(checker: Checker) -> Checker:
        CHECKERS.append((re.compile(pattern), checker))
        return checker

    return register


def fault(sentence: str, seen: Seen) -> str:
    """What is false of ``sentence``; that nobody checks it, where it is of no known pattern."""
    found = [
        checker(match, seen)
        for pattern, checker in CHECKERS
        if (match := pattern.fullmatch(sentence))
    ]
    return next(filter(None, found), "") if found else "has no checker"


def other(run: str) -> RunName:
    return "B" if run == "A" else "A"


def named(match: Match, group: str = "run") -> RunName:
    return cast("RunName", match[group])


def all_of(problems: Iterable[str]) -> str:
    return "; ".join(filter(None, problems))


def expect(*, holds: bool, what: str) -> str:
    return "" if holds else what


# What a run does


def newest_mean(seen: Seen, run: RunName, count: int | None = None) -> float:
    losses = seen.losses(run)
    count = count or min(20, len(losses), max(3, len(losses) // 4))
    return fmean(losses[-count:])


def rests(seen: Seen, run: RunName, since: int) -> str:
    losses = seen.losses(run)
    band = 1e-6 * next((abs(loss) for loss in losses if loss), 0.0)
    stretch = losses[since - 1 :]
    return all_of(
        [
            expect(holds=len(stretch) >= 10, what="rests for less than 10 steps"),
            expect(holds=max(stretch) - min(stretch) <= band, what="still moves"),
        ]
    )


def converged(seen: Seen, run: RunName) -> str:
    """Whether it came down, and to where its optimizer leads it."""
    losses = seen.losses(run)
    level = losses[-1]
    problems = [
        expect(holds=max(losses) - level >= 0.1 * abs(losses[0]), what="did not come down"),
        rests(seen, run, len(losses) - 9),
    ]
    found = seen.quadratic(run)
    if found is not None and not seen.settings.weight_decay:
        above = (level - found.min_loss) / (losses[0] - found.min_loss)
        problems.append(expect(holds=above < 1e-3, what=f"{above:.1g} of the way is left"))
    if seen.settings.weight_decay and seen.linear_theory and not seen.changes(run):
        assert found is not None
        late = exact.simulate(seen.update(run), seen.base_lr(run), found, 20_000)[-1]
        problems.append(
            expect(holds=abs(level - late) < 1e-4 * losses[0], what=f"goes on to {late}")
        )
    return all_of(problems)


def power_at(losses: list[float], period: float, unit: float) -> float:
    """The strength of the oscillation of this period, as a share of the strongest there is.

    ``period`` is rounded to whole ``unit``.
    """
    window = losses[-512:]
    level = fmean(window)
    count = len(window)

    def strength(frequency: float) -> float:
        parts = [
            (loss - level) * math.cos(math.tau * frequency * at) for at, loss in enumerate(window)
        ]
        crossed = [
            (loss - level) * math.sin(math.tau * frequency * at) for at, loss in enumerate(window)
        ]
        return sum(parts) ** 2 + sum(crossed) ** 2

    strongest = max(strength(at / (2 * count)) for at in range(1, count + 1))
    first, last = 1 / (period + unit / 2), 1 / (period - unit / 2)
    ends = (first - 0.75 / count, last + 0.75 / count)
    steps = max(7, round(8 * count * (ends[1] - ends[0])))
    near = max(strength(ends[0] + at / (steps - 1) * (ends[1] - ends[0])) for at in range(steps))
    return near / strongest if strongest else 0.0


def oscillates(seen: Seen, run: RunName, period: float | None = None, unit: float = 0.01) -> str:
    since = max([change.step for change in seen.changes(run)], default=0)
    losses = seen.losses(run)[since:]
    half = len(losses[-128:]) // 2
    before, after = pstdev(losses[-2 * half : -half]), pstdev(losses[-half:])
    kept = min(before, after) >= 0.5 * max(before, after)
    problems = [expect(holds=kept, what=f"its strength goes from {before:.3g} to {after:.3g}")]
    if period is not None:
        share = power_at(losses, period, unit)
        problems.append(
            expect(holds=share >= 0.5, what=f"another period is {1 / share:.2g}x as strong")
        )
    return all_of(problems)


def grows(seen: Seen, run: RunName, factor: float) -> str:
    losses = seen.losses(run)
    window = losses[-min(len(losses), 256) :]
    best = math.inf
    for count in (8, 16, 32, 64, 128, 256):
        part = window[-count:]
        size = max(1, len(part) // 4)
        early, late = max(part[size : 2 * size] or part[:1]), max(part[-size:])
        if early > 0 and late > 0:
            best = min(best, abs(math.log(late / early) / (2 * size) - math.log(factor)))
    if seen.linear_theory and not seen.changes(run):
        best = min(best, abs(math.log(seen.fate(run).growth) - math.log(factor)))
    close_enough = best <= 0.02 + 0.35 * math.log(factor)
    high = max(losses[-16:]) >= 1.8 * abs(losses[0])
    return all_of(
        [expect(holds=close_enough, what="another factor"), expect(holds=high, what="is low")]
    )


def diverged_at(seen: Seen, run: RunName, step: int) -> str:
    losses = seen.losses(run)
    beyond = all(not math.isfinite(loss) for loss in losses[step - 1 :])
    return expect(holds=beyond and (step == 1 or math.isfinite(losses[step - 2])), what="not there")


def number_is(text: str, value: float, what: str, digits: int = 3) -> str:
    return expect(holds=close(text, value, digits), what=f"{what} is {value:.6g}")


DEED = (
    rf"(?:diverged at step (?P<diverged>[\d,]+)|'s loss grows ×(?P<growth>{N}) per step"
    rf"|'s loss is far above its first \(up to (?P<high>{N}) lately\)"
    rf"|converged \(loss (?P<rest>{N})\)"
    rf"|is stuck \(loss (?P<still>{N})\)"
    rf"|oscillates \(loss (?P<low>{N}) to (?P<top>{N})\)|'s loss is (?P<last>{N})"
    rf"|'s loss averages (?P<mean>{N}) over the newest (?P<count>\d+) steps)"
)


def deed(text: str, seen: Seen) -> str:  # noqa: PLR0911 - one answer for each phrase
    """The phrase ``A converged (loss 0)`` and its like."""
    match = re.fullmatch(rf"(?P<run>[AB]) ?{DEED}", text)
    if match is None:
        return f"has no checker: {text}"
    run, losses = named(match), seen.losses(named(match))
    if match["diverged"]:
        return diverged_at(seen, run, int(match["diverged"].replace(",", "")))
    if match["growth"]:
        return grows(seen, run, float(match["growth"]))
    if match["high"]:
        top = max(losses[-16:])
        far = expect(holds=top >= 1.99 * abs(losses[0]), what="is not")
        return all_of([number_is(match["high"], top, "it"), far])
    if match["rest"]:
        return all_of([number_is(match["rest"], losses[-1], "loss"), converged(seen, run)])
    if match["still"]:
        return all_of(
            [number_is(match["still"], losses[-1], "loss"), rests(seen, run, len(losses) - 9)]
        )
    if match["low"]:
        low, top = min(losses[-64:]), max(losses[-64:])
        return all_of(
            [
                number_is(match["low"], low, "low"),
                number_is(match["top"], top, "top"),
                oscillates(seen, run),
            ]
        )
    if match["last"]:
        return number_is(match["last"], losses[-1], "the last")
    return number_is(match["mean"], fmean(losses[-int(match["count"]) :]), "mean")


# The verdict

CLEARS = r"(?:never clears its gradients|clears only every \d+ steps)"
BECAUSE = rf"(?P<because>: it {CLEARS})?"
ALTHOUGH = rf"(?P<although>, although (?:it|[AB]) {CLEARS})?"


def clears(text: str | None, run: RunName, seen: Seen, *, blamed: bool = False) -> str:
    """The clause that a run never clears, or only every N steps; blamed if all else is alike."""
    if not text:
        return ""
    period = re.search(r"every (\d+)", text)
    problems = [
        expect(
            holds=seen.period(run) == (int(period[1]) if period else 0), what="clears otherwise"
        ),
        expect(holds=seen.base_lr("A") == seen.base_lr("B"), what="the rates differ too"),
        expect(holds=not seen.changes("A") and not seen.changes("B"), what="was changed"),
    ]
    if blamed:
        problems.append(expect(holds=seen.period(other(run)) == 1, what="so does the other"))
    return all_of(problems)


@checks(rf"Loss 1 is the same in both runs \((?P<loss>{N})\): no update was made before it\.")
def _loss_one(match: Match, seen: Seen) -> str:
    same = seen.step == 1 and seen.losses("A") == seen.losses("B")
    return all_of(
        [expect(holds=same, what="no"), number_is(match["loss"], seen.losses("A")[0], "it")]
    )


@checks(r"Losses 1 and 2 are the same in both runs: the first update uses no stale gradient\.")
def _losses_one_and_two(_match: Match, seen: Seen) -> str:
    fresh = all(seen.runs[run].carried[0] == 0 for run in ("A", "B"))
    same = seen.step == 2 and seen.losses("A") == seen.losses("B")
    return expect(holds=same and fresh, what="no")


@checks(rf"A and B are (?P<alike>set alike, and are equal|equal so far) \(loss (?P<loss>{N})\)\.")
def _equal(match: Match, seen: Seen) -> str:
    a, b = ([repr(loss) for loss in seen.losses(run)] for run in ("A", "B"))
    problems = [
        expect(holds=a == b, what="they differ"),
        number_is(match["loss"], seen.losses("A")[-1], "it"),
    ]
    if match["alike"].startswith("set"):
        alike = seen.period("A") == seen.period("B") and seen.base_lr("A") == seen.base_lr("B")
        problems.append(expect(holds=alike, what="set otherwise"))
    return all_of(problems)


@checks(rf"A's loss is (?P<a>{N}), B's (?P<b>{N})\.")
def _two_losses(match: Match, seen: Seen) -> str:
    return all_of(number_is(match[run.lower()], seen.losses(run)[-1], run) for run in RUNS)


ANY_DEED = "[AB] ?" + re.sub(r"\(\?P<\w+>", "(?:", DEED)
CLAUSE = rf"(?:: it {CLEARS}|, although (?:it|[AB]) {CLEARS})?"


@checks(rf"(?P<first>{ANY_DEED})(?P<one>{CLAUSE})\. (?P<second>{ANY_DEED})(?P<two>{CLAUSE})\.")
def _two_deeds(match: Match, seen: Seen) -> str:
    problems = []
    for text, clause in ((match["first"], match["one"]), (match["second"], match["two"])):
        run = cast("RunName", text[0])
        problems += [deed(text, seen), clears(clause, run, seen, blamed=clause.startswith(":"))]
    return all_of(problems)


@checks(rf"Both runs fail: (?P<a>{ANY_DEED}), and (?P<b>{ANY_DEED})\.")
def _both_fail(match: Match, seen: Seen) -> str:
    bad = all(re.search("diverged|grows|far above", match[run]) for run in "ab")
    return all_of([deed(match["a"], seen), deed(match["b"], seen), expect(holds=bad, what="no")])


@checks(rf"A and B converged to the same loss \((?P<loss>{N})\)\.")
def _both_converged(match: Match, seen: Seen) -> str:
    a, b = seen.losses("A"), seen.losses("B")
    alike = abs(a[-1] - b[-1]) <= 0.011 * max(abs(a[-1]), abs(b[-1]), 1e-6 * a[0])
    return all_of(
        [
            converged(seen, "A"),
            converged(seen, "B"),
            expect(holds=alike, what=f"{a[-1]} and {b[-1]}"),
        ]
    )


MEANS = rf"loss (?P<low>{N}) against (?P<high>{N}), means of the newest (?P<count>\d+) steps"


@checks(rf"A and B do about equally well(?P<so_far> so far)? \({MEANS}\)\.")
def _equally_well(match: Match, seen: Seen) -> str:
    means = sorted(newest_mean(seen, run, int(match["count"])) for run in RUNS)
    problems = [
        number_is(match["low"], means[0], "low"),
        number_is(match["high"], means[1], "high"),
    ]
    problems.append(expect(holds=bool(match["so_far"]) != seen.finished, what="tense"))
    near = means[1] - means[0] <= 0.011 * max(map(abs, means))
    return all_of([*problems, expect(holds=near, what="they are not")])


@checks(
    rf"(?P<run>[AB]) (?P<verb>is ahead so far|ended ahead) \({MEANS}\)"
    rf"(?:; (?P<blamed>[AB]) (?P<because>{CLEARS})|(?P<although>, although it {CLEARS}))?\."
)
def _ahead(match: Match, seen: Seen) -> str:
    run, count = named(match), int(match["count"])
    mine, others = newest_mean(seen, run, count), newest_mean(seen, other(run), count)
    problems = [
        number_is(match["low"], mine, "its mean"),
        number_is(match["high"], others, "the other mean"),
        expect(holds=mine < others, what="is not"),
        expect(holds=(match["verb"] == "ended ahead") == seen.finished, what="tense"),
        clears(match["although"], run, seen),
    ]
    if match["blamed"]:
        problems.append(expect(holds=match["blamed"] == other(run), what="blames the better"))
        problems.append(clears(match["because"], other(run), seen, blamed=True))
    return all_of(problems)


def accuracy_is(text: str, seen: Seen, run: RunName) -> str:
    measured = [
        value for step, value in sorted(seen.runs[run].accuracy.items()) if step <= seen.step
    ]
    return number_is(text, 100 * measured[-1], f"accuracy of {run}") if measured else "is not known"


def way(seen: Seen, run: RunName) -> float:
    """How far from guessing to all right, 0 to 1."""
    measured = [
        value for step, value in sorted(seen.runs[run].accuracy.items()) if step <= seen.step
    ]
    chance = seen.runs[run].chance
    assert chance is not None
    return (measured[-1] - chance) / (1 - chance)


def guessing_is(text: str, seen: Seen) -> str:
    chance = seen.runs["A"].chance
    return number_is(text, 100 * chance, "guessing") if chance is not None else "is not known"


LOWER, UPPER = 1 / 3, 2 / 3


@checks(
    rf"(?P<good>[AB]) learned(?P<part> in part)? \((?P<acc>{N}) % accuracy\){ALTHOUGH}\. "
    rf"(?P<bad>[AB]) (?P<verb>did|has) (?:only in part \((?P<partly>{N}) %\)"
    rf"|not \((?P<none>{N}) %; guessing gives (?P<chance>{N}) %\)){BECAUSE}\."
)
def _one_learned(match: Match, seen: Seen) -> str:
    good, bad = named(match, "good"), named(match, "bad")
    learned = LOWER <= way(seen, good) < UPPER if match["part"] else way(seen, good) >= UPPER
    failed = LOWER <= way(seen, bad) < UPPER if match["partly"] else way(seen, bad) < LOWER
    return all_of(
        [
            accuracy_is(match["acc"], seen, good),
            accuracy_is(match["partly"] or match["none"], seen, bad),
            guessing_is(match["chance"], seen) if match["chance"] else "",
            expect(holds=learned, what=f"{good} did not"),
            expect(holds=failed, what=f"{bad} did"),
            expect(holds=(match["verb"] == "did") == seen.finished, what="tense"),
            clears(match["although"], good, seen),
            clears(match["because"], bad, seen, blamed=True),
        ]
    )


@checks(
    rf"Neither run (?P<verb>learned|has learned yet) \(A (?P<a>{N}) %, B (?P<b>{N}) % accuracy;"
    rf" guessing gives (?P<chance>{N}) %\)\."
)
def _neither(match: Match, seen: Seen) -> str:
    return all_of(
        [
            accuracy_is(match["a"], seen, "A"),
            accuracy_is(match["b"], seen, "B"),
            guessing_is(match["chance"], seen),
            expect(holds=max(way(seen, "A"), way(seen, "B")) < LOWER, what="one did"),
            expect(holds=(match["verb"] == "learned") == seen.finished, what="tense"),
        ]
    )


def grade_fits(part: str | None, seen: Seen) -> str:
    for run in RUNS:
        share = way(seen, run)
        if not (LOWER <= share < UPPER if part else share >= UPPER):
            return f"{run} did not so"
    return ""


@checks(
    rf"Both runs learned(?P<part> in part)?, (?P<good>[AB]) more \((?P<high>{N}) % accuracy against"
    rf" (?P<low>{N}) %\)(?:(?P<because>: (?P<blamed>[AB]) {CLEARS})?|{ALTHOUGH})\."
)
def _one_more(match: Match, seen: Seen) -> str:
    good = named(match, "good")
    apart = float(match["high"]) - float(match["low"])
    return all_of(
        [
            accuracy_is(match["high"], seen, good),
            accuracy_is(match["low"], seen, other(good)),
            grade_fits(match["part"], seen),
            expect(holds=apart >= 2.9, what="not clearly"),
            expect(holds=match["blamed"] in {None, other(good)}, what="blames the better"),
            clears(match["because"], other(good), seen, blamed=True),
            clears(match["although"], good, seen),
        ]
    )


@checks(
    rf"Both runs learned(?P<part> in part)? \(A (?P<a>{N}) %, B (?P<b>{N}) % accuracy\){ALTHOUGH}"
    rf"(?:; (?P<less>[AB]) has the lower mean loss, (?P<low>{N}) against (?P<high>{N}))?\."
)
def _both_learned(match: Match, seen: Seen) -> str:
    problems = [
        accuracy_is(match["a"], seen, "A"),
        accuracy_is(match["b"], seen, "B"),
        grade_fits(match["part"], seen),
        expect(holds=abs(float(match["a"]) - float(match["b"])) <= 3.1, what="not alike"),
    ]
    if match["although"]:
        run = cast("RunName", re.findall(r"although ([AB])", match["although"])[0])
        problems.append(clears(match["although"], run, seen))
    if match["less"]:
        less = named(match, "less")
        problems += [
            number_is(match["low"], newest_mean(seen, less), "its loss"),
            number_is(match["high"], newest_mean(seen, other(less)), "the other's"),
            expect(holds=2 * float(match["low"]) <= 1.01 * float(match["high"]), what="not far"),
        ]
    return all_of(problems)


# When both clear

POLICY = (
    r"(?:accumulates \d+ micro-batches per step and )?"
    r"(?:never clears its gradients|clears its gradients before every step"
    r"|clears its gradients every \d+ steps only)"
)


def policy(text: str, run: RunName, seen: Seen) -> str:
    count = re.search(r"accumulates (\d+)", text)
    every = re.search(r"every (\d+) steps", text)
    period = int(every[1]) if every else 0 if "never" in text else 1
    said = (int(count[1]) if count else 1, period)
    return expect(holds=said == (seen.micro_batches(run), seen.period(run)), what=f"{run} does not")


@checks(rf"Run A (?P<a>{POLICY})\. (?:So does run B|Run B (?P<b>{POLICY}))\.")
def _policies(match: Match, seen: Seen) -> str:
    ends = [policy(match["a"], "A", seen), policy(match["b"] or match["a"], "B", seen)]
    return all_of([*ends, expect(holds=seen.step == 0, what="after step 0")])


# Theory


@checks(
    rf"By theory: (?:lr·λ = (?P<q>{N})(?: in A, (?P<qb>{N}) in B)?: )?(?P<rest>[AB](?:'s| ).*)\."
)
def _theory(match: Match, seen: Seen) -> str:
    if not seen.linear_theory:
        return "no theory covers it"
    problems = [number_is(match["q"], seen.q("A"), "lr·λ")] if match["q"] else []
    problems += [number_is(match["qb"], seen.q("B"), "lr·λ")] if match["qb"] else []
    for part in re.split(r", (?=[AB])", match["rest"]):
        problems.append(_fate(part, seen))
    return all_of(problems)


FATES = {
    "converges": "converges",
    "oscillates": "oscillates",
    "error grows linearly": "grows linearly",
    "diverges": "diverges",
    "is unstable at any learning rate": "diverges",
}


def _fate(text: str, seen: Seen) -> str:
    run = cast("RunName", text[0])
    found = seen.fate(run)
    problems = []
    state = next(state for words, state in FATES.items() if words in text)
    problems.append(expect(holds=found.state == state, what=f"{run} {found}"))
    period = re.search(rf"period ({N}) steps", text)
    if period:
        problems.append(number_is(period[1], found.period or math.nan, "period"))
    growth = re.search(rf"its loss ×({N}) per step", text)
    if growth:
        problems.append(number_is(growth[1], found.growth, "growth"))
    if "any learning rate" in text:
        problems.append(_at_no_rate(run, seen))
    return all_of(problems)


def _at_no_rate(run: RunName, seen: Seen) -> str:
    found = seen.quadratic(run)
    assert found is not None
    rates = (1e-4, 1e-3, 0.01, 0.1, 0.3, 1.0)
    somewhere = [lr for lr in rates if exact.stable(seen.update(run, lr), lr, found)]
    return expect(holds=not somewhere, what=f"is stable at {somewhere}")


def limit_is(text: str, run: RunName, seen: Seen) -> str:
    """Whether ``text`` is the lr·λ at which run ``run`` becomes unstable, or stable again."""
    found = seen.quadratic(run)
    assert found is not None
    lr = float(text) / found.sharpest
    sides = [
        exact.stable(seen.update(run, lr * off), lr * off, found) for off in (1 - 0.006, 1 + 0.006)
    ]
    return expect(holds=sides[0] != sides[1], what=f"{text} is no limit of {run}")


# Why


@checks(
    rf"Since step (?P<at>\d+) (?P<run>[AB]) (?:has lr (?P<lr>{N})|(?P<policy>{POLICY})): its loss"
    r" went"
    rf" from (?P<before>{N}) \(mean of (?P<count>\d+) steps\) to (?P<now>{N})\."
)
def _since_change(match: Match, seen: Seen) -> str:
    run, at, count = named(match), int(match["at"]), int(match["count"])
    losses = seen.losses(run)
    changes = [change for change in seen.changes(run) if change.step == at]
    return all_of(
        [
            expect(holds=bool(changes) and len(losses) > at, what="no change"),
            number_is(match["lr"], seen.base_lr(run), "lr", 4) if match["lr"] else "",
            policy(match["policy"], run, seen) if match["policy"] else "",
            number_is(match["before"], fmean(losses[max(0, at - count) : at]), "before"),
            number_is(match["now"], losses[-1], "now"),
        ]
    )


@checks(
    r"(?P<run>[AB]) is unstable at any learning rate: momentum on top of accumulated gradients\."
)
def _never_stable(match: Match, seen: Seen) -> str:
    run = named(match)
    uses = bool(seen.settings.momentum) and seen.period(run) == 0 and seen.linear_theory
    return all_of([expect(holds=uses, what="no such thing"), _at_no_rate(run, seen)])


@checks(rf"(?P<run>[AB]) is unstable: lr·λ = (?P<q>{N}) is above its limit, (?P<limit>{N})\.")
def _above(match: Match, seen: Seen) -> str:
    run = named(match)
    unstable = seen.fate(run).state == "diverges"
    return all_of(
        [
            number_is(match["q"], seen.q(run), "lr·λ"),
            expect(holds=unstable, what="is not"),
            limit_is(match["limit"], run, seen),
        ]
    )


@checks(
    rf"(?P<run>[AB]) is unstable: clearing every (?P<n>\d+) steps does not damp it"
    rf"(?:, at lr·λ = (?P<q>{N}))?\."
)
def _undamped(match: Match, seen: Seen) -> str:
    run = named(match)
    right = seen.period(run) == int(match["n"]) and seen.fate(run).state == "diverges"
    q = number_is(match["q"], seen.q(run), "lr·λ") if match["q"] else ""
    return all_of([expect(holds=right, what="is not"), q])


@checks(r"In (?P<run>[AB]) the noise of all batches adds up in \.grad\.")
def _noise(match: Match, seen: Seen) -> str:
    run = named(match)
    plain = seen.plain and not seen.full_batch and not seen.changes(run)
    return all_of([expect(holds=plain and seen.period(run) == 0, what="no"), _is_sum(run, seen)])


def _is_sum(run: RunName, seen: Seen) -> str:
    """Whether the update is lr times the sum of all gradients so far."""
    steps = seen.runs[run]
    last = seen.step - 1
    if not math.isfinite(steps.held[last]) or steps.held[last] < 1e-4 * max(
        steps.fresh[: seen.step]
    ):
        return ""
    if steps.applied[last] < 1e-3 * max(steps.applied[: seen.step]):
        return ""  # the difference of two weights nearly alike is rounding
    error = abs(steps.applied[last] - steps.held[last]) / steps.held[last]
    if seen.period(run) == 0 and not seen.changes(run) and error <= 0.05:
        error = max(error, steps.sum_error[last])
    return expect(holds=error <= 0.05, what=f"it is off by {error:.2g}")


@checks(
    r"(?P<run>[AB]) steps along the sum of all its gradients (?P<when>so far|since it last cleared)"
    r"(?P<more>: that is SGD with momentum 1|, and weight decay)\."
)
def _sum(match: Match, seen: Seen) -> str:
    run = named(match)
    cleared = any(seen.runs[run].cleared[: seen.step])
    problems = [
        expect(holds=seen.period(run) == 0, what="it clears"),
        expect(holds=seen.settings.clip is None, what="what was clipped is no sum"),
        expect(holds=match["when"] != "so far" or not cleared, what="it has cleared"),
    ]
    if "momentum 1" in match["more"]:
        problems += [expect(holds=seen.plain, what="not plain SGD"), _is_sum(run, seen)]
    else:
        problems.append(expect(holds=bool(seen.settings.weight_decay), what="no decay"))
    return all_of(problems)


@checks(
    r"In (?P<run>[AB]) (?P<what>momentum runs over|\w+ gets) the sum of all its gradients"
    r" (?P<when>so far|since it last cleared)(?:: a sum of sums|, instead of the newest one)\."
)
def _sum_given(match: Match, seen: Seen) -> str:
    run = named(match)
    settings = seen.settings
    given = (
        bool(settings.momentum)
        if "momentum" in match["what"]
        else (settings.optimizer == match["what"].split()[0] != "SGD")
    )
    cleared = any(seen.runs[run].cleared[: seen.step])
    problems = [
        expect(holds=given and settings.clip is None and seen.period(run) == 0, what="no"),
        expect(holds=match["when"] != "so far" or not cleared, what="it has cleared"),
    ]
    return all_of(problems)


@checks(rf"(?P<run>[AB]) carries \.grad over from step to step, clipped to (?P<clip>{N})\.")
def _clipped(match: Match, seen: Seen) -> str:
    run, clip = named(match), float(match["clip"])
    # What is there before a step is what clipping left after the one before.
    carried = max(seen.runs[run].carried[: seen.step])
    return expect(
        holds=seen.settings.clip == clip and seen.period(run) == 0 and carried <= clip * 1.0001,
        what=f"carried {carried}",
    )


@checks(
    r"(?P<run>[AB]) applies a gradient up to (?P<n>\d+) times:"
    r" it clears only every (?P<m>\d+) steps\."
)
def _applies(match: Match, seen: Seen) -> str:
    same = match["n"] == match["m"] and seen.period(named(match)) == int(match["n"]) > 1
    return expect(holds=same, what="no")


@checks(
    rf"Weight decay damps (?P<run>[AB]):"
    rf" it steps as SGD with momentum (?P<momentum>{N}) and no decay\."
)
def _damps(match: Match, seen: Seen) -> str:
    run, decay = named(match), seen.settings.weight_decay or 0.0
    momentum = 1 - seen.base_lr(run) * decay
    constant = seen.settings.schedule == "constant" and not seen.changes(run)
    problems = [
        number_is(match["momentum"], momentum, "momentum", 4),
        expect(holds=constant and 0 < momentum < 1 and seen.period(run) == 0, what="no"),
    ]
    found = seen.quadratic(run)
    if found is not None:
        # SGD with that momentum, after the kick: e_(t+1) = e_t + m (e_t - e_(t-1)) - q e_t
        lr, steps = seen.base_lr(run), seen.step
        losses = [found.min_loss] * steps
        for one in found.directions:
            before = now = one.error
            for at in range(steps):
                losses[at] += one.sharpness * now * now / 2
                kick = -lr * decay * (one.error + one.optimum) if at == 0 else 0.0
                before, now = now, now + momentum * (now - before) - lr * one.sharpness * now + kick
        off = max(
            abs(ours - theirs) / max(theirs, losses[0])
            for ours, theirs in zip(seen.losses(run), losses, strict=True)
        )
        problems.append(expect(holds=off < 1e-3, what=f"is off by {off:.2g}"))
    return all_of(problems)


@checks(
    rf"(?P<run>[AB]) stays bounded where (?P<other>[AB]) does not:"
    rf" its limit of lr·λ is (?P<mine>{N}), that of [AB] (?P<others>{N})\."
)
def _bounded(match: Match, seen: Seen) -> str:
    run = named(match)
    return all_of(
        [
            limit_is(match["mine"], run, seen),
            limit_is(match["others"], other(run), seen),
            expect(holds=seen.fate(run).growth <= 1 + 1e-8, what="it does not"),
            expect(holds=seen.fate(other(run)).growth > 1, what="so does the other"),
        ]
    )


@checks(
    r"(?P<optimizer>\w+) (?:hides|delays) the damage:"
    r" it divides each update by the size of \.grad\."
)
def _hides(match: Match, seen: Seen) -> str:
    faulty: list[RunName] = [run for run in RUNS if seen.period(run) == 0]
    if len(faulty) != 1 or seen.settings.optimizer != match["optimizer"]:
        return "there is nothing to hide"
    shown = newest_mean(seen, faulty[0]) > 2.001 * newest_mean(seen, other(faulty[0]))
    return expect(holds=not shown, what="it shows")


@checks(
    rf"Clipping hides the damage: no update is longer than lr × (?P<clip>{N})"
    r"(?P<decay> apart from weight decay)?\."
)
def _clip_hides(match: Match, seen: Seen) -> str:
    faulty: list[RunName] = [run for run in RUNS if seen.period(run) == 0]
    longest = max(max(seen.runs[run].applied[: seen.step]) for run in RUNS)
    shown = newest_mean(seen, faulty[0]) > 2.001 * newest_mean(seen, other(faulty[0]))
    bound = match["decay"] or longest <= float(match["clip"]) * 1.001
    return all_of(
        [expect(holds=not shown, what="it shows"), expect(holds=bool(bound), what=f"{longest}")]
    )


# What was measured


@checks(
    rf"(?P<run>[AB]) oscillates about every (?P<period>{N}) steps"
    rf"(?: \((?P<theory>{N}) by theory\))?"
    r"(?P<undamped>, undamped)?\."
)
def _oscillates(match: Match, seen: Seen) -> str:
    run = named(match)
    problems = [oscillates(seen, run, float(match["period"]))]
    if match["theory"]:
        problems.append(number_is(match["theory"], seen.fate(run).period or math.nan, "period"))
    if match["undamped"]:
        problems.append(expect(holds=seen.fate(run).state == "oscillates", what="it is damped"))
    return all_of(problems)


@checks(
    rf"(?P<run>[AB]) converged at step (?P<since>[\d,]+): (?:its loss|its distance to the loss"
    rf" (?P<target>{N})) shrinks ×(?P<factor>{N}) per step(?P<long>, in the long run)?\."
)
def _converged(match: Match, seen: Seen) -> str:
    run, since = named(match), int(match["since"].replace(",", ""))
    problems = [rests(seen, run, since), converged(seen, run)]
    found, lr = seen.quadratic(run), seen.base_lr(run)
    assert found is not None
    late = exact.simulate(seen.update(run), lr, found, 20_000)[-1]
    target = float(match["target"] or 0.0)
    aim = abs(late - target) <= 0.006 * max(late, target) or late < 1e-9
    problems.append(expect(holds=aim, what=f"it goes to {late}"))
    problems.append(_factor_of(exact.simulate(seen.update(run), lr, found, 20_000), late, match))
    if not match["long"]:
        # Then it does so at every step.
        losses = exact.simulate(seen.update(run), lr, found, 4)
        ratio = (losses[2] - late) / (losses[1] - late)
        problems.append(number_is(match["factor"], ratio, "the factor of a step", 2))
    return all_of(problems)


def _factor_of(losses: tuple[float, ...], late: float, match: Match) -> str:
    """Whether the envelope of what is left shrinks by the factor that is told."""
    left = [abs(loss - late) for loss in losses]
    ends = [at for at, one in enumerate(left) if one > 1e-11 * left[0]]
    start = [at for at, one in enumerate(left) if one > 1e-3 * left[0]][-1]
    if not ends or ends[-1] - start < 4:
        return ""
    early, span = max(left[start : start + 3]), ends[-1] - start
    real = (left[ends[-1]] / early) ** (1 / span)
    off = abs(math.log(real) - math.log(float(match["factor"]))) / abs(math.log(real))
    return expect(holds=off < 0.15, what=f"by {real:.3g}")


def goes_uphill(seen: Seen, run: RunName, steps: int, rounding: float = 1e-6) -> int:
    found = seen.runs[run]
    return sum(
        found.between[at] < -rounding * max(found.held[: at + 1]) * max(found.fresh[: at + 1])
        for at in range(steps)
    )


@checks(
    r"(?P<run>[AB]) went uphill, against the gradient of the step, in (?P<count>\d+) of its first"
    r" (?P<steps>\d+) steps\."
)
def _uphill(match: Match, seen: Seen) -> str:
    run, steps = named(match), int(match["steps"])
    surely, perhaps = (goes_uphill(seen, run, steps, share) for share in (1e-5, 1e-7))
    right = surely <= int(match["count"]) <= perhaps
    return expect(holds=right and seen.step >= 20, what=f"in {surely} to {perhaps}")


@checks(
    rf"At step (?P<at>[\d,]+) (?P<run>[AB])'s \.grad was (?P<ratio>{N}) times"
    r" as long as the gradient of that step\."
)
def _ratio(match: Match, seen: Seen) -> str:
    steps, at = seen.runs[named(match)], int(match["at"].replace(",", "")) - 1
    rounding = steps.fresh[at] < 0.5e-6 * max(steps.fresh[: at + 1])
    return all_of(
        [
            expect(holds=not rounding and at < seen.step, what="is rounding"),
            number_is(match["ratio"], steps.held[at] / steps.fresh[at], "it"),
        ]
    )


# The state of a pane


@checks(r"(?:(?:paused|finished) · )?(?P<words>training|paused|finished)?")
def _phase(_match: Match, _seen: Seen) -> str:
    return ""


STATE = (
    rf"(?:finished · )?(?:converged at step (?P<rest>\d+)|diverged at step (?P<diverged>\d+)"
    rf"|stuck since step (?P<still>\d+)|oscillates every (?P<period>{N}) steps"
    rf"|growing ×(?P<growth>{N}) per step|(?P<high>far above its first loss)|oscillating)"
)


def state_fault(text: str, run: RunName, seen: Seen) -> str:  # noqa: PLR0911 - likewise
    """The line below a chart."""
    if re.fullmatch(r"training|paused|finished", text):
        return expect(holds=(text == "finished") == seen.finished, what="it is not")
    match = re.fullmatch(STATE, text)
    if match is None:
        return "has no checker"
    losses = seen.losses(run)
    if match["rest"]:
        return all_of([rests(seen, run, int(match["rest"])), converged(seen, run)])
    if match["still"]:
        return rests(seen, run, int(match["still"]))
    if match["diverged"]:
        return diverged_at(seen, run, int(match["diverged"]))
    if match["period"]:
        return oscillates(seen, run, float(match["period"]), 0.1)
    if match["growth"]:
        return grows(seen, run, float(match["growth"]))
    if match["high"]:
        return expect(holds=max(losses[-16:]) >= 1.99 * abs(losses[0]), what="is not")
    return oscillates(seen, run)
