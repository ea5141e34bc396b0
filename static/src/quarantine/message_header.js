import { FormCompiler } from "@web/views/form/form_compiler";
import { FormRenderer } from "@web/views/form/form_renderer";
import { StatusBarButtons } from "@web/views/form/status_bar_buttons/status_bar_buttons";
import { DECISIONS } from "../triage/decisions";

/** The decision that a person probably wants stands first, in blue; on a phone it is the
 * one that needs no menu. */
class LikelyFirst extends StatusBarButtons {
    get visibleSlotNames() {
        const rank = (name) => (this.props.slots[name].isLikely ? 0 : 1);
        return super.visibleSlotNames.sort((one, other) => rank(one) - rank(other));
    }
}

export class MessageFormRenderer extends FormRenderer {
    static components = { ...FormRenderer.components, StatusBarButtons: LikelyFirst };

    isLikely(method) {
        return DECISIONS[this.props.record.data.likely_decision]?.method === method;
    }
}

export class MessageFormCompiler extends FormCompiler {
    compileHeader(el, params) {
        const header = super.compileHeader(el, params);
        for (const button of header.querySelectorAll("StatusBarButtons > t > ViewButton")) {
            const { name } = JSON.parse(button.getAttribute("clickParams"));
            const isLikely = `__comp__.isLikely(${JSON.stringify(name)})`;
            button.parentElement.setAttribute("isLikely", isLikely);
            button.setAttribute("defaultRank", `${isLikely} ? 'btn-primary' : 'btn-secondary'`);
        }
        return header;
    }
}
