"""Makes a router and tries its servers: settings, connection, samples, demo.

May call all rooms before it.
"""

# ruff: isort: skip_file
from . import (
    router_setup,
    router_connection,
    router_visit,
    router_samples,
    router_copy_setup,
    res_config_settings,
    res_config_settings_writing,
    mail_catchall_demo,
)
