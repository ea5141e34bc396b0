"""The tests stand beside what they test; two files must not have one name."""

from . import (
    test_concurrency,
    test_documentation,
    test_fields,
    test_growth,
    test_listener,
    test_listener_claim,
    test_listener_inside,
    test_neutralized,
    test_public_methods,
    test_rooms,
    test_router,
    test_router_companies,
    test_router_home,
    test_router_presence,
    test_tokens,
)
from .answer import *
from .collect import *
from .decide import *
from .journal import *
from .route import *
from .screens import *
from .send import *
from .setup import *
from .tools import *
from .trip import *
from .watch import *
from .wizards import *
