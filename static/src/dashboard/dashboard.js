import { Component, onWillStart, status, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { HealthField } from "../health/health_field";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// Told apart on a light and on a dark ground.
const COLORS = {
    delivered: "#28a745",
    ignored: "#9ca3af",
    held: "#f59e0b",
    failed: "#dc3545",
    received: "#17a2b8",
    sent: "#3b82f6",
};
const GRID_OPACITY = "33";
const LEVELS = { held: "text-warning", failed: "text-danger", unanswered: "text-info" };

/** What waits for a person, what came in and went out. */
export class Dashboard extends Component {
    static template = "mail_catchall_router.Dashboard";
    static components = { HealthField, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.keepHealth = new KeepLast();
        this.canvas = useRef("canvas");
        const { period = "week", routerId = false } = this.props.state || {};
        this.state = useState({ period, routerId, report: null, healths: [] });
        this.periods = [
            { key: "today", label: _t("Today") },
            { key: "week", label: _t("Last 7 Days") },
            { key: "month", label: _t("Last 30 Days") },
        ];
        useSetupAction({
            getLocalState: () => ({
                period: this.state.period,
                routerId: this.state.routerId,
            }),
        });
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load()]));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.chartConfig());
                return () => chart.destroy();
            },
            () => [this.state.report]
        );
    }

    async load() {
        const { period, routerId: router_id } = this.state;
        const read = (method, options) =>
            this.orm.call("mail.catchall.dashboard", method, [], options);
        const [report, waiting] = await this.keepLast.add(
            Promise.all([
                read("read_dashboard", { period, router_id }),
                read("read_waiting", { router_id }),
            ])
        );
        this.state.report = { ...report, waiting };
        // What it takes longer to judge comes after what is counted.
        this.loadHealth();
    }

    /** Read whether mail works, router by router. */
    async loadHealth() {
        const { report, routerId } = this.state;
        const ids = report.routers
            .map((router) => router.id)
            .filter((id) => !routerId || id === routerId);
        if (!ids.length) {
            return;
        }
        const healths = await this.keepHealth.add(
            this.orm.silent.read("mail.catchall.router", ids, ["name", "health_report"])
        );
        this.state.healths = healths.map((data) => ({ resId: data.id, data }));
    }

    createAddress(row) {
        return this.action.doAction("mail_catchall_router.mail_catchall_address_action", {
            additionalContext: { default_address: row.label },
            onClose: () => this.reload(),
        });
    }

    /** Who goes elsewhere with a dialog open closes both at once. */
    async reload() {
        if (status(this) !== "destroyed") {
            await this.load();
        }
    }

    async choosePeriod(period) {
        this.state.period = period;
        await this.load();
    }

    async chooseRouter(ev) {
        this.state.routerId = Number(ev.target.value) || false;
        await this.load();
    }

    /** Open the list of what a number counts. */
    async open(tile) {
        const action = await this.action.loadAction(tile.action);
        await this.action.doAction({
            ...action,
            name: tile.label,
            domain: tile.domain,
            context: {},
        });
    }

    // ------------------------------------------------------------
    // WORDS
    // ------------------------------------------------------------

    number(tile) {
        const count = formatInteger(tile.count);
        return tile.is_more ? _t("%s or more", count) : count;
    }

    level(tile) {
        return tile.count ? LEVELS[tile.key] : "text-success";
    }

    get chartTitle() {
        return this.state.period === "today"
            ? _t("Emails per hour today")
            : _t("Emails per day");
    }

    // ------------------------------------------------------------
    // CHART
    // ------------------------------------------------------------

    chartConfig() {
        const text = getComputedStyle(this.canvas.el).color;
        const { labels, series } = this.state.report.chart;
        const y = {
            stacked: true,
            beginAtZero: true,
            grid: { color: COLORS.ignored + GRID_OPACITY },
            ticks: { color: text, precision: 0 },
        };
        return {
            type: "bar",
            data: {
                labels,
                datasets: series.map(this.dataset),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: {
                        position: "bottom",
                        labels: { color: text, boxWidth: 12 },
                    },
                },
                scales: {
                    x: { stacked: true, grid: { display: false }, ticks: { color: text } },
                    y,
                },
            },
        };
    }

    dataset({ key, label, counts }) {
        const bar = { label, data: counts, backgroundColor: COLORS[key] };
        const line = { type: "line", borderColor: COLORS[key], borderWidth: 2, pointRadius: 2 };
        // What went out is no part of what came in.
        return key === "sent" ? { ...bar, ...line, stack: key } : bar;
    }
}

registry.category("actions").add("mail_catchall_router.dashboard", Dashboard);
