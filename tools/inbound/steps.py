"""Steps that a mail wants to be taken where no filter sees them: to scan a code with a
telephone, to go on in a messenger, to call a number.

Texts are as of `lures.plain`. Customers do each of it, too; what it counts for depends
on what else the mail says, and on whom it says that it is from.
"""

import re

from .languages import without_marks

#: Digits of a telephone number, at least; and of them real ones, not letters.
FEWEST_DIGITS, FEWEST_REAL = 9, 5
# What each mail is asked for first, as to look for a part costs next to nothing: parts
# of the words of _PAY and of _DISPUTE.
_PAY_PARTS = (
    "salar", "payroll", "check", "cheque", "slip", "pay run", "payrun", "wages",
    "direct deposit", "gehalt", "lohn", "paie", "salaire", "nomina", "stipendio",
    " luong", "\u7d66\u4e0e", "\u5de5\u8d44",
)  # fmt: skip
_DISPUTE_PARTS = (
    "cancel", "disput", "refund", "money back", "did", "not you", "authori", "stop it",
)  # fmt: skip


def _any_of(*words: str) -> re.Pattern[str]:
    """Return what finds any of these, Latin ones as whole words."""
    plain = (without_marks(one) for one in words)
    said = (rf"\b(?:{one})\b" if one[-1].isascii() else one for one in plain)
    return re.compile("|".join(said))


_SCAN = _any_of(
    "scan(?:ne[nrz]|nez|near)?", "escane\\w+", "digitaliz\\w+", "inquadr\\w+",
    "fotografier\\w*", "point your camera", "zeskanuj", "quet (?:ma|qr)", "quet",
    "qr[ -]?codes?", "codigos? qr", "ma qr", "\u626b\u63cf", "\u626b\u7801",
    "\u6383\u63cf", "\u6383\u78bc", "\u4e8c\u7ef4\u7801", "\u4e8c\u7dad\u78bc",
    "\u8aad\u307f\u53d6", "\u30b9\u30ad\u30e3\u30f3", "\uc2a4\uce94",
)  # fmt: skip
_MESSENGER = _any_of(
    "whats ?app", "telegram", "zalo", "viber", "we ?chat", "wa\\.me", "t\\.me",
    "zalo\\.me", "messenger", "line (?:id|group|app)",
    "line\u306e?\u30b0\u30eb\u30fc\u30d7",
    "\u5fae\u4fe1", "qq\u7fa4", "\u7fa4\u53f7", "\u5de5\u4f5c\u7fa4", "\u52a0\u7fa4",
    "\u4f01\u4e1a\u5fae\u4fe1", "\uce74\uce74\uc624\ud1a1",
    "(?:send|give|drop) (?:me )?(?:your|a) (?:mobile|cell|phone|whats ?app) ?"
    "(?:phone )?(?:number|no)?", "text (?:me|you)",
)  # fmt: skip
_MOVES = re.compile(
    r"\b(?:add|text|message|write|chat|join|contact|reach|ket ban|nhan tin|inbox)\b"
    r".{0,30}\b(?:whats ?app|telegram|zalo|viber|we ?chat)\b"
)
# Of money, in the languages that `lures.PAYMENT` does not know.
_MONEY = _any_of(
    "(?:auslands|bank)?uberweis\\w*", "zahlung\\w*", "rechnung\\w*",
    "geschenkkarte\\w*",
    "virements?", "factures?", "paiements?", "solde", "comptes?", "transferencias?",
    "pagos?", "pagamentos?", "facturas?", "faturas?", "saldo", "bonific[oi]",
    "fattur[ae]", "overboeking\\w*", "betaling\\w*", "przelew\\w*", "faktur\\w*",
    "receivables", "payables", "balances?", "ag(?:e)?ing (?:list|report)", "invoices?",
    "payments?", "\u632f\u8fbc", "\u652f\u6255", "\u8acb\u6c42\u66f8", "\u8f6c\u8d26",
    "\u6c47\u6b3e", "\u4ed8\u6b3e", "\u8f49\u5e33", "\uc1a1\uae08",
)  # fmt: skip
_PAY = _any_of(
    "salary", "payroll", "pay ?(?:check|cheque|slip|run)s?", "wages", "direct deposit",
    "gehalts?\\w*", "lohn\\w*", "salaires?", "paie", "nomina", "salarios?", "stipendio",
    "(?:tien|bang|nhan|tra|ky|linh) luong", "\u7d66\u4e0e", "\u5de5\u8d44",
)  # fmt: skip
_NEW = (
    r"(?:chang\w+|updat\w+|new|another|different|switch\w*|mov(?:ed|ing)|neue\w*|"
    r"ander\w*|wechsel\w*|nouve\w+|nueva?|otra|nova|outr[ao]|nuov[ao]|doi|moi|khac)"
)
_BANK = (
    r"(?:bank\w*|direct deposit|account (?:number|details)|konto\w*|compte|rib|iban|"
    r"cuenta|conta|banco|banque|banca|(?:so )?tai khoan|ngan hang)"
)
_NEW_BANK = re.compile(
    rf"\b{_NEW}\b.{{0,40}}\b{_BANK}\b|\b{_BANK}\b.{{0,40}}\b{_NEW}\b"
)
_PHONE = re.compile(r"(?<![\w.])\+?[(]?[\doli][\doli().\s-]{7,20}[\do](?![\w@])")
_CALL = _any_of("call", "dial", "speak", "phone", "ring", "help ?(?:line|desk)", "toll")
_CHARGE = _any_of(
    "charged?", "debit\\w*", "renew\\w*", "subscription", "order", "purchase",
    "invoice", "transaction", "authori[sz]ed", "receipt", "plan",
)  # fmt: skip
_DISPUTE = _any_of(
    "cancel\\w*", "disput\\w+", "refund\\w*", "money back", "did(?: not|n't) (?:ask|"
    "order|make|place|authori[sz]e|request)", "not you", "unauthori[sz]ed", "stop it",
)  # fmt: skip


def asks_scan(said: str) -> bool:
    """Tell whether a text wants something to be scanned."""
    return bool(_SCAN.search(said))


def names_messenger(said: str) -> bool:
    """Tell whether a text names a messenger, or wants a number to write to."""
    return bool(_MESSENGER.search(said))


def moves_away(said: str) -> bool:
    """Tell whether a text wants to be answered in a messenger."""
    return bool(_MOVES.search(said))


def speaks_of_money(said: str) -> bool:
    """Tell whether a text has a word of payments, in any of ten languages."""
    return bool(_MONEY.search(said))


def moves_pay(said: str) -> bool:
    """Tell whether a text wants somebody's pay to go to another bank."""
    is_likely = any(one in said for one in _PAY_PARTS)
    return is_likely and bool(_PAY.search(said) and _NEW_BANK.search(said))


def asks_call(said: str) -> bool:
    """Tell whether a text speaks of a charge, and wants a call to undo it.

    Letters may stand in the number instead of digits: `8O8`.
    """
    if not any(one in said for one in _DISPUTE_PARTS):
        return False
    wanted = (_DISPUTE, _CHARGE, _CALL)
    return all(one.search(said) for one in wanted) and any(
        _is_number(found[0]) for found in _PHONE.finditer(said)
    )


def _is_number(text: str) -> bool:
    real = sum(one.isdigit() for one in text)
    alike = sum(one in "oli" for one in text)
    return real >= FEWEST_REAL and real + alike >= FEWEST_DIGITS
