import {
    Component,
    markup,
    onWillDestroy,
    onWillStart,
    status,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Domain } from "@web/core/domain";
import { CheckboxItem } from "@web/core/dropdown/checkbox_item";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError, rpcBus } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast, Mutex } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { redirect } from "@web/core/utils/urls";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formAction } from "../app/form_action";
import { PASSING, Question } from "../quarantine/question";
import { Comments } from "./comments";
import { DECISIONS, KEYS, TOGETHER } from "./decisions";
import { isPlainKey } from "./plain_key";
import { SaveSearch } from "./save_search";

const MODEL = "mail.catchall.message";
const PATH = "/odoo/mail-router-triage";
const TABLE = "mail_catchall_router.mail_catchall_quarantine_action";
const LOOKING = "mail_catchall_router.looking";
const CHANGED = "mail_catchall_router.changed";
const EVERY = 30000; // milliseconds between two looks for new mail
const TYPING = 300; // milliseconds without a key: then it is searched
const HURRY = 150; // milliseconds between two mails of who hurries past: not one is read
const DWELL = 1000; // milliseconds on a mail: then it is read, and colleagues hear of it
const HEARD = 70000; // milliseconds that a colleague counts as looking
const PAUSE = 400; // milliseconds without a decision: then the list is read again
const ASKING = 10000; // milliseconds that a dialog is waited for: another may come in its place
const SURPRISE = 1000; // milliseconds without keys after another mail came up by itself
const FIELD = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

/** The first row from the one with this id on that is wanted, else the last before it. */
function nearest(rows, id, isWanted) {
    const at = Math.max(
        rows.findIndex((row) => row.id === id),
        0
    );
    return rows.slice(at).find(isWanted) || rows.slice(0, at).findLast(isWanted);
}

/** What waits for a decision: the list, beside it the mail, and for each the decision
 * that a person probably wants. Made to be worked through with the keyboard. */
export class Triage extends Component {
    static template = "mail_catchall_router.Triage";
    static components = { CheckboxItem, Comments, Dropdown, DropdownItem, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.orm = useService("orm");
        this.store = useService("mail.store");
        this.root = useRef("root");
        this.keys = KEYS;
        this.model = MODEL;
        this.isOwn = false; // whether this user has just decided something
        this.asked = 0; // since when the dialog of a decision is on its way
        this.listed = []; // the rows as the server has sent them last
        this.back = []; // the mails that this user has just taken back: to be seen again
        this.opened = 0; // when a mail was opened last
        this.surprised = 0; // when another mail came up by itself
        this.keepList = new KeepLast();
        this.keepMail = new KeepLast();
        this.decisions = new Mutex();
        this.state = useState({
            rows: [],
            count: 0,
            reasons: [],
            tabs: {},
            attacks: [],
            snoozed: 0,
            mayDecide: false,
            search: "",
            tab: "",
            reason: "",
            order: "",
            favourites: [],
            favourite: false, // the one that is applied: its id
            domain: [], // what a favourite keeps of the choices
            current: this.props.resId || false,
            mail: null,
            chosen: new Set(),
            isReading: Boolean(this.props.resId), // on a phone: the mail, not the list
            looking: {}, // colleagues by id: their name, which mail, and when heard of
            isHelping: false,
            isLost: false, // the mail could not be read: there was no connection
            isDiscussing: false, // the comments of colleagues are shown
            pending: 0, // decisions that are on their way to the server
        });
        this.searchSoon = useDebounced(() => this.load(), TYPING);
        // Who goes elsewhere with a dialog open closes both at once.
        this.reload = useDebounced(
            () => status(this) !== "destroyed" && this.look(),
            PAUSE
        );
        this.readSoon = useDebounced(() => this.readMail(), HURRY);
        this.tellSoon = useDebounced(() => this.haveLooked(), DWELL);
        this.listen();
        onWillStart(() => Promise.all([this.loadFirst(), this.loadFavourites()]));
        useBus(this.env.bus, "CATCHALL:DECIDED", ({ detail }) => {
            this.isOwn = true;
            if (detail) {
                detail.isShown = true;
                this.back.push(...detail.backIds);
            }
            this.reload();
        });
        const timer = browser.setInterval(() => {
            this.look();
            this.tellLooking();
        }, EVERY);
        onWillDestroy(() => browser.clearInterval(timer));
        useEffect(
            () => {
                const isHurried = Date.now() - this.opened < HURRY;
                this.opened = Date.now();
                this.state.isDiscussing = false;
                if (isHurried) {
                    this.readSoon();
                } else {
                    this.readMail();
                }
                this.focusRow();
            },
            () => [this.state.current]
        );
        useEffect(
            () => {
                // A dialog is gone, and so is what had the focus before it.
                if (document.activeElement === document.body) {
                    this.focusRow();
                }
            },
            () => [this.state.rows]
        );
        this.useKeys();
    }

