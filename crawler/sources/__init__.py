"""What users declare to be crawled, and when it is due."""
