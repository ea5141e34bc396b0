"""Makes a router and tries its servers: settings, connection, samples, demo.

May call all rooms before it. Overrides that depend on the order:

- mail.catchall.message._conclude: route.message_ends < message_first_mail
"""

# ruff: isort: skip_file
from . import (
    router_setup,
    router_connection,
    router_samples,
    router_copy_setup,
    router_first_mail,
    message_first_mail,
    res_config_settings,
    res_config_settings_writing,
    mail_catchall_demo,
)