    // ------------------------------------------------------------
    // KEYS
    // ------------------------------------------------------------

    useKeys() {
        // The service tells nothing of the key but its name.
        let pressed = null;
        const note = (ev) => {
            pressed = ev;
        };
        useExternalListener(window, "keydown", note, { capture: true });
        // Letters choose in a list of choices, as they write in a field.
        const once = { isAvailable: (target) => isPlainKey(pressed) && !target.closest("select") };
        const often = { ...once, allowRepeat: true };
        useHotkey("j", () => this.move(1), often);
        useHotkey("k", () => this.move(-1), often);
        for (const [name, { key }] of Object.entries(DECISIONS)) {
            if (key) {
                useHotkey(key, () => this.decideByKey(name), once);
            }
        }
        useHotkey("a", () => this.assign(), once);
        useHotkey("c", () => this.discuss(), once);
        useHotkey("u", () => this.undo(), once);
        useHotkey("x", () => this.chooseByKey(), once);
        // A button that has the focus is pressed by Enter itself.
        const isFree = (target) =>
            isPlainKey(pressed) &&
            (target.closest(".o_catchall_row_open") ||
                !target.closest("button, a, input, select"));
        useHotkey("enter", () => this.decideByKey(this.primary), { isAvailable: isFree });
        useExternalListener(window, "keydown", (ev) => {
            const isAsked = ev.key === "?" && !ev.repeat && !ev.ctrlKey && !ev.metaKey;
            if (isAsked && !ev.target.closest(`${FIELD}, .modal`)) {
                this.state.isHelping = !this.state.isHelping;
            }
        });
    }

    decideByKey(name) {
        if (this.isAsking || Date.now() - this.surprised < SURPRISE) {
            return; // The key was meant for the mail that was there before.
        }
        const ids = this.chosenIds;
        const offered = this.state.chosen.size
            ? TOGETHER
            : this.current
              ? [this.current.primary, ...this.current.actions]
              : [];
        if (this.state.mayDecide && ids.length && offered.includes(name)) {
            return this.decide(name, ids);
        }
    }

    chooseByKey() {
        if (this.state.mayDecide && this.current) {
            this.choose(this.current.id);
        }
    }

    move(steps) {
        this.back = [];
        const at = this.rows.findIndex((row) => row.id === this.state.current);
        const row = this.rows[Math.min(Math.max(at + steps, 0), this.rows.length - 1)];
        if (row) {
            this.state.current = row.id;
        }
    }

    /** Bring the row of the mail that is read into sight, and give it the focus, unless
     * somebody is writing: the next letters would be decisions. */
    focusRow() {
        const open = this.root.el?.querySelector(".o_catchall_row_open[aria-current=true]");
        open?.closest(".o_catchall_row").scrollIntoView({ block: "nearest" });
        if (!document.querySelector(".modal") && !document.activeElement?.closest(FIELD)) {
            open?.focus({ preventScroll: true });
        }
    }

    /** From the search on to what it has found. */
    async leaveSearch(ev) {
        if (ev.key === "Enter" && isPlainKey(ev)) {
            await this.load();
            ev.target.blur();
            this.focusRow();
        }
    }

    // ------------------------------------------------------------
    // READ
    // ------------------------------------------------------------

    /** Read the list for the first time; what a link names and is not in it is told. */
    async loadFirst() {
        const { resId } = this.props;
        await this.load();
        if (resId && !this.rows.some((row) => row.id === resId)) {
            this.state.isReading = false;
            await this.explain(resId);
        }
    }

