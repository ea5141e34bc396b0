from . import test_mail_catchall_message_queue
from . import test_mail_catchall_message_route
