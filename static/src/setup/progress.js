import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What the setup assistant is doing. It does one stage per call, so that each of
 * its sentences is on the screen while it is true. Who cancels waits for the end of
 * the stage: two calls at once would get into each other's way.
 */
export class SetupProgress extends Component {
    static template = "mail_catchall_router.SetupProgress";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ isRunning: false, isCancelled: false });
        this.isGone = false;
        onWillUnmount(() => {
            this.isGone = true;
        });
        useEffect(
            (step) => {
                if (step === "search") {
                    this.run();
                }
            },
            () => [this.props.record.data.step]
        );
    }

    get lines() {
        return this.props.record.data[this.props.name] || [];
    }

    get isSearching() {
        return this.props.record.data.step === "search" && !this.isGone;
    }

    async call(method) {
        const { record } = this.props;
        await this.orm.silent.call(record.resModel, method, [[record.resId]]);
        if (!this.isGone) {
            await record.load();
        }
    }

    async run() {
        if (this.state.isRunning) {
            return;
        }
        this.state.isRunning = true;
        this.state.isCancelled = false;
        try {
            while (this.isSearching) {
                await this.call(this.state.isCancelled ? "action_back" : "action_advance");
            }
        } finally {
            this.state.isRunning = false;
        }
    }

    async cancel() {
        this.state.isCancelled = true;
        if (!this.state.isRunning) {
            await this.call("action_back");
        }
    }
}

registry.category("fields").add("catchall_setup_progress", {
    component: SetupProgress,
    displayName: _t("Progress of the setup assistant"),
    supportedTypes: ["json"],
});
