"""Browsing a collection: the reading room for documents, and archived pages on an origin of their own."""
