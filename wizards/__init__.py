from . import (
    mail_catchall_erase,
    mail_catchall_health_token,
    mail_catchall_identity_preview,
    mail_catchall_import,
    mail_catchall_reject,
    mail_catchall_route_to,
    mail_catchall_samples,
    mail_catchall_tester,
    mail_catchall_tester_line,
)
