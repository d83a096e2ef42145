"""An invented news site that the project contains, served on loopback, for ``palmyra demo`` and the tests."""

from crawler.demo.server import DemoSite, Served

__all__ = ["DemoSite", "Served"]
