"""The limit of pages, and what may still be fetched when it is reached."""

from collections.abc import Callable


class PageLimit:
    """Counts the pages handed out; ``most`` is None where there is no limit.

    ``on_reached`` is asked once, by `lift`: whether something is left that is no page.
    """

    def __init__(self, most: int | None) -> None:
        self.pages = 0
        self.on_reached: Callable[[], bool] | None = None
        self._most = most

    @property
    def reached(self) -> bool:
        return self._most is not None and self.pages >= self._most

    def room(self, most: int) -> int:
        """How many of ``most`` may be handed out."""
        return most if self._most is None else min(most, self._most - self.pages)

    def lift(self) -> bool:
        """Whether to go on, for what is no page: no page is leased any more."""
        ask, self.on_reached = self.on_reached, None
        if ask and ask():
            self._most = None
        return self._most is None
