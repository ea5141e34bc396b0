"""What core asks again for each mail of a batch, answered once in a transaction."""

from functools import partial

from ...tools.runtime.memo import undoable_memo


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

    Only while the router routes, and with all rights: whoever else searches may see
    other records. What changes the records forgets it (:func:`forget_searches`).

    :param model: empty records of the model that is searched
    :param domain: what is searched for
    :param search: function without arguments that makes the ``Query``
    :param options: what the result depends on besides
    """
    env = model.env
    routes = env.context.get("catchall_routing") and env.su
    if not routes or not _is_of_one_table(domain):
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
