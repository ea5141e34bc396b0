import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";

/** A question before something that can do harm: what has the focus is to leave it. */
export class Question extends ConfirmationDialog {
    static template = "mail_catchall_router.Question";
}

/** What lets pass what a check has stopped as a danger, by the button's method: its
 * words, and what is asked before. */
export const PASSING = {
    action_release: {
        label: _t("Release"),
        question: _t(
            "A check has stopped this as forged, spam or part of an attack. Released, it is put on a document as if the sender were real, and your colleagues may answer it. Do you want that?"
        ),
    },
    action_allow_sender: {
        label: _t("Allow Sender"),
        question: _t(
            "A check has stopped this as forged, spam or part of an attack. If you allow the sender, all email under this name that waits is released, and what comes later passes the checks. Do you want that?"
        ),
    },
};

/** Ask whether what a check has stopped is to pass; return the answer. */
export function askToPass(dialog, method) {
    const { label, question } = PASSING[method];
    return new Promise((resolve) => {
        dialog.add(
            Question,
            {
                title: label,
                body: question,
                confirmLabel: label,
                confirm: () => resolve(true),
                cancel: () => resolve(false),
            },
            { onClose: () => resolve(false) }
        );
    });
}
