"""What a crawl brought and what it passed over, for people."""
