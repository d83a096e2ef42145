from archive.extraction import forest

BUILT_FROM: str

class Forest(forest.Forest): ...  # in all that its callers use
