"""One spider for each manner of discovery."""
