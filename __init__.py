from . import controllers, listener, models, tools, wizards
from .hooks import uninstall_hook
