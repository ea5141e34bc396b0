from . import digest, health, intake
