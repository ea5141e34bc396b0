"""What a button returns: the action that the web client then runs."""


def window(env, name, **changed):
    """Return an action window of the addon as the web client wants it.

    :param str name: its external id, without ``mail_catchall_router.mail_catchall_``
    :param changed: what is set in it, like ``domain``, ``context`` or ``res_id``
    """
    xml_id = f"mail_catchall_router.mail_catchall_{name}"
    return {**env["ir.actions.act_window"]._for_xml_id(xml_id), **changed}


def form(record, **changed):
    """Return the action that opens the form of a record, or of a new one.

    :param changed: what is set in it, like ``name`` or ``target``
    """
    return {
        "type": "ir.actions.act_window",
        "res_model": record._name,
        "res_id": record.id,
        "views": [(False, "form")],
        **changed,
    }


def notice(message, **params):
    """Return the action that shows a sentence for some seconds.

    :param params: more of the client action, like ``title``, ``sticky`` or ``next``
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {"type": "success", "message": message, **params},
    }
