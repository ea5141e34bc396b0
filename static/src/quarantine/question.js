import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";

/** A question before something that can do harm: what has the focus is to leave it. */
export class Question extends ConfirmationDialog {
    static template = "mail_catchall_router.Question";
}

export const RELEASE_QUESTION = _t(
    "A check has stopped this as forged, spam or part of an attack. Released, it is put on a document as if the sender were real, and your colleagues may answer it. Do you want that?"
);

/** Ask whether what a check has stopped is to be released; return the answer. */
export function askToRelease(dialog) {
    return new Promise((resolve) => {
        dialog.add(
            Question,
            {
                title: _t("Release"),
                body: RELEASE_QUESTION,
                confirmLabel: _t("Release"),
                confirm: () => resolve(true),
                cancel: () => resolve(false),
            },
            { onClose: () => resolve(false) }
        );
    });
}
