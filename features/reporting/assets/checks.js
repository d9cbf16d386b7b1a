// @ts-check
// Judges a report while it is typed, as src/model/rule.rs does at the server.

import { print } from "./amount.js";
import { parse, run } from "./formula.js";

/** @typedef {import("./formula.js").Program} Program */
/** A check as src/pages/rules_json.rs writes it; one without a program asks whether anything stands in its cells.
 * @typedef {{ code: string, severity: "error" | "warning", message: string, cells: string[], program?: Program,
 *   numbers?: Record<string, { program: Program, decimals: number }> }} Rule */
/** Figures of the period before as "5" or "5/2". @typedef {{ rules: Rule[], previous: Record<string, string> }} Block */
/** @typedef {{ code: string, severity: "error" | "warning", message: string, cells: string[] }} Verdict */
/** What a cell holds now: "5" or "5/2", or null. @typedef {(cell: string) => string | null} Now */

/** Puts words in: `{name}`. @param {string} text @param {Record<string, string | number>} args */
export const put = (text, args) => text.replace(/\{(\w+)\}/g, (whole, name) => `${args[name] ?? whole}`);

/** A number for people, rounded with halves away from zero. @param {string} text @param {number} decimals */
function spoken(text, decimals) {
  const { n, d } = parse(text);
  const twice = (n < 0n ? -n : n) * 10n ** BigInt(decimals) * 2n + d;
  return print((n < 0n ? -1n : 1n) * (twice / (d * 2n)), decimals);
}

/** What does not hold, in the order of the rules. What needs a missing figure is not told; errors of the same cells are
 * told once, in the words of the first.
 * @param {Block} block @param {Now} now @param {(cell: string) => boolean} empty
 * @param {{ zero: string, large: string }} words @returns {Verdict[]} */
export function judge(block, now, empty, words) {
  const read = (/** @type {Program} */ program) =>
    run(program, program.inputs.map((input) =>
      input.cell !== undefined ? now(input.cell) : input.previous !== undefined ? (block.previous[input.previous] ?? null) : null));
  /** @type {Verdict[]} */
  const all = [];
  const said = new Set();
  for (const { code, severity, message, cells, program, numbers } of block.rules) {
    const told = program ? read(program) : { truth: !cells.some(empty) };
    if ("problem" in told) {
      const text = told.problem === "too_large" ? words.large : put(words.zero, { below: told.problem.zero_below });
      all.push({ code, severity: "warning", message: text, cells });
    } else if ("truth" in told && !told.truth) {
      const same = [...new Set(cells)].sort().join(" ");
      if (severity === "error" && said.has(same)) continue;
      if (severity === "error") said.add(same);
      const args = Object.entries(numbers ?? {}).map(([name, number]) => {
        const value = read(number.program);
        return [name, "number" in value ? spoken(value.number, number.decimals) : "–"];
      });
      all.push({ code, severity, message: put(message, Object.fromEntries(args)), cells });
    }
  }
  return all;
}
