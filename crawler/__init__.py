"""The network side: Scrapy, the wire, the frontier, and the command ``palmyra``."""
