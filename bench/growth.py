"""A database that a company has used for years, made within minutes by SQL."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How many records there are already."""

    partners: int = 300_000
    leads: int = 300_000
    messages: int = 1_000_000
    aliases: int = 100_000

    def __str__(self):
        return (
            f"{self.partners} partners, {self.leads} leads, {self.messages} messages, "
            f"{self.aliases} aliases"
        )


SMALL = Size(3000, 3000, 10_000, 1000)


def grow(env, size):
    """Copy one record of each kind this often, with values of their own; commits."""
    partner = env["res.partner"].create(
        {"name": "Contact 0", "email": "contact0@customer0.example"}
    )
    team = env.ref("sales_team.team_sales_department")
    lead = env["crm.lead"].create(
        {"name": "Lead 0", "partner_id": partner.id, "team_id": team.id}
    )
    message = lead.message_post(
        body="<p>Good morning, please send us your offer.</p>",
        message_type="email",
        subtype_xmlid="mail.mt_comment",
        author_id=partner.id,
        email_from=partner.email_formatted,
    )
    domain = env.company.alias_domain_id
    alias = env["mail.alias"].create(
        {
            "alias_name": "team0",
            "alias_model_id": env["ir.model"]._get_id("crm.lead"),
            "alias_domain_id": domain.id,
        }
    )
    env.flush_all()
    cr = env.cr
    email = "'contact' || n || '@customer' || n % 1000 || '.example'"
    first_partner = _copy(
        cr,
        partner,
        size.partners,
        name="'Contact ' || n",
        complete_name="'Contact ' || n",
        email=email,
        email_normalized=email,
        # Each is its own commercial entity.
        commercial_partner_id="currval('res_partner_id_seq')",
    )
    first_lead = _copy(
        cr,
        lead,
        size.leads,
        name="'Lead ' || n",
        email_from=email,
        email_normalized=email,
        partner_id=f"{first_partner} + (n - 1) % {size.partners}",
    )
    _copy(
        cr,
        message,
        size.messages,
        message_id="'<seeded-' || n || '@customer.example>'",
        res_id=f"{first_lead} + (n - 1) % {size.leads}",
        author_id=f"{first_partner} + (n - 1) % {size.partners}",
        email_from=email,
    )
    _copy(
        cr,
        alias,
        size.aliases,
        alias_name="'team' || n",
        alias_full_name=f"'team' || n || '@{domain.name}'",
    )
    env.cr.commit()
    cr.connection.autocommit = True
    cr.execute("VACUUM ANALYZE")
    cr.connection.autocommit = False


def _copy(cr, record, count, **values):
    """Copy a record's row ``count`` times; return the id of the first copy.

    :param values: SQL expressions by column; ``n`` counts from 1
    """
    cr.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' "
        "AND column_name <> 'id'",
        [record._table],
    )
    columns = [name for (name,) in cr.fetchall()]
    chosen = [values.get(name, f'source."{name}"') for name in columns]
    quoted = ", ".join(f'"{name}"' for name in columns)
    cr.execute(
        f"INSERT INTO {record._table} (id, {quoted}) "
        f"SELECT nextval('{record._table}_id_seq'), {', '.join(chosen)} "
        f"FROM {record._table} source, generate_series(1, {int(count)}) n "
        f"WHERE source.id = {record.id} ORDER BY n"
    )
    cr.execute(f"SELECT max(id) - {int(count)} + 1 FROM {record._table}")
    return cr.fetchone()[0]
