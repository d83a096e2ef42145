"""When what may be asked for: the frontier as Scrapy's scheduler, politeness and robots.txt."""
