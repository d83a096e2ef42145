"""What a URL is: its identity, its scope, and what its shape tells before it is fetched."""
