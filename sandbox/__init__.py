"""The outside world in one process, for the demo, the tests and whoever writes a connector. Nothing leaves this machine.

It speaks the real protocols and imports nothing of the product, which in turn never knows that it is there: only base
addresses differ. Each neighbour (mail, webhooks, later the ad platforms) is one module of `sandbox/parts`.
Start it with `python -m sandbox`.
"""
