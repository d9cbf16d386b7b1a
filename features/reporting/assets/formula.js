// @ts-check
// Runs compiled formulas: the twin of src/model/formula/{rational,run}.rs, step by step (tests/vectors/formulas.json).

/** @typedef {{ n: bigint, d: bigint }} Rational in lowest terms, d > 0 */
/** @typedef {{ zero_below: string } | "too_large"} Problem */
/** What a formula gives; numbers as "5" or "5/2", what is missing by index among the inputs.
 * @typedef {{ number: string } | { truth: boolean } | { missing: number[] } | { problem: Problem }} Outcome */
/** @typedef {{ is: "number", it: Rational } | { is: "truth", it: boolean } | { is: "missing", it: Set<number> }
 *   | { is: "problem", it: Problem }} Value */
/** A step: its name, or its name with what it takes along. @typedef {string | Record<string, any>} Op */
/** @typedef {{ kind: string, inputs: Record<string, string>[], ops: Op[] }} Program */
/** A figure as "5" or "5/2"; null when it is missing. @typedef {string | null | { problem: Problem }} Reading */

const MOST = 2n ** 127n - 1n;
/** Thrown where the Rust twin gives nothing; never leaves this file. */
const TOO_LARGE = new RangeError("beyond ±(2¹²⁷ − 1)");

const abs = (/** @type {bigint} */ x) => (x < 0n ? -x : x);
const sign = (/** @type {bigint} */ x) => (x < 0n ? -1n : x > 0n ? 1n : 0n);

/** @param {bigint} x @returns {bigint} */
function fit(x) {
  if (abs(x) > MOST) throw TOO_LARGE;
  return x;
}

/** @param {bigint} a @param {bigint} b @returns {bigint} at least 1 */
function gcd(a, b) {
  for ([a, b] = [abs(a), abs(b)]; b !== 0n; ) [a, b] = [b, a % b];
  return a > 1n ? a : 1n;
}

/** @param {bigint} n @param {bigint} d @param {bigint} by @returns {Rational} */
const rational = (n, d, by = gcd(n, d)) => ({ n: n / by, d: d / by });

/** Reads "5" or "5/2". @param {string} text @returns {Rational} */
export function parse(text) {
  const [n, d] = text.split("/");
  return rational(fit(BigInt(n)), fit(BigInt(d ?? 1)));
}

const print = (/** @type {Rational} */ a) => (a.d === 1n ? `${a.n}` : `${a.n}/${a.d}`);
const negated = (/** @type {Rational} */ a) => ({ n: -a.n, d: a.d });

/** @param {Rational} a @param {Rational} b @returns {Rational} */
function plus(a, b) {
  const shared = gcd(a.d, b.d);
  return rational(fit(fit(a.n * (b.d / shared)) + fit(b.n * (a.d / shared))), fit(a.d * (b.d / shared)));
}

/** @param {Rational} a @param {Rational} b @returns {Rational} */
function times(a, b) {
  const [one, two] = [gcd(a.n, b.d), gcd(b.n, a.d)];
  return { n: fit((a.n / one) * (b.n / two)), d: fit((a.d / two) * (b.d / one)) };
}

/** @param {Rational} a @param {Rational} b @returns {number} below, at or above 0 */
function compare(a, b) {
  const shared = gcd(a.d, b.d);
  return Number(sign(fit(a.n * (b.d / shared)) - fit(b.n * (a.d / shared))));
}

/** Halves go away from zero. @param {Rational} a @param {number} places @returns {Rational} */
function rounded(a, places) {
  const scale = 10n ** BigInt(places);
  const twice = fit(fit(fit(abs(a.n) * scale) * 2n) + a.d);
  return rational((twice / fit(a.d * 2n)) * sign(a.n), scale);
}

