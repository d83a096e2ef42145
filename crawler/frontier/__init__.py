"""The durable frontier over ``state.sqlite``: what is still to fetch, and what became of all the rest."""
