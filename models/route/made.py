"""What is on the documents that the router's transaction has made: nobody else can have
written on them, nor follow them."""

from dataclasses import dataclass, field

from odoo.fields import Domain

from ...tools.runtime.memo import memo, undoable_memo
from .remembered import forget_settings, routes

MADE = "made"  # {(model, id): Made}
COUNTS = "made_counts"  # {model: how many}
UNTRACKED = "untracked"  # {id of a message on one of these: True} without changes
MESSAGES = "mail.message"
FOLLOWERS = "mail.followers"
CHANGES = "mail.tracking.value"
ON_DOCUMENTS = {MESSAGES, FOLLOWERS, CHANGES}
EMPLOYEES = "hr.employee"
# The terms by which a search names a document.
PLACE = {"model", "res_id"}


@dataclass
class Made:
    """A document that was made in this transaction, with the ids of its messages."""

    messages: list = field(default_factory=list)
    is_followed: bool = False


def made_documents(env):
    """Return {(model, id): :class:`Made`} of those of this transaction."""
    return undoable_memo(env.cr, MADE)


def keep_made(records):
    """Keep that these records were made just now."""
    made = made_documents(records.env)
    untracked = undoable_memo(records.env.cr, UNTRACKED)
    if records._name == MESSAGES:
        for one in records if made else ():
            if document := made.get((one.model, one.res_id)):
                document.messages.append(one.id)
                untracked[one.id] = True
    elif records._name == FOLLOWERS:
        for one in records:
            if document := made.get((one.res_model, one.res_id)):
                document.is_followed = True
            else:
                forget_settings(one.env)
    elif records._name == CHANGES:
        for one in records if untracked else ():
            untracked.pop(one.mail_message_id.id, None)
    elif routes(records.env) and "message_ids" in records._fields:
        made.update({(records._name, res_id): Made() for res_id in records._ids})
        counts = memo(records.env.cr, COUNTS)
        counts[records._name] = counts.get(records._name, 0) + len(records)


def forget_made(env):
    """Ask the database from now on: what is on documents changes, or who follows."""
    made_documents(env).clear()
    undoable_memo(env.cr, UNTRACKED).clear()
    forget_settings(env)


def find_messages(model, domain, order, limit):
    """Return the messages that a search finds on a document of this transaction, or
    None where only the database knows.

    :param model: empty records of ``mail.message``
    :param domain: what is searched for
    """
    if not routes(model.env) or type(domain) is not list:
        return None
    if not all(isinstance(term, tuple) for term in domain):
        return None
    place = [term for term in domain if term[0] in PLACE]
    named = {name: value for name, operator, value in place if operator == "="}
    document = made_documents(model.env).get((named.get("model"), named.get("res_id")))
    if document is None or len(place) != len(named):
        return None
    asked = [term for term in domain if term[0] not in PLACE]
    found = model.browse(document.messages).filtered_domain(asked).sorted(order)
    return found[:limit] if limit else found


def is_unfollowed(env, documents):
    """Tell whether nobody follows these documents, as all were made in this
    transaction.

    :param documents: [(model, ids)]
    """
    made = made_documents(env)
    found = [made.get((model, res_id)) for model, ids in documents for res_id in ids]
    return bool(found) and all(one and not one.is_followed for one in found)


def are_untracked(env, domain):
    """Tell whether a search is for the changes that go with messages on documents of
    this transaction, which go with none."""
    return _is_for(domain, "mail_message_id", undoable_memo(env.cr, UNTRACKED))


def are_no_employees(env, domain):
    """Tell whether a search is for the employees whose contacts were made in this
    transaction, and no employee was."""
    made = made_documents(env)
    contacts = {res_id for name, res_id in made if name == "res.partner"}
    return _is_for(domain, "work_contact_id", contacts)


def count_made(env, model):
    """Return how many documents of a model the transaction has made, with those that
    it has undone."""
    return memo(env.cr, COUNTS).get(model, 0)


def _is_for(domain, name, ids):
    """Tell whether a domain asks for the records of nothing but some of these ids.

    :param name: of the field that names them
    """
    [*conditions] = Domain(domain).iter_conditions()
    if not ids or len(conditions) != 1:
        return False
    [one] = conditions
    is_asked = (one.field_expr, one.operator) == (name, "in")
    return is_asked and bool(one.value) and all(value in ids for value in one.value)
