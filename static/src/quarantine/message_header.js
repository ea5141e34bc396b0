import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { hotkeyService } from "@web/core/hotkeys/hotkey_service";
import { useChildRef } from "@web/core/utils/hooks";
import { FormCompiler } from "@web/views/form/form_compiler";
import { FormRenderer } from "@web/views/form/form_renderer";
import { StatusBarButtons } from "@web/views/form/status_bar_buttons/status_bar_buttons";
import { DECISIONS } from "../triage/decisions";

const SHOWN = 4;

/** The decision that a person probably wants stands first, in blue, with a few others
 * beside it; all the rest are in a menu, where their keys work, too. */
class LikelyFirst extends StatusBarButtons {
    static template = "mail_catchall_router.LikelyFirst";

    setup() {
        this.menu = useDropdownState();
        this.menuRef = useChildRef();
        this.pressedKey = "";
        const { overlayModifier } = hotkeyService;
        for (const [name, { hotkey }] of Object.entries(this.props.slots || {})) {
            if (hotkey) {
                useHotkey(`${overlayModifier}+${hotkey}`, () => this.pressInMenu(hotkey), {
                    bypassEditableProtection: true,
                    isAvailable: () => !this.menu.isOpen && this.menuSlotNames.includes(name),
                });
            }
        }
    }

    get visibleSlotNames() {
        const rank = (name) => (this.props.slots[name].isLikely ? 0 : 1);
        return super.visibleSlotNames.sort((one, other) => rank(one) - rank(other));
    }

    /** How many stand beside the menu; one more in place of a menu of one. */
    get shownCount() {
        if (this.env.isSmall) {
            return 1;
        }
        const { length } = this.visibleSlotNames;
        return length === SHOWN + 1 ? length : SHOWN;
    }

    get shownSlotNames() {
        return this.visibleSlotNames.slice(0, this.shownCount);
    }

    get menuSlotNames() {
        return this.visibleSlotNames.slice(this.shownCount);
    }

    /** A button must be there to be pressed. */
    pressInMenu(hotkey) {
        this.pressedKey = hotkey;
        this.menu.open();
    }

    onMenuOpened() {
        const key = this.pressedKey;
        this.pressedKey = "";
        if (key) {
            this.menuRef.el.querySelector(`[data-hotkey="${key}"]`)?.click();
        }
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
        const hotkeys = {};
        for (const button of el.querySelectorAll("button[data-hotkey]")) {
            hotkeys[button.getAttribute("name")] = button.getAttribute("data-hotkey");
        }
        const header = super.compileHeader(el, params);
        for (const button of header.querySelectorAll("StatusBarButtons > t > ViewButton")) {
            const { name } = JSON.parse(button.getAttribute("clickParams"));
            const isLikely = `__comp__.isLikely(${JSON.stringify(name)})`;
            button.parentElement.setAttribute("isLikely", isLikely);
            if (hotkeys[name]) {
                button.parentElement.setAttribute("hotkey", JSON.stringify(hotkeys[name]));
            }
            button.setAttribute("defaultRank", `${isLikely} ? 'btn-primary' : 'btn-secondary'`);
        }
        return header;
    }
}
