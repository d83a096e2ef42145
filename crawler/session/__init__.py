"""A collection while a crawl writes to it: what is fetched, stored, examined and acknowledged."""
