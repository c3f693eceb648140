"""A user's own training script, run unchanged: observed, and with its gradient clearing altered.

parent (never imports torch)                        child (`python train.py …`, the user's own)
command.py   what to start                          inject/sitecustomize.py  found by PYTHONPATH
client.py    both runs: start, poll, pause, stop    instrument.py  what happens around the calls
process.py   one run's process, through guard.py    patches.py     the calls that are wrapped
endings.py   how a run ended, in a sentence         tape.py        losses → the run's log
headless.py  the same without a screen              intervene.py   never, as-is; every.py
                                                    control.py     pause, step, change
                                                    writes.py      the user's files are safe
spec.py and wire.py stand on the border and are read by both.
"""
