import {
    Component,
    onWillDestroy,
    onWillStart,
    useExternalListener,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { session } from "@web/session";
import { unlessLost } from "../app/unless_lost";

const MOST = 100; // as the server counts
const EVERY = 180000; // milliseconds between two counts on a page that is looked at
const PAUSE = 30000; // at least between two counts that nobody asked for
const CHANGED = "mail_catchall_router.changed";
const TOGETHER = 500; // milliseconds: what is decided within them is counted once

/** How many mails wait for a decision, in the bar at the top. */
export class HeldMenu extends Component {
    static template = "mail_catchall_router.HeldMenu";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ count: 0 });
        this.counted = 0;
        onWillStart(() => {
            // The page doesn't wait for it.
            this.count();
        });
        const timer = browser.setInterval(() => this.recount(), EVERY);
        onWillDestroy(() => browser.clearInterval(timer));
        useExternalListener(document, "visibilitychange", () => this.recount());
        const countSoon = useDebounced(() => !document.hidden && this.count(), TOGETHER);
        useBus(this.env.bus, "CATCHALL:DECIDED", countSoon);
        const bus = useService("bus_service");
        bus.subscribe(CHANGED, countSoon);
        onWillDestroy(() => bus.unsubscribe(CHANGED, countSoon));
        useBus(this.env.bus, "ACTION_MANAGER:UI-UPDATED", () => this.recount());
    }

    get shown() {
        return this.state.count >= MOST ? `${MOST - 1}+` : `${this.state.count}`;
    }

    get title() {
        const { count } = this.state;
        if (count === 1) {
            return _t("1 email is waiting for a decision");
        }
        return count
            ? _t("%s emails are waiting for a decision", this.shown)
            : _t("No email is waiting for a decision");
    }

    recount() {
        if (!document.hidden && Date.now() - this.counted > PAUSE) {
            this.count();
        }
    }

    async count() {
        this.counted = Date.now();
        const asked = this.orm.silent.call("mail.catchall.message", "count_to_decide", []);
        // Away for a moment: the next count is soon.
        this.state.count = (await unlessLost(asked)) ?? this.state.count;
    }

    async open() {
        await this.action.doAction("mail_catchall_router.mail_catchall_triage_action", {
            clearBreadcrumbs: true,
        });
        this.count();
    }
}

registry
    .category("systray")
    .add(
        "mail_catchall_router.HeldMenu",
        { Component: HeldMenu, isDisplayed: () => session.catchall_reader },
        { sequence: 22 }
    );
