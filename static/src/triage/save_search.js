import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";
import { isPlainKey } from "./plain_key";

/** Asks for the name of a search. A menu may hold nothing to type into: screen readers
 * would not reach it. */
export class SaveSearch extends Component {
    static template = "mail_catchall_router.SaveSearch";
    static components = { Dialog };
    static props = { save: Function, close: Function };

    setup() {
        useAutofocus({ mobile: true });
        this.state = useState({ name: "" });
        this.isSaved = false;
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && isPlainKey(ev)) {
            ev.preventDefault();
            this.save();
        }
    }

    async save() {
        const name = this.state.name.trim();
        // Who presses twice has one search.
        if (name && !this.isSaved) {
            this.isSaved = true;
            this.props.close();
            await this.props.save(name);
        }
    }
}
