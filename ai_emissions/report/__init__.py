"""One self-contained page from the published marts: ``figures`` asks, ``charts`` draws, ``page`` lays out."""
