"""The durable side: bytes, index, text. Knows nothing of Scrapy or Twisted, and reads no settings."""
