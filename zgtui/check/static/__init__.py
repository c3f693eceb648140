"""A reading of the source, without running it: advisory, for hooks before a commit.

`lowering` turns a file into what it does to gradients (`effects`), in the order in which it runs,
with the functions that it defines and calls read in place. `ways` writes out every way through a
loop as one optimizer sees it; `static_rules` reads the mistakes off those. What the text alone
cannot tell is said, not guessed.
"""
