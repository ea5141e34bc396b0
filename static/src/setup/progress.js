import { Component, onWillUnmount, useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What the setup assistant is doing. It does one stage per call, so that each of
 * its sentences is on the screen while it is true.
 */
export class SetupProgress extends Component {
    static template = "mail_catchall_router.SetupProgress";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.isGone = false;
        onWillUnmount(() => {
            this.isGone = true;
        });
        useEffect(
            (step) => {
                if (step === "search") {
                    this.advance();
                }
            },
            () => [this.props.record.data.step, this.props.record.data.stage]
        );
    }

    get lines() {
        return this.props.record.data[this.props.name] || [];
    }

    async advance() {
        const { record } = this.props;
        await this.orm.silent.call(record.resModel, "action_advance", [[record.resId]]);
        if (!this.isGone) {
            await record.load();
        }
    }
}

registry.category("fields").add("catchall_setup_progress", {
    component: SetupProgress,
    displayName: _t("Progress of the setup assistant"),
    supportedTypes: ["json"],
});
