from . import addresses, digest, headers, recipients, words
