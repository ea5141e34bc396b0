"""What core asks again for each mail of a batch, answered once in a transaction."""

from functools import partial

from ...tools.runtime.memo import memo, undoable_memo

ROUTING = "routing"  # {"together": whether the transaction is that of routed mails}
SETTINGS = "settings"  # {what is asked of the settings of apps: the answer}


def routes(env):
    """Tell whether the router routes here, with all rights: whoever else searches may
    see other records. What is computed at the end of a mail has no context."""
    if not env.su:
        return False
    return bool(env.context.get("catchall_routing") or memo(env.cr, ROUTING))


def keep_routing(env):
    """Keep, until the end of the transaction, that it is one of routed mails."""
    memo(env.cr, ROUTING)["together"] = True


def ordered_search(model, search, domain, offset, limit, order, **rights):
    """Return the ``Query`` of core's ``_search``, remembered if it has an order.

    Without an order somebody goes on with the query, and changes it.

    :param search: core's ``_search``, with the arguments that follow
    """
    search = partial(search, domain, offset=offset, limit=limit, order=order, **rights)
    if not order:
        return search()
    return remembered_search(model, domain, search, offset, limit, order)


def remembered_search(model, domain, search, *options):
    """Return the ``Query`` of a search that the router's transaction has made before,
    or that of ``search()``, whose ids are remembered.

    Only while the router routes. What changes the records forgets it
    (:func:`forget_searches`).

    :param model: empty records of the model that is searched
    :param domain: what is searched for
    :param search: function without arguments that makes the ``Query``
    :param options: what the result depends on besides
    """
    env = model.env
    if not routes(env) or not _is_of_one_table(domain):
        return search()
    known = undoable_memo(env.cr, f"searches.{model._name}")
    key = repr(domain), *options, env.context.get("active_test", True)
    if key not in known:
        query = search()
        known[key] = query.get_result_ids()
        return query
    return model.browse(known[key])._as_query()


def forget_searches(model):
    """Search anew from now on: records of this model change."""
    undoable_memo(model.env.cr, f"searches.{model._name}").clear()


def remembered_settings(model, search, domain, *options):
    """Return the records that a search in the settings of an app has found before in
    the router's transaction, or those of ``search()``, which are remembered until
    settings change (:func:`forget_settings`).

    :param model: empty records of the model that is searched
    :param search: function without arguments that returns records
    :param domain: what is searched for; None is remembered of all records, as these
        are a user's own, too
    :param options: what the result depends on besides
    """
    env = model.env
    if not routes(env) or not domain or not _is_of_one_table(domain):
        return search()
    known = undoable_memo(env.cr, SETTINGS)
    active_test = env.context.get("active_test", True)
    key = model._name, repr(domain), *options, active_test, env.lang
    if key not in known:
        known[key] = search()._ids
    return model.browse(known[key])


def forget_settings(env):
    """Search anew from now on: settings of an app change."""
    undoable_memo(env.cr, SETTINGS).clear()


def remembered_existence(records, exists):
    """Return those of these records that are there, by ``exists()``; once for all of
    the router's transaction, until :func:`forget_existence`."""
    if not routes(records.env):
        return exists()
    there = undoable_memo(records.env.cr, f"there.{records._name}")
    if there.keys() >= set(records._ids):
        return records
    found = exists()
    there.update(dict.fromkeys(found._ids, True))
    return found


def forget_existence(records):
    """Look anew which are there from now on: some of this model are deleted."""
    undoable_memo(records.env.cr, f"there.{records._name}").clear()


def _is_of_one_table(domain):
    """Tell whether a domain says in plain words all that its result depends on: its
    terms name the model's own fields, or the name of a model, which never changes."""
    return type(domain) is list and all(
        isinstance(term, str)
        or (
            isinstance(term, (list, tuple))
            and isinstance(term[0], str)
            and "." not in term[0].removesuffix("_model_id.model")
            and isinstance(term[2], (str, int, list, tuple))
        )
        for term in domain
    )
