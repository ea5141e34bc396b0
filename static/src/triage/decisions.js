import { _t } from "@web/core/l10n/translation";

/** Each decision: its words, the key that takes it, and what it is called at the
 * server. One that ``asks`` opens a dialog; the others are done at once. */
export const DECISIONS = {
    choose: { label: _t("Deliver There"), icon: "fa-arrow-right" },
    create_address: {
        label: _t("Create This Address"),
        icon: "fa-plus",
        method: "action_create_address",
        asks: true,
    },
    route_to: {
        label: _t("Route To..."),
        key: "t",
        icon: "fa-share",
        method: "action_route_to",
        asks: true,
    },
    release: { label: _t("Release"), key: "r", icon: "fa-check", method: "action_release" },
    retry: { label: _t("Retry"), icon: "fa-refresh", method: "action_route" },
    confirm_forwarding: {
        label: _t("Confirm Forwarding"),
        icon: "fa-external-link",
        method: "action_confirm_forwarding",
        asks: true,
    },
    not_spam: { label: _t("Not Spam"), icon: "fa-thumbs-up", method: "action_not_spam" },
    allow_sender: {
        label: _t("Allow Sender"),
        icon: "fa-user-plus",
        method: "action_allow_sender",
    },
    snooze: {
        label: _t("Snooze..."),
        key: "s",
        icon: "fa-clock-o",
        method: "action_snooze",
        asks: true,
    },
    discard: { label: _t("Discard"), key: "d", icon: "fa-trash", method: "action_discard" },
    spam: { label: _t("Spam"), key: "m", icon: "fa-flag", method: "action_spam" },
    reject: { label: _t("Reject..."), icon: "fa-reply", method: "action_reject", asks: true },
    block_sender: {
        label: _t("Block Sender"),
        key: "b",
        icon: "fa-ban",
        method: "action_block_sender",
    },
    block_domain: {
        label: _t("Block Domain"),
        icon: "fa-ban",
        method: "action_block_domain",
        confirm: _t("From now on, Odoo ignores all email from this domain. Do you want that?"),
    },
};

/** What can be done with several mails at once. */
export const TOGETHER = ["discard", "spam", "route_to", "snooze", "release", "block_sender"];

/** What the keys do, as the help lists them. */
export const KEYS = [
    { key: "j", label: _t("Next email") },
    { key: "k", label: _t("Previous email") },
    { key: "Enter", label: _t("The blue button") },
    { key: "r", label: _t("Release") },
    { key: "t", label: _t("Route To...") },
    { key: "d", label: _t("Discard") },
    { key: "m", label: _t("Spam") },
    { key: "s", label: _t("Snooze...") },
    { key: "b", label: _t("Block Sender") },
    { key: "a", label: _t("Assign") },
    { key: "c", label: _t("Comment") },
    { key: "x", label: _t("Choose for several at once") },
    { key: "u", label: _t("Undo the last decision") },
    { key: "?", label: _t("Show these keys") },
];
