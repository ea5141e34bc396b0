{
    "name": "Catch-all Mail Router",
    "version": "19.0.1.0.0",
    "category": "Productivity/Discuss",
    "summary": "One catch-all mailbox and one SMTP account for all of a company's mail",
    "author": "Catch-all Mail Router contributors",
    "license": "LGPL-3",
    "depends": ["mail"],
    "data": [
        "security/mail_catchall_router_groups.xml",
        "security/ir.model.access.csv",
        "security/mail_catchall_router_rules.xml",
        "data/ir_cron_data.xml",
    ],
    "application": True,
}
