from archive.extraction import features

BUILT_FROM: str

class Measures(features.Measures): ...  # in all that its callers use
