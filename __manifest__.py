{
    "name": "Catch-all Mail Router",
    "version": "19.0.1.1.0",
    "category": "Productivity/Discuss",
    "summary": "One catch-all mailbox and one SMTP account for all of a company's mail",
    # Otherwise Odoo reads README.md, as if it were reStructuredText.
    "description": """
One domain, one mailbox that receives everything sent to it, one sending account. This
app reads that mailbox, finds out whom each email is for, and makes a lead, an applicant
or a task of it, or adds it to the document that it replies to. Everybody sends through
the same account, under their own name and address.

* Nothing is lost, nothing happens twice.
* Every email has an explained end, which a person can change.
* What goes out arrives, and the reply comes back to the same document.
""",
    "author": "Catch-all Mail Router contributors",
    "license": "LGPL-3",
    "depends": ["mail"],
    "data": [
        "security/mail_catchall_router_groups.xml",
        "security/ir.model.access.csv",
        "security/mail_catchall_router_rules.xml",
        "data/mail_activity_type_data.xml",
        "data/ir_cron_data.xml",
        "data/mail_catchall_digest_templates.xml",
        "views/mail_catchall_message_views.xml",
        "views/mail_catchall_quarantine_views.xml",
        "views/mail_catchall_delivery_views.xml",
        "views/mail_catchall_sender_check_views.xml",
        "views/mail_catchall_trip_views.xml",
        "views/mail_catchall_rule_views.xml",
        "wizards/mail_catchall_setup_views.xml",
        "views/mail_catchall_router_views.xml",
        "views/mail_catchall_sender_views.xml",
        "views/mail_catchall_attack_views.xml",
        "views/mail_catchall_reporting_views.xml",
        "views/fetchmail_server_views.xml",
        "wizards/mail_catchall_identity_preview_views.xml",
        "views/ir_mail_server_views.xml",
        "views/mail_mail_views.xml",
        "wizards/mail_catchall_address_views.xml",
        "views/mail_alias_views.xml",
        "views/ir_cron_views.xml",
        "views/res_config_settings_views.xml",
        "views/mail_catchall_menus.xml",
        "wizards/mail_catchall_copy_setup_views.xml",
        "wizards/mail_catchall_discard_attack_views.xml",
        "wizards/mail_catchall_erase_views.xml",
        "wizards/mail_catchall_health_token_views.xml",
        "wizards/mail_catchall_import_views.xml",
        "wizards/mail_catchall_intake_token_views.xml",
        "wizards/mail_catchall_reject_views.xml",
        "wizards/mail_catchall_route_to_views.xml",
        "wizards/mail_catchall_samples_views.xml",
        "wizards/mail_catchall_snooze_views.xml",
        "wizards/mail_catchall_tester_views.xml",
        "wizards/mail_compose_message_views.xml",
    ],
    "demo": ["demo/mail_catchall_demo.xml"],
    "assets": {
        "web.assets_backend": [
            "mail_catchall_router/static/src/scss/*.scss",
            "mail_catchall_router/static/src/alias_status/*",
            "mail_catchall_router/static/src/app/*",
            "mail_catchall_router/static/src/arrival/*",
            "mail_catchall_router/static/src/dashboard/*",
            "mail_catchall_router/static/src/health/*",
            "mail_catchall_router/static/src/held_menu/*",
            "mail_catchall_router/static/src/quarantine/*",
            "mail_catchall_router/static/src/setup/*",
            "mail_catchall_router/static/src/triage/*",
            "mail_catchall_router/static/src/trip/*",
            "mail_catchall_router/static/src/undo/*",
            "mail_catchall_router/static/src/went_to/*",
        ],
        "web.assets_tests": [
            "mail_catchall_router/static/tests/tours/*.js",
        ],
    },
    "images": ["static/description/banner.png"],
    "application": True,
    "uninstall_hook": "uninstall_hook",
}
