"""The doctor: each module looks at one part of the installation and returns findings; `command.py` asks them all.

Nothing is imported here, so that a start which only wants to know whether the keys are safe stays small.
"""