/** @type {Record<string, (order: number) => boolean>} */
const ORDERS = { lt: (o) => o < 0, le: (o) => o <= 0, eq: (o) => o === 0, ne: (o) => o !== 0, ge: (o) => o >= 0, gt: (o) => o > 0 };
/** @type {Record<string, (all: Rational[], extra: any) => Rational>} */
const SUMS = {
  neg: ([a]) => negated(a),
  abs: ([a]) => ({ n: abs(a.n), d: a.d }),
  round: ([a], places) => rounded(a, places),
  add: ([a, b]) => plus(a, b),
  sub: ([a, b]) => plus(a, negated(b)),
  mul: ([a, b]) => times(a, b),
  div: ([a, b]) => times(a, { n: b.d * sign(b.n), d: abs(b.n) }),
  min: (all) => all.reduce((best, one) => (compare(one, best) < 0 ? one : best)),
  max: (all) => all.reduce((best, one) => (compare(one, best) > 0 ? one : best)),
  sum: (all) => all.reduce(plus, { n: 0n, d: 1n }),
};

/** What is missing among parts, or else the first problem. @param {Value[]} parts @returns {Value | undefined} */
function open(parts) {
  const missing = parts.filter((part) => part.is === "missing");
  if (missing.length) return { is: "missing", it: new Set(missing.flatMap((part) => [.../** @type {any} */ (part.it)])) };
  return parts.find((part) => part.is === "problem");
}

/** @param {string} name @param {any} extra @param {Value[]} parts @returns {Value} */
function step(name, extra, parts) {
  if (name === "or_zero") return parts[0].is === "missing" ? { is: "number", it: { n: 0n, d: 1n } } : parts[0];
  if (name === "has") return parts[0].is === "problem" ? parts[0] : { is: "truth", it: parts[0].is !== "missing" };
  if (name === "and" || name === "or") {
    const deciding = name === "or";
    if (parts.some((part) => part.is === "truth" && part.it === deciding)) return { is: "truth", it: deciding };
    return open(parts) ?? { is: "truth", it: !deciding };
  }
  const known = name === "sum" ? parts.filter((part) => part.is !== "missing") : [];
  if (known.length) parts = known;
  const unknown = open(parts);
  if (unknown) return unknown;
  const all = parts.map((part) => /** @type {any} */ (part.it));
  if (name === "not") return { is: "truth", it: !all[0] };
  if (name === "div" && all[1].n === 0n) return { is: "problem", it: { zero_below: extra } };
  try {
    if (name in ORDERS) return { is: "truth", it: ORDERS[name](compare(all[0], all[1])) };
    return { is: "number", it: SUMS[name](all, extra) };
  } catch (error) {
    if (error !== TOO_LARGE) throw error;
    return { is: "problem", it: "too_large" };
  }
}

/** @param {Reading} reading @param {number} index @returns {Value} */
function value(reading, index) {
  if (reading === null) return { is: "missing", it: new Set([index]) };
  return typeof reading === "string" ? { is: "number", it: parse(reading) } : { is: "problem", it: reading.problem };
}

/** Runs a program on the readings of its inputs. @param {Program} program @param {Reading[]} readings @returns {Outcome} */
export function run(program, readings) {
  const stack = /** @type {Value[]} */ ([]);
  for (let at = 0; at < program.ops.length; at++) {
    const op = program.ops[at];
    let [name, extra] = typeof op === "string" ? [op, undefined] : Object.entries(op)[0];
    if (name === "do") name = extra;
    if (name === "number") stack.push({ is: "number", it: parse(extra) });
    else if (name === "input") stack.push(value(readings[extra], extra));
    else if (name === "skip") at += extra;
    else if (name === "if") {
      const condition = /** @type {Value} */ (stack.pop());
      if (condition.is !== "truth") [at] = [at + extra[0] + 1 + extra[1], stack.push(condition)];
      else if (!condition.it) at += extra[0] + 1;
    } else {
      const counted = ["min", "max", "sum"].includes(name);
      const takes = counted ? extra : name === "div" || (typeof op !== "string" && "do" in op) ? 2 : 1;
      stack.push(step(name, extra, stack.splice(stack.length - takes)));
    }
  }
  const [told] = stack;
  if (told.is === "missing") return { missing: [...told.it].sort((a, b) => a - b) };
  if (told.is === "number") return { number: print(told.it) };
  return told.is === "truth" ? { truth: told.it } : { problem: told.it };
}
