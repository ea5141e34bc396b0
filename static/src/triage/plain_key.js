const SHORTCUTS = ["Alt", "AltGraph", "Control", "Meta"];
const BY_INPUT_METHOD = 229; // the key code of what an input method has taken
// A letter without marks, or one of another alphabet, where the place of the key counts.
const LETTER = /^(?:[a-z]|(?!\p{Script=Latin}|\p{Script=Common}|\p{Script=Inherited})[\p{L}\p{M}])$/iu;

/** Whether a key that was pressed may decide: alone, and for the letter that stands on
 * it. Odoo's own service reads "đ" as whatever key a program says it was written with:
 * UniKey and OpenKey write "đ" in place of a second "d". */
export function isPlainKey(ev) {
    return (
        !ev.isComposing &&
        ev.keyCode !== BY_INPUT_METHOD &&
        !SHORTCUTS.some((one) => ev.getModifierState(one)) &&
        (ev.key === "Enter" || LETTER.test(ev.key))
    );
}
