"""Inside a user's script, run unchanged: what is observed, and how its clearing is altered.

inject/sitecustomize.py is found by PYTHONPATH and calls startup.py; patches.py wraps the calls,
instrument.py says what happens around them and tells the observers: losses.py writes the run's
log, policies.py clears as a run's policy says. control.py takes the parent's commands between two
steps, redirect.py keeps the user's files safe. protocol.py stands on the border and is
read by the parent, `zgtui.launch`, as well: it never imports torch.
"""
