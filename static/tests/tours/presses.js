/** What a person pressed since counting began: clicks and taps, and keys. */
let pressed = { clicks: [], keys: [] };
const MODIFIERS = ["Alt", "Control", "Meta", "Shift"];

function noteClick(ev) {
    pressed.clicks.push(ev.target.textContent.trim().slice(0, 30) || ev.target.tagName);
}

function noteKey(ev) {
    if (!MODIFIERS.includes(ev.key)) {
        pressed.keys.push(ev.key);
    }
}

function begin() {
    pressed = { clicks: [], keys: [] };
    window.addEventListener("pointerdown", noteClick, { capture: true });
    window.addEventListener("keydown", noteKey, { capture: true });
}

function end(wanted) {
    window.removeEventListener("pointerdown", noteClick, { capture: true });
    window.removeEventListener("keydown", noteKey, { capture: true });
    for (const [kind, many] of Object.entries({ clicks: 0, keys: 0, ...wanted })) {
        const found = pressed[kind];
        if (found.length !== many) {
            throw new Error(`${found.length} ${kind} instead of ${many}: ${found.join(", ")}`);
        }
    }
}

/** Steps of a tour that fail unless just so much is pressed in them.
 *
 * @param {{ clicks?: number, keys?: number }} wanted what is not named is not pressed
 * @param {Array} steps the last one waits for what was to be reached
 */
export function counted(wanted, steps) {
    const words = JSON.stringify(wanted);
    return [
        { content: `Count: ${words}`, trigger: "body", run: begin },
        ...steps,
        { content: `Counted: ${words}`, trigger: "body", run: () => end(wanted) },
    ];
}
