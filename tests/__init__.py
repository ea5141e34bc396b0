from . import test_ir_mail_server
from . import test_mail_catchall_folder
from . import test_mail_catchall_message_queue
from . import test_mail_catchall_message_route
from . import test_tools_automatic
from . import test_tools_bounces
from . import test_mail_catchall_router_connection
from . import test_res_config_settings
