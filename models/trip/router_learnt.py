from datetime import timedelta

from babel.dates import format_timedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import babel_locale_parse, format_date

from ...tools.watch import learning
from ..words import translated
from .sentences import LEARNT

#: How often the newest mails are compared with what is known.
COMPARED_EVERY = timedelta(hours=1)
#: The fields that are learnt, in the order in which they are shown.
LEARNT_FIELDS = ("own_hosts", "authserv_ids", "recipient_headers")

LIST = Markup('<ul class="mb-0">%s</ul>')
LINE = Markup("<li>%s</li>")


class MailCatchallRouter(models.Model):
    """What was learnt of the provider: since when, and whether the newest mails bear it
    out.

    ``learnt`` is {field: {name: when it was learnt}}. What a person has entered stands
    in the fields alone, and is never changed.
    """

    _inherit = "mail.catchall.router"

    learnt = fields.Json(readonly=True, copy=False)
    learnt_words = fields.Html(
        "What Was Learned", compute="_compute_learnt_words", sanitize=False
    )
    strange_since = fields.Datetime(
        "Other Headers Since",
        readonly=True,
        copy=False,
        help="Since when the newest emails have headers other than the provider's "
        "known ones.",
    )
    compared_date = fields.Datetime(
        "Headers Compared On",
        readonly=True,
        copy=False,
        help="When Odoo compared the newest emails with what it knows of the provider.",
    )

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    @api.depends(
        *LEARNT_FIELDS,
        "learnt",
        "strange_since",
        "compared_date",
        "fetchmail_server_id",
    )
    @api.depends_context("lang", "tz", "uid")
    def _compute_learnt_words(self):
        for router in self:
            lines = Markup("").join(LINE % one for one in router._say_learnt())
            router.learnt_words = lines and LIST % lines

    def _say_learnt(self):
        """Yield what is known of the provider, each thing as a sentence."""
        if profile := self._trusted()["profile"]:
            yield self._say_of_learnt("profile", profile=profile.code)
        for field_name in LEARNT_FIELDS:
            for name in self._names_learnt(field_name):
                age = self._age_in_words(self._learnt_date(field_name, name))
                yield self._say_of_learnt(field_name, name=name, age=age)
        if self.strange_since:
            day = format_date(self.env, self.strange_since, date_format="full")
            yield self._say_of_learnt("strange", day=day)
        elif self.compared_date and self._is_provider_known():
            age = self._age_in_words(self.compared_date)
            yield self._say_of_learnt("agree", age=age)

    def _say_of_learnt(self, code, **values):
        return translated(self.env, LEARNT[code]) % values

    def _age_in_words(self, date):
        age = max(fields.Datetime.now() - date, timedelta())
        locale = babel_locale_parse(self.env.lang or "en_US")
        return format_timedelta(age, granularity="minute", locale=locale)

    # ------------------------------------------------------------
    # KEEP
    # ------------------------------------------------------------

    def _learn_names(self, field_name, names, date=None):
        """Add names to one of ``LEARNT_FIELDS`` and keep when they were learnt.

        :param date: when that was, None for now
        """
        known = self._words_in(field_name)
        lower = {one.lower() for one in known}
        new = [one for one in names if one.lower() not in lower]
        date = fields.Datetime.to_string(date or fields.Datetime.now())
        learnt = dict(self.learnt or {})
        learnt[field_name] = {
            **learnt.get(field_name, {}),
            **dict.fromkeys(new, date),
        }
        self.update({field_name: ", ".join([*known, *new]), "learnt": learnt})

    def _forget_names(self, field_name):
        """Take what was learnt out of one of ``LEARNT_FIELDS``; what a person has
        entered stays."""
        gone = self._names_learnt(field_name)
        kept = [one for one in self._words_in(field_name) if one not in gone]
        learnt = {**(self.learnt or {}), field_name: {}}
        self.write({field_name: ", ".join(kept), "learnt": learnt})

    def _names_learnt(self, field_name):
        """Return the names of a field that nobody has entered."""
        learnt = (self.learnt or {}).get(field_name, {})
        return [one for one in self._words_in(field_name) if one in learnt]

    def _learnt_date(self, field_name, name):
        return fields.Datetime.to_datetime(self.learnt[field_name][name])

    def _words_in(self, field_name):
        words = (self[field_name] or "").replace(";", ",").split(",")
        return [word.strip() for word in words if word.strip()]

    # ------------------------------------------------------------
    # COMPARE
    # ------------------------------------------------------------

    def _is_provider_known(self):
        """Tell whether anything is known that mails can be compared with."""
        return bool(self._trusted()["profile"] or self._trusted_hosts())

    def _compare_headers(self):
        """Compare the newest mails with what is known of the provider, once an hour:
        correct what was learnt, and keep since when they are others."""
        now, last = fields.Datetime.now(), self.compared_date
        if not last or now - last >= COMPARED_EVERY:
            self._compare_newest(now)

    def _compare_newest(self, now):
        mails = self._recent_mails()
        self._learn_filtered(mails)
        self._correct_hosts(mails)
        self._correct_servers(mails)
        self._correct_headers(mails)
        strange = learning.strange_mails(mails, self._known())
        # The first of them may have left the newest ones.
        since = self.strange_since or (strange and strange[-1].date)
        self.write({"strange_since": strange and since, "compared_date": now})

    def _known(self):
        """Return what is known of the provider as ``learning.Known``."""
        return learning.Known(**self._trusted())

    def _learn_filtered(self, mails):
        """Keep whose servers have a content filter on their own host, if none is
        known."""
        if not self._is_provider_known():
            name = learning.filtered_domain([one.headers for one in mails])
            self._learn_names("own_hosts", [name] if name else [])

    def _correct_hosts(self, mails):
        known = self._known()
        if known.profile or not self._names_learnt("own_hosts"):
            return
        self._replace("own_hosts", learning.changed_hosts(mails, known))

    def _correct_servers(self, mails):
        if self._names_learnt("authserv_ids"):
            found = learning.changed_server(mails, self._known())
            self._replace("authserv_ids", found)

    def _correct_headers(self, mails):
        known = self._known()
        names = self._names_learnt("recipient_headers")
        if names and all(learning.is_silent(mails, known, name) for name in names):
            self._forget_names("recipient_headers")

    def _replace(self, field_name, name):
        """Put a name in the place of those learnt; "" for none, None for no change."""
        if name is None:
            return
        self._forget_names(field_name)
        if name:
            self._learn_names(field_name, [name])