    async explain(id) {
        const { sentence, company } = await this.orm.call(MODEL, "explain_linked", [id]);
        const choose = () => {
            const chosen = [...user.activeCompanies.map((one) => one.id), company];
            user.activateCompanies(chosen, { includeChildCompanies: false, reload: false });
            redirect(`${PATH}/${id}`);
        };
        this.notification.add(sentence, {
            type: "warning",
            sticky: Boolean(company),
            buttons: company ? [{ name: _t("Show It"), onClick: choose, primary: true }] : [],
        });
    }

    /** Read the list, and open its first mail, unless that which is open is in it.
     *
     * @param {boolean} stays the same is looked for as before: what is gone was decided
     *     about, and the next one after it is opened
     */
    async load(stays = false) {
        const { search, tab, reason, order } = this.state;
        const report = await this.keepList.add(
            this.orm.silent.call(MODEL, "read_triage", [], {
                ...{ search, tab, reason, order },
                linked: this.isNarrow ? 0 : this.props.resId || 0,
                domain: this.favouriteDomain,
            })
        );
        const { may_decide: mayDecide, ...shown } = report;
        const { rows } = report;
        const before = stays ? this.rows : [];
        Object.assign(this.state, { ...shown, mayDecide });
        this.listed = rows;
        const ids = new Set(rows.map((row) => row.id));
        for (const id of this.state.chosen) {
            if (!ids.has(id)) {
                this.state.chosen.delete(id);
            }
        }
        const back = this.back.find((id) => ids.has(id));
        if (back) {
            this.state.current = back;
        } else if (!ids.has(this.state.current)) {
            this.goOn(before, ids);
        }
        Object.assign(this, { isOwn: false, back: [] });
    }

    /** Open the mail after the one that waits no more. */
    goOn(before, ids) {
        const gone = before.find((row) => row.id === this.state.current);
        const next = nearest(before, this.state.current, (row) => ids.has(row.id));
        this.state.current = next?.id || this.rows[0]?.id || false;
        this.state.isReading &&= Boolean(this.state.current);
        if (gone && !this.isOwn) {
            this.surprised = Date.now();
            this.notification.add(
                _t("“%s” waits no more: somebody has decided about it.", gone.subject),
                { type: "info" }
            );
        }
    }

