"""The numeric core: arrays and frames in, frozen results out. No SQL, HTTP, clock, settings or global random state.

Start at `frames.py` (the input), then `mix/` (which channel earned what), `forecast` and `synth.py` (data with known truth).
"""
