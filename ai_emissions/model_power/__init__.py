"""Loads the per-model power dataset ("How Hungry is AI?", daily files) into dated, immutable snapshots.

``scripts/load_model_power.py`` is the way in; ``cli`` its options, ``load`` takes a file in, ``find`` seeks one among
the daily files, ``fetch`` HTTP, ``read`` the published forms and what is refused, ``convert`` published rows to
figures, ``compare`` what changed, ``snapshot`` the schema and the files that are written.
"""