    /** Read the list again, unless nobody looks, or decisions are on their way: until
     * then it is right, and the last of them asks again. Who writes a comment goes on
     * with the same mail. */
    async look() {
        if (document.hidden || this.state.pending || this.isWriting) {
            return;
        }
        try {
            await this.load(true);
            if (this.state.current && this.state.mail?.id !== this.state.current) {
                await this.readMail(); // It could not be read before.
            }
        } catch (error) {
            // Away for a moment: the next look is soon.
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
    }

    /** Look soon, and keep nobody waiting for it: a dialog stays open until then. */
    lookAgain() {
        this.reload();
    }

    async readMail() {
        const id = this.state.current;
        this.props.updateActionState?.({ resId: id });
        if (!id) {
            this.state.mail = null;
            return;
        }
        this.tellSoon();
        let mail = null;
        try {
            mail = await this.keepMail.add(
                this.orm.silent.call(MODEL, "read_triage_mail", [[id]])
            );
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.state.isLost = true; // The next look reads it.
            return;
        }
        this.state.isLost = false;
        if (this.state.current === id) {
            this.state.mail = mail;
        }
    }

    /** Who stays on a mail for a moment has seen it. */
    async haveLooked() {
        const row = this.current;
        if (row?.is_unread && !document.hidden && (await this.tell("action_mark_read"))) {
            row.is_unread = false;
        }
        await this.tellLooking();
    }

    // ------------------------------------------------------------
    // COLLEAGUES
    // ------------------------------------------------------------

    /** Hear of colleagues who look at a mail, or have decided about one. */
    listen() {
        const bus = useService("bus_service");
        const heard = ({ id, user_id: userId, name }) => {
            if (userId !== user.userId) {
                this.state.looking[userId] = { id, name, at: Date.now() };
            }
        };
        const changed = () => this.reload();
        bus.subscribe(LOOKING, heard);
        bus.subscribe(CHANGED, changed);
        onWillDestroy(() => {
            bus.unsubscribe(LOOKING, heard);
            bus.unsubscribe(CHANGED, changed);
        });
    }

    async tellLooking() {
        if (this.state.current && !document.hidden) {
            await this.tell("tell_looking");
        }
    }

    /** Tell the server something of the mail that is read; it is no harm if it does not
     * hear it. */
    async tell(method) {
        try {
            await this.orm.silent.call(MODEL, method, [[this.state.current]]);
            return true;
        } catch (error) {
            // Away for a moment, or the mail is: colleagues need not know.
            if (!(error instanceof ConnectionLostError || error instanceof RPCError)) {
                throw error;
            }
            return false;
        }
    }

    /** Say who else is looking at a mail. */
    lookers(id) {
        const now = Date.now();
        const names = Object.values(this.state.looking)
            .filter((one) => one.id === id && now - one.at < HEARD)
            .map((one) => one.name);
        return names.length ? _t("%s is looking at it", names.join(", ")) : "";
    }

    // ------------------------------------------------------------
    // CHOOSE
    // ------------------------------------------------------------

    get rows() {
        return this.state.rows;
    }

    get current() {
        return this.rows.find((row) => row.id === this.state.current);
    }

    get primary() {
        return this.state.chosen.size ? "discard" : this.current?.primary;
    }

    /** The mails that a decision is about: the chosen ones, else the one that is read. */
    get chosenIds() {
        const { chosen, current } = this.state;
        return chosen.size ? [...chosen] : [current].filter(Boolean);
    }

    choose(id) {
        const { chosen } = this.state;
        if (!chosen.delete(id)) {
            chosen.add(id);
        }
    }

    chooseSender(address) {
        for (const row of this.rows.filter((one) => one.address === address)) {
            this.state.chosen.add(row.id);
        }
    }

    chooseAll() {
        for (const row of this.rows) {
            this.state.chosen.add(row.id);
        }
    }

    chooseNone() {
        this.state.chosen.clear();
    }

    read(id) {
        this.back = [];
        this.state.current = id;
        this.state.isReading = true;
    }

    backToList() {
        this.state.isReading = false;
    }

    search(ev) {
        this.state.search = ev.target.value;
        this.searchSoon();
    }

    filter(ev) {
        this.state.reason = ev.target.value;
        if (!ev.target.matches(":focus-visible")) {
            ev.target.blur(); // Chosen with the mouse: the keys are for the list again.
        }
        return this.load();
    }

    openTab(tab) {
        Object.assign(this.state, { tab, reason: "" });
        this.chooseNone();
        return this.load();
    }

    // ------------------------------------------------------------
    // FAVOURITES
    // ------------------------------------------------------------

    /** Read the searches that this user has saved, here or in the table. */
    async loadFavourites() {
        const { id } = await this.action.loadAction(TABLE);
        this.state.favourites = await this.orm.call("ir.filters", "get_filters", [MODEL, id]);
    }

    get favouriteDomain() {
        const { favourites, favourite } = this.state;
        const chosen = favourites.find((one) => one.id === favourite);
        return chosen ? new Domain(chosen.domain).toList(user.context) : [];
    }

    /** Apply a saved search, or no longer. */
    applyFavourite(id) {
        this.state.favourite = this.state.favourite === id ? false : id;
        this.chooseNone();
        return this.load();
    }

    askForName() {
        this.dialog.add(SaveSearch, { save: (name) => this.saveFavourite(name) });
    }

    /** Save what is looked for just now, for this user alone. */
    async saveFavourite(name) {
        const { id } = await this.action.loadAction(TABLE);
        const values = {
            name,
            model_id: MODEL,
            action_id: id,
            user_ids: [[6, 0, [user.userId]]],
            domain: new Domain(this.state.domain).toString(),
        };
        const [saved] = await this.orm.call("ir.filters", "create_filter", [values]);
        this.state.favourite = saved;
        // The table offers it, too.
        rpcBus.trigger("CLEAR-CACHES", "get_views");
        Object.assign(this.state, { search: "", tab: "", reason: "" });
        await this.loadFavourites();
        await this.load();
    }

    toggleSenders() {
        this.state.order = this.state.order ? "" : "sender";
        return this.load();
    }

    // ------------------------------------------------------------
    // DECIDE
    // ------------------------------------------------------------

    /** Take a decision; one that can do harm is asked about first. */
    async decide(name, ids) {
        const { confirm, asks } = DECISIONS[name];
        const question = confirm || this.question(name, ids);
        if (question) {
            return this.dialog.add(Question, {
                title: DECISIONS[name].label,
                body: question,
                confirmLabel: DECISIONS[name].label,
                confirm: () => this.take(name, ids),
                cancel: () => {},
            });
        }
        return asks ? this.ask(name, ids) : this.take(name, ids);
    }

    question(name, ids) {
        const rows = this.rows.filter((row) => ids.includes(row.id));
        const passing = PASSING[DECISIONS[name].method];
        return passing && rows.some((row) => row.is_dangerous) ? passing.question : "";
    }

    /** Decide at once: the list goes on, the server follows. */
    take(name, ids) {
        const row = this.rows.find((one) => one.id === ids[0]);
        const gone = this.forget(ids);
        this.state.pending++;
        return this.decisions.exec(async () => {
            try {
                const next =
                    name === "choose"
                        ? await this.orm.call("mail.catchall.candidate", "action_choose", [
                              row.candidate.id,
                          ])
                        : await this.orm.call(MODEL, DECISIONS[name].method, [ids]);
                await this.follow(next, name);
            } catch (error) {
                this.env.bus.trigger("CATCHALL:DECIDED");
                if (error instanceof ConnectionLostError) {
                    this.bringBack(gone);
                } else {
                    this.refuse(error);
                }
            } finally {
                this.state.pending--;
            }
        });
    }

    /** List mails again of which the server has perhaps not heard. */
    bringBack(ids) {
        const before = this.rows.length;
        const shown = new Set([...ids, ...this.rows.map((row) => row.id)]);
        const { subject } = this.listed.find((row) => ids.has(row.id)) || {};
        this.state.rows = this.listed.filter((row) => shown.has(row.id));
        this.state.count += this.rows.length - before;
        this.state.current ||= this.rows[0]?.id || false;
        const words =
            ids.size === 1
                ? _t("The connection was lost. “%s” is listed again.", subject)
                : _t("The connection was lost. What you decided is listed again.");
        this.notification.add(words, { type: "warning" });
    }

    /** Say what the server refuses, without a dialog that keeps from going on. */
    refuse(error) {
        if (error.exceptionName !== "odoo.exceptions.UserError") {
            throw error;
        }
        this.notification.add(error.data.message, { type: "warning" });
    }

    async follow(next, name) {
        if (next?.type) {
            return this.action.doAction(next);
        }
        this.notification.add(DECISIONS[name].label, { type: "info" });
        this.env.bus.trigger("CATCHALL:DECIDED");
    }

    /** Open the dialog of a decision that needs one more word. Until it is there, no key
     * decides anything. */
    async ask(name, ids) {
        if (this.isAsking) {
            return;
        }
        this.asked = Date.now();
        try {
            const next = await this.orm.call(MODEL, DECISIONS[name].method, [ids]);
            await this.action.doAction(next, { onClose: () => this.lookAgain() });
        } catch (error) {
            this.reload();
            this.refuse(error);
        } finally {
            this.asked = 0;
        }
    }

    get isAsking() {
        return Date.now() - this.asked < ASKING;
    }

    /** Take mails out of the list, and go on to the next one.
     *
     * @returns {Set} their ids
     */
    forget(ids) {
        const gone = new Set(ids);
        const rest = (row) => !gone.has(row.id);
        const next = nearest(this.rows, this.state.current, rest);
        this.state.rows = this.rows.filter(rest);
        this.state.count -= gone.size;
        this.chooseNone();
        if (gone.has(this.state.current)) {
            this.state.current = next?.id || false;
            this.state.mail = null;
            this.state.isReading &&= Boolean(next);
        }
        return gone;
    }

    /** Ask whose task the mails are: an activity, as on any document. */
    async assign() {
        if (this.chosenIds.length) {
            await this.store.scheduleActivity(MODEL, this.chosenIds);
            await this.load(true);
        }
    }

    get isWriting() {
        const comments = this.root.el?.querySelector(".o_catchall_discussed");
        return Boolean(comments?.contains(document.activeElement));
    }

    /** From the comments back to the list. */
    leaveComments(ev) {
        if (ev.key === "Escape" && !ev.isComposing) {
            this.state.isDiscussing = false;
            document.activeElement.blur();
            this.focusRow();
        }
    }

    discuss() {
        this.state.isDiscussing = !this.state.isDiscussing;
    }

    /** Take back the last decision of this user, wherever it was made. */
    undo() {
        if (!this.state.mayDecide) {
            return;
        }
        return this.decisions.exec(async () => {
            try {
                const next = await this.orm.call(MODEL, "undo_last", []);
                await this.action.doAction(next);
            } catch (error) {
                this.refuse(error);
            }
        });
    }

    async discardAttack(attack) {
        const next = await this.orm.call("mail.catchall.attack", "action_discard", [[attack.id]]);
        if (next?.type) {
            await this.action.doAction(next, { onClose: () => this.lookAgain() });
        }
        this.env.bus.trigger("CATCHALL:DECIDED");
    }

    openAttack(attack) {
        return this.action.doAction(formAction("mail.catchall.attack", attack.id));
    }

    openMail() {
        return this.action.doAction(formAction(MODEL, this.state.current));
    }

    openSnoozed() {
        return this.action.doAction(TABLE, {
            additionalContext: {
                search_default_to_decide: 0,
                search_default_no_attack: 0,
                search_default_snoozed: 1,
            },
        });
    }

    openTable() {
        return this.action.doAction(TABLE);
    }

    async openDelivery(delivery) {
        const next = await this.orm.call("mail.catchall.delivery", "action_open_record", [
            [delivery.id],
        ]);
        return this.action.doAction(next);
    }

    // ------------------------------------------------------------
    // WORDS
    // ------------------------------------------------------------

    label(name, row) {
        if (name === "choose" && row?.candidate) {
            const { address, is_forward: isForward } = row.candidate;
            return isForward ? _t("Forward to %s", address) : _t("Deliver to %s", address);
        }
        return DECISIONS[name]?.label || "";
    }

    icon(name) {
        return DECISIONS[name]?.icon || "";
    }

    key(name) {
        return DECISIONS[name]?.key || "";
    }

    /** What is offered on several mails at once. */
    get together() {
        return TOGETHER;
    }

    /** What a row offers itself: where the mail probably belongs. */
    offer(row) {
        return ["choose", "create_address", "retry"].includes(row.primary) ? row.primary : "";
    }

    isFirstOfSender(index) {
        return (
            this.state.order === "sender" &&
            this.rows[index].address !== this.rows[index - 1]?.address
        );
    }

    ofSender(address) {
        return this.rows.filter((row) => row.address === address).length;
    }

    age(row) {
        return deserializeDateTime(row.arrived).toRelative({ style: "short" });
    }

    /** The trace in words; the server escapes what a sender wrote. */
    get why() {
        return markup(this.state.mail.why);
    }

    get waiting() {
        const { count } = this.state;
        return count === 1 ? _t("1 email is waiting for you") : _t("%s emails are waiting for you", count);
    }

    /** Whether something was chosen of what waits: what is not listed may wait all the same. */
    get isNarrow() {
        const { search, tab, reason, favourite } = this.state;
        return Boolean(search.trim() || tab || reason || favourite);
    }

    showAll() {
        Object.assign(this.state, { search: "", tab: "", reason: "", favourite: false });
        this.chooseNone();
        return this.load();
    }

    /** The tabs, unless all that waits stands in one of them. */
    get tabs() {
        const { mail = 0, spam = 0 } = this.state.tabs;
        if (!this.state.tab && !(mail && spam)) {
            return [];
        }
        return [
            { name: "", label: _t("All"), count: mail + spam },
            { name: "mail", label: _t("Without Spam"), count: mail },
            { name: "spam", label: _t("Spam"), count: spam },
        ];
    }

    get snoozed() {
        const { snoozed } = this.state;
        return snoozed === 1 ? _t("1 snoozed") : _t("%s snoozed", snoozed);
    }

    get chosenCount() {
        const { size } = this.state.chosen;
        return size === 1 ? _t("1 chosen") : _t("%s chosen", size);
    }
}

registry.category("actions").add("mail_catchall_router.triage", Triage);
