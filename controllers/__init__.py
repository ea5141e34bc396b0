from . import digest, health
