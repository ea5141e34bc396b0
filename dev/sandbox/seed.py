"""Fills a fresh database: a company with one domain, its users, aliases and a router.

Runs inside ``odoo shell``; ``dev/run`` and the end-to-end tests begin with it.
"""

from . import config
from .mailserver import CATCHALL, password

DOMAIN = CATCHALL.partition("@")[2]
USERS = {"user_a": "User A", "user_b": "User B"}
GROUPS = (
    "base.group_user",
    "base.group_partner_manager",
    "sales_team.group_sale_manager",
    "hr_recruitment.group_hr_recruitment_manager",
    "project.group_project_manager",
)
# They ask servers on the internet, which the sandbox must not need.
OUTSIDE_CRONS = (
    "mail.ir_cron_module_update_notification",
    "crm_iap_enrich.ir_cron_lead_enrichment",
)
MAIL_CRONS = (
    "mail.ir_cron_mail_gateway_action",
    "mail.ir_cron_mail_scheduler_action",
    "mail_catchall_router.ir_cron_route",
    "mail_catchall_router.ir_cron_route_2",
)


def seed(env):
    """Fill the database and commit."""
    instance = config.Instance.current()
    domain = _seed_company(env, instance)
    _seed_users(env)
    _seed_aliases(env)
    _seed_accounts(env, domain, instance)
    _seed_crons(env)
    env.cr.commit()


def _seed_company(env, instance):
    domain = env["mail.alias.domain"].create(
        {
            "name": DOMAIN,
            "catchall_alias": "catchall",
            "bounce_alias": "bounce",
            "default_from": "notifications",
        }
    )
    env.company.write({"name": "Tên Miền", "alias_domain_id": domain.id})
    parameters = env["ir.config_parameter"]
    parameters.set_param("web.base.url", f"http://localhost:{instance.http_port}")
    parameters.set_param("web.base.url.freeze", "True")
    return domain


def _seed_users(env):
    """Create the users; their password is their login."""
    groups = [env.ref(name).id for name in GROUPS]
    env["res.users"].with_context(no_reset_password=True).create(
        [
            {
                "name": name,
                "login": login,
                "password": login,
                "email": f"{login}@{DOMAIN}",
                "group_ids": [(6, 0, groups)],
                "tz": "Asia/Ho_Chi_Minh",
            }
            for login, name in USERS.items()
        ]
    )


def _seed_aliases(env):
    """Give a sales team, a job and a project the addresses that customers write to."""
    env.ref("sales_team.team_sales_department").alias_name = "sales"
    env["hr.job"].create({"name": "Kế toán trưởng", "alias_name": "ketoantruong"})
    stages = [(0, 0, {"name": name}) for name in ("New", "Done")]
    env["project.project"].create(
        {"name": "Dự án", "alias_name": "project", "type_ids": stages}
    )


def _seed_accounts(env, domain, instance):
    """Create the two servers, and a router of them where the addon is installed."""
    incoming, outgoing = (
        _incoming_server(env, instance),
        _outgoing_server(env, instance),
    )
    if "mail.catchall.router" in env:
        env["mail.catchall.router"].create(
            {
                "name": f"Catch-all of {DOMAIN}",
                "alias_domain_ids": [(6, 0, domain.ids)],
                "fetchmail_server_id": incoming.id,
                "mail_server_id": outgoing.id,
            }
        )


def _incoming_server(env, instance):
    return env["fetchmail.server"].create(
        {
            "name": CATCHALL,
            "server_type": "imap",
            "server": "localhost",
            "port": instance.port("imaps"),
            "is_ssl": True,
            "user": CATCHALL,
            "password": password(CATCHALL),
            "state": "done",
        }
    )


def _outgoing_server(env, instance):
    return env["ir.mail_server"].create(
        {
            "name": CATCHALL,
            "smtp_host": "localhost",
            "smtp_port": instance.port("submission"),
            "smtp_encryption": "starttls_strict",
            "smtp_authentication": "login",
            "smtp_user": CATCHALL,
            "smtp_pass": password(CATCHALL),
            "from_filter": DOMAIN,
        }
    )


def _seed_crons(env):
    """Look for mail every minute, and ask nobody on the internet."""
    env.company.iap_enrich_auto_done = True
    for name in OUTSIDE_CRONS:
        env.ref(name).active = False
    for name in MAIL_CRONS:
        # The lanes are there where the addon is installed.
        if cron := env.ref(name, raise_if_not_found=False):
            cron.write({"interval_number": 1, "interval_type": "minutes"})
