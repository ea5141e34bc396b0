import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const PAUSE = 2000; // milliseconds without a connection before it is tried again

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
        try {
            await this.orm.silent.call(record.resModel, method, [[record.resId]]);
            if (!this.isGone) {
                await record.load();
            }
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            await new Promise((resolve) => browser.setTimeout(resolve, PAUSE));
        }
    }

    async run() {
        if (this.state.isRunning) {
            return;
        }
        this.state.isRunning = true;
        try {
            while (this.isSearching) {
                await this.call(this.state.isCancelled ? "action_back" : "action_advance");
            }
        } finally {
            Object.assign(this.state, { isRunning: false, isCancelled: false });
        }
    }

    async cancel() {
        this.state.isCancelled = true;
        await this.run();
    }
}

registry.category("fields").add("catchall_setup_progress", {
    component: SetupProgress,
    displayName: _t("Progress of the setup assistant"),
    supportedTypes: ["json"],
});
