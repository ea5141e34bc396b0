from lxml import etree

from odoo import models
from odoo.tools import ormcache


class IrQweb(models.AbstractModel):
    """Templates of mail, such as the acknowledgement of an application, are text that
    core compiles anew for each mail; while the router routes, once."""

    _inherit = "ir.qweb"

    def _generate_code_uncached(self, template):
        routing = self.env.context.get("catchall_routing")
        if not routing or not isinstance(template, etree._Element):
            return super()._generate_code_uncached(template)
        return self._catchall_generate_code(etree.tostring(template), template)

    @ormcache(
        "source",
        "tuple(self.env.context.get(k) or False "
        "for k in self._get_template_cache_keys())",
        cache="templates",
    )
    def _catchall_generate_code(self, source, template):
        """Return what core compiles of a template, under the keys that core itself
        remembers stored templates by.

        :param source: its bytes, to know it by: what people write in a template is
            HTML, and need not be XML that can be read again
        """
        plain = self.with_context(catchall_routing=False)
        return plain._generate_code_uncached(template)
