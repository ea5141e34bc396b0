from dataclasses import dataclass

from markupsafe import Markup

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from ..windows import window
from ..words import translated

_lt = LazyTranslate(__name__)

MODULE = "mail_catchall_router"
# Shown as the end of each sample's text.
SIGNATURE = Markup(
    "<p><t t-out=\"(object.company_id or user.company_id).name or ''\"/></p>"
)
CRONS = ("ir_cron_remind", "ir_cron_received")


@dataclass(frozen=True)
class Sample:
    """A template that acknowledges a document, and the automation that uses it.

    ``code`` names both in external ids, ``app`` is the app whose ``model`` it is for;
    ``paragraphs`` are texts without markup.
    """

    code: str
    model: str
    app: object
    name: object
    subject: object
    paragraphs: tuple


GREETING = _lt("Hello,")
KEEP_TOGETHER = _lt(
    "If you want to add something, just reply to this email: your reply stays "
    "together with your first one."
)

SAMPLES = (
    Sample(
        "lead",
        "crm.lead",
        _lt("CRM"),
        _lt("Acknowledge a lead"),
        _lt("We have received your message: {{ object.name or '' }}"),
        (
            GREETING,
            _lt(
                "Thank you for your message. We have received it, and one of us will "
                "reply to you soon."
            ),
            KEEP_TOGETHER,
        ),
    ),
    Sample(
        "applicant",
        "hr.applicant",
        _lt("Recruitment"),
        _lt("Acknowledge an application"),
        _lt("We have received your application: {{ object.job_id.name or '' }}"),
        (
            GREETING,
            _lt(
                "Thank you for your application and your interest in working with "
                "us. We will read it carefully and let you know the next steps."
            ),
            KEEP_TOGETHER,
        ),
    ),
    Sample(
        "task",
        "project.task",
        _lt("Project"),
        _lt("Acknowledge a task"),
        _lt("We have received your request: {{ object.name or '' }}"),
        (
            GREETING,
            _lt(
                "Thank you for your request. We have noted it and will let you know "
                "as soon as there is news."
            ),
            KEEP_TOGETHER,
        ),
    ),
)


class MailCatchallRouter(models.Model):
    """Samples: templates and automations for the apps that are installed. Nothing is
    sent until somebody chooses a template on an alias, or switches an automation on."""

    _inherit = "mail.catchall.router"

    def action_add_samples(self):
        """Show which samples there are for the installed apps, to add them."""
        self.check_access("write")
        return window(self.env, "samples_action")

    @api.model
    def _list_samples(self):
        """Return a dict per sample with its ``name``, ``kind`` ("template",
        "automation" or "cron") and ``status``, a sentence."""
        found = []
        for sample in SAMPLES:
            for kind in ("template", "automation"):
                found.append(
                    {
                        "name": translated(self.env, sample.name),
                        "kind": kind,
                        "status": self._status_of_sample(sample, kind),
                    }
                )
        for cron in map(self._cron_of_sample, CRONS):
            status = (
                self.env._("It is switched on.")
                if cron.active
                else self.env._("It is there, switched off, among scheduled actions.")
            )
            found.append({"name": cron.name, "kind": "cron", "status": status})
        return found

    @api.model
    def _cron_of_sample(self, name):
        return self.env.ref(f"{MODULE}.{name}").sudo()

    @api.model
    def _status_of_sample(self, sample, kind):
        if sample.model not in self.env:
            return self.env._(
                "It needs the app %s, which is not installed.",
                translated(self.env, sample.app),
            )
        if kind == "automation" and "base.automation" not in self.env:
            return self.env._(
                "It needs the app Automation Rules, which is not installed."
            )
        if self._find_sample(sample, kind):
            return self.env._("It is already there.")
        if kind == "automation":
            return self.env._("It will be added, switched off.")
        return self.env._("It will be added.")

    @api.model
    def _find_sample(self, sample, kind):
        """Return the record of a sample, archived or not, or None."""
        found = self.env.ref(self._sample_xmlid(sample, kind), raise_if_not_found=False)
        return found or None

    @api.model
    def _sample_xmlid(self, sample, kind):
        return f"{MODULE}.sample_{kind}_{sample.code}"

    @api.model
    def _add_samples(self):
        """Make the samples that are possible and not there.

        :return: the names of what was added
        """
        added = []
        for sample in SAMPLES:
            if sample.model not in self.env:
                continue
            template = self._find_sample(sample, "template")
            if not template:
                template = self._create_sample_template(sample)
                added.append(template.name)
            possible = "base.automation" in self.env
            if possible and not self._find_sample(sample, "automation"):
                added.append(self._create_sample_automation(sample, template).name)
        return added

    @api.model
    def _create_sample_template(self, sample):
        template = self.env["mail.template"].create(
            {
                "model_id": self.env["ir.model"]._get_id(sample.model),
                "auto_delete": True,
                **self.with_context(lang="en_US")._sample_texts(sample),
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            translated = self.with_context(lang=lang)._sample_texts(sample)
            template.with_context(lang=lang).write(translated)
        self._name_sample(sample, "template", template)
        return template

    @api.model
    def _sample_texts(self, sample):
        """Return a template's texts in the language of the context."""
        paragraphs = Markup("").join(
            Markup("<p>%s</p>") % translated(self.env, paragraph)
            for paragraph in sample.paragraphs
        )
        return {
            "name": translated(self.env, sample.name),
            "subject": translated(self.env, sample.subject),
            "body_html": paragraphs + SIGNATURE,
        }

    @api.model
    def _create_sample_automation(self, sample, template):
        """Make a rule that writes the template to who made a new document; archived."""
        model_id = self.env["ir.model"]._get_id(sample.model)
        rule = self.env["base.automation"].create(
            {
                "name": translated(self.env, sample.name),
                "active": False,
                "model_id": model_id,
                "trigger": "on_create",
                "filter_domain": "[('email_from', '!=', False)]",
            }
        )
        self.env["ir.actions.server"].create(
            {
                "name": translated(self.env, sample.name),
                "base_automation_id": rule.id,
                "usage": "base_automation",
                "model_id": model_id,
                "state": "mail_post",
                "mail_post_method": "email",
                "template_id": template.id,
            }
        )
        self._name_sample(sample, "automation", rule)
        return rule

    @api.model
    def _name_sample(self, sample, kind, record):
        """Give a sample its external id: by it it is found again, and goes with the
        addon. An update leaves it alone."""
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": self._sample_xmlid(sample, kind),
                    "record": record,
                    "noupdate": True,
                }
            ]
        )
