"""The archive's verbs, one module each; `crawler.cli` mounts them on the command ``palmyra``."""
