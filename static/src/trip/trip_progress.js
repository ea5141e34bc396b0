import { Component, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { unlessLost } from "../app/unless_lost";

const PAUSE = 2000; // milliseconds between two questions

const ICONS = {
    done: "fa-check-circle text-success",
    now: "fa-spinner fa-spin text-primary",
    todo: "fa-circle-o text-muted",
    failed: "fa-times-circle text-danger",
};

/** How far a round trip is. While it is open, the server is asked for the next step. */
export class TripProgress extends Component {
    static template = "mail_catchall_router.TripProgress";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ followed: null });
        useEffect(
            (tripId) => {
                const shown = { tripId, timer: null, isGone: false };
                this.state.followed = null;
                if (tripId && this.progress.is_open) {
                    this.follow(shown);
                }
                return () => {
                    shown.isGone = true;
                    browser.clearTimeout(shown.timer);
                };
            },
            () => [this.props.record.resId]
        );
    }

    get progress() {
        return this.state.followed || this.props.record.data[this.props.name] || {};
    }

    icon(step) {
        return ICONS[step.state];
    }

    async follow(shown) {
        const progress = await this.ask(shown.tripId);
        if (shown.isGone) {
            return;
        }
        if (progress && !progress.is_open) {
            // The end is shown together with its findings: a dialog that grew a moment
            // later would draw its buttons from under the pointer.
            await this.props.record.load();
            this.state.followed = null;
            return;
        }
        this.state.followed = progress || this.state.followed;
        shown.timer = browser.setTimeout(() => this.follow(shown), PAUSE);
    }

    /** Take the next step; a connection that is lost for a while is tried again. */
    ask(tripId) {
        const { resModel } = this.props.record;
        return unlessLost(this.orm.silent.call(resModel, "action_follow", [tripId]));
    }
}

registry.category("fields").add("catchall_trip", {
    component: TripProgress,
    supportedTypes: ["json"],
});
