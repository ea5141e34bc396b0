from . import test_ir_mail_server
from . import test_mail_catchall_folder
from . import test_mail_catchall_message_queue
from . import test_mail_catchall_message_route
