"""From what was found to what is fetched next, within what a source allows."""
