// @ts-check
// Reads figures as officials type them: the twin of src/model/amount/{read,digits,offer,worth,unit}.rs and of the decimals
// of areas (tests/vectors/amounts.json).

import { UNITS } from "./units.js";

/** @typedef {{ code: string, name: string, kind: string, num: string, den: string, written: string[] }} Unit */
/** In units of the last decimal that is kept. @typedef {{ amount: bigint, restated: boolean }} Read */
/** The key of its words and what they take. @typedef {{ problem: string, args: Record<string, string> }} Misread */
/** @typedef {{ n: bigint, d: number }} Decimal n / 10^d */
/** @typedef {"vi" | "plain"} Notation 1.234,5 or 1,234.5 */

const AMOUNT_MAX = 999_999_999_999_999n;
const CARRIED_MAX = 10n ** 19n;
const DECIMALS_MAX = 6;
const NOISE_MIN = 10;
const NIL = ["-", "–", "—", "\u2212", "khong", "khong co", "khong phat sinh", "khong ps"];
const NO_DATA = ["...", "..", "khong co so lieu"];
/** Words that multiply what stands before them, the longest first. @type {[string, bigint][]} */
const SCALES = [
  ["nghìn tỷ", 10n ** 12n], ["nghìn tỉ", 10n ** 12n], ["ngàn tỷ", 10n ** 12n], ["ngàn tỉ", 10n ** 12n],
  ["nghìn", 1000n], ["ngàn", 1000n], ["triệu", 10n ** 6n], ["tỷ", 10n ** 9n], ["tỉ", 10n ** 9n],
];

/** Thrown within this file only. */
class Wrong extends Error {
  /** @param {string} key @param {Record<string, string>} args */
  constructor(key, args = {}) {
    super(key);
    this.args = args;
  }
}

const digits = (/** @type {string} */ text) => /^[0-9]+$/.test(text);
const ascii = (/** @type {string} */ text) => /^[\0-\x7f]*$/.test(text);
const trim = (/** @type {string} */ text) => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
const size = (/** @type {bigint} */ x) => (x < 0n ? -x : x);

/** @param {string} text */
function fold(text) {
  const bare = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  return bare.replace(/[đð]/g, "d").replace(/['’ʼ]/g, "").replace(/[^\p{Alphabetic}\p{N}]+/gu, " ").trim();
}

/** Letters with the tone of each syllable told once at its end, wherever it was written. @param {string} text */
function sounds(text) {
  const syllables = text.normalize("NFC").toLowerCase().split(/[^\p{Alphabetic}\p{N}\p{M}]+/u);
  return syllables.filter(Boolean).map((syllable) => {
    const apart = syllable.normalize("NFD");
    const tones = [..."\u0300\u0309\u0303\u0301\u0323"].map((mark, at) => (apart.includes(mark) ? at + 1 : 0));
    return apart.replace(/[\u0300\u0309\u0303\u0301\u0323]/g, "").normalize("NFC") + Math.max(...tones);
  }).join(" ");
}

const normal = (/** @type {string} */ words) =>
  trim(words.replaceAll("%", " phần trăm").replaceAll("‰", " phần nghìn").replaceAll("₫", "đ").normalize("NFKC"));

/** True when people write it so; without accents too, but not with wrong ones. @param {string} name @param {string} typed */
const same = (name, typed) => sounds(name) === sounds(typed) || (ascii(typed) && fold(name) === fold(typed));

/** @param {Unit} unit @param {string} words */
const called = (unit, words) => unit.written.some((name) => same(name, normal(words)));

/** What one of a unit is worth in another. @param {Unit} a @param {Unit} b @returns {[bigint, bigint] | undefined} */
const worthIn = (a, b) => (a.kind === b.kind ? [BigInt(a.num) * BigInt(b.den), BigInt(a.den) * BigInt(b.num)] : undefined);

/** A unit by its code. @param {string} code @returns {Unit | undefined} */
export const unitOf = (code) => UNITS.find((one) => one.code === code);

/** Reads a number in one notation. @param {string} text @param {Notation} notation @returns {Decimal | null} */
export function decimal(text, notation) {
  const [group, point] = notation === "vi" ? [".", ","] : [",", "."];
  text = trim(text).replace(/[\u00a0\u202f\u2009]/g, " ");
  const negative = /^[-\u2212]/.test(text);
  const [whole, ...rest] = (negative ? text.slice(1) : text).split(point);
  let told = ungrouped(whole, group);
  if (told === null) return null;
  let [up, d] = [0n, 0];
  if (rest.length) {
    let part = rest.join(point);
    if (!digits(part)) return null;
    const noisy = part.length >= NOISE_MIN;
    if (!noisy) part = part.replace(/0+$/, "");
    if (!noisy && part.length > DECIMALS_MAX) return null;
    d = Math.min(part.length, DECIMALS_MAX);
    told += part.slice(0, d);
    if (noisy && part[DECIMALS_MAX] >= "5") up = 1n;
  }
  let n = BigInt(told) + up;
  for (; d > 0 && n % 10n === 0n; d--) n /= 10n;
  return n > CARRIED_MAX ? null : { n: negative ? -n : n, d };
}

/** @param {string} text @param {string} group @returns {string | null} */
function ungrouped(text, group) {
  const groups = text.split(text.includes(" ") ? " " : group);
  const [first, ...rest] = groups;
  const fits = rest.length ? first.length <= 3 && rest.length <= 9 && rest.every((one) => one.length === 3) : first.length <= 30;
  return fits && groups.every(digits) ? groups.join("") : null;
}

/** As people write it: 1.234,5. @param {bigint} amount @param {number} decimals */
export function print(amount, decimals) {
  const text = size(amount).toString().padStart(decimals + 1, "0");
  const whole = text.slice(0, text.length - decimals).replace(/\B(?=(\d{3})+$)/g, ".");
  const part = text.slice(text.length - decimals).replace(/0+$/, "");
  return (amount < 0n ? "-" : "") + whole + (decimals && part ? `,${part}` : "");
}

/** The notation of a pasted block, judged by all its cells; Vietnamese where both fit. @param {string[]} cells @returns {Notation} */
export function notationOf(cells) {
  const misfits = (/** @type {Notation} */ notation) => cells.filter((cell) => !decimal(cell, notation)).length;
  return misfits("plain") < misfits("vi") ? "plain" : "vi";
}

/** @param {string} number @param {boolean} negative @param {number} kept @returns {Decimal} */
function readNumber(number, negative, kept) {
  const spoken = (/** @type {Decimal} */ value) => print(negative ? -value.n : value.n, value.d);
  const comma = number.indexOf(",");
  const [whole, part] = comma < 0 ? [number, ""] : [number.slice(0, comma), number.slice(comma + 1)];
  const tooLong = part.replace(/0+$/, "").length > DECIMALS_MAX && digits(part);
  const [local, plain] = [decimal(number, "vi"), decimal(number, "plain")];
  const grouped = /[. ]/.test(whole);
  if (local && tooLong) throw manyDecimals(kept);
  if (local && grouped && number.startsWith("0")) {
    if (!plain || (plain.n === local.n && plain.d === local.d)) throw new Wrong("not-number");
    throw new Wrong("ambiguous", { one: spoken(plain), other: spoken(local) });
  }
  if (local) return { n: negative ? -local.n : local.n, d: local.d };
  if (tooLong && !grouped) throw manyDecimals(kept);
  if (plain) {
    const meant = thousandsMeant(number);
    if (meant === null) throw new Wrong("foreign", { one: spoken(plain) });
    throw new Wrong("ambiguous", { one: spoken(plain), other: (negative ? "-" : "") + meant });
  }
  const huge = digits(number) && number.replace(/^0+/, "").length >= CARRIED_MAX.toString().length;
  throw new Wrong(huge ? "too-large" : "not-number");
}

/** @param {number} decimals @param {string | null} [other] with the comma for thousands */
function manyDecimals(decimals, other) {
  const meant = other ? { other } : {};
  return decimals ? new Wrong("decimals", { decimals: `${decimals}`, ...meant }) : new Wrong("whole", meant);
}

/** What 1.5 or 12.50 would be with its group of three digits filled. @param {string} number @returns {string | null} */
function thousandsMeant(number) {
  const found = /^([1-9][0-9]{0,2})\.([0-9]{0,2})$/.exec(number);
  return found && `${found[1]}.${found[2].padEnd(3, "0")}`;
}

/** What 1,234 would be if the comma divided thousands. @param {string} number @returns {string | null} */
function commaBeforeThree(number) {
  const found = /^(-?)([1-9][0-9]{0,2}),([0-9]{3})$/.exec(number);
  return found && `${found[1]}${found[2]}.${found[3]}`;
}

/** @param {string} number @param {Unit} of @param {number} decimals @param {boolean} restated */
function tooFine(number, of, decimals, restated) {
  if (restated) return new Wrong("too-fine", { unit: of.name, decimals: `${decimals}` });
  return manyDecimals(decimals, commaBeforeThree(number));
}

/** Refuses 5,000 and 1,250 where the comma may have been meant for thousands. @param {string} number @param {boolean} unusual */
function commaIsClear(number, unusual) {
  const other = unusual && number.endsWith("0") && commaBeforeThree(number);
  if (other) throw new Wrong("ambiguous", { one: number.replace(/,?0+$/, ""), other });
}

/** What the words behind a number multiply it by. @param {string} words @param {Unit} of @returns {[bigint, bigint] | null} */
function worth(words, of) {
  words = trim(words);
  if (/[^\p{Alphabetic}\p{N} .,%‰₫]/u.test(words)) throw new Wrong("words", { unit: of.name });
  if (!words || called(of, words)) return null;
  const known = UNITS.filter((one) => called(one, words)).map((one) => worthIn(one, of)).find(Boolean);
  const scaled = scale(words);
  const found = known ?? scaledWorth(scaled, of);
  if (found) return found[0] === found[1] ? null : found;
  const rest = scaled ? scaled[0] : words;
  const other = UNITS.find((one) => called(one, rest) && !called(of, rest));
  if (other) throw new Wrong("other-unit", { typed: other.name, unit: of.name });
  throw mayBeScaled(of, scaled) ? new Wrong("words", { unit: of.name }) : new Wrong("magnitude", { unit: of.name });
}

/** What is no money is counted in thousands at most. @param {Unit} of @param {[string, bigint]} [scaled] */
const mayBeScaled = (of, scaled) => of.kind === "money" || !scaled || scaled[1] <= 1000n;

/** A scale, and a unit that is no multiple of its base by name: 1,2 nghìn người. @param {[string, bigint] | undefined} scaled @param {Unit} of @returns {[bigint, bigint] | undefined} */
function scaledWorth(scaled, of) {
  if (!scaled || of.kind.startsWith("percent") || !mayBeScaled(of, scaled)) return undefined;
  const [rest, by] = scaled;
  const base = of.kind === "money" ? unitOf("dong") : undefined;
  /** @type {Unit | undefined} */
  let counted;
  if (!rest) counted = base ?? of;
  else if (base) counted = called(base, rest) ? base : undefined;
  else counted = called(of, rest) ? of : UNITS.find((one) => one.kind === of.kind && called(one, rest));
  const worth = counted && worthIn(counted, of);
  return worth && [worth[0] * by, worth[1]];
}

/** The scale that words begin with, and the words behind it. @param {string} words @returns {[string, bigint] | undefined} */
function scale(words) {
  const all = normal(words).split(/\p{White_Space}+/u).filter(Boolean);
  for (const [name, by] of SCALES) {
    const length = name.split(" ").length;
    if (all.length >= length && same(name, all.slice(0, length).join(" "))) return [all.slice(length).join(" "), by];
  }
  return undefined;
}

/** Full-width forms made plain, spaces of every width one space. @param {string} typed @returns {string} */
function plainCharacters(typed) {
  typed = trim(typed);
  let before = " ";
  for (const c of typed) {
    const power = /[²³]/.test(c) && /\p{Alphabetic}/u.test(before);
    if (/\p{Cc}/u.test(c) || (/\p{N}/u.test(c) && !/[0-9０-９]/.test(c) && !power)) throw new Wrong("not-number");
    before = c;
  }
  const text = typed.normalize("NFKC").replace(/\p{White_Space}/gu, " ");
  if ([...text].length > 120) throw new Wrong("not-number");
  return trim(text);
}

/** What is typed into cells for figures and is none, although it has a meaning. @param {string} text @returns {string | undefined} */
function knownOtherwise(text) {
  const folded = fold(text);
  if (!text) return "empty";
  if (text.startsWith("=") || isSum(text)) return "formula";
  if (NO_DATA.includes(text) || NO_DATA.includes(folded)) return "no-data";
  if (NIL.includes(text) || NIL.includes(folded)) return "nil";
  if (isDate(text)) return "date";
  return isRange(text) ? "range" : undefined;
}

const isSum = (/** @type {string} */ text) => /^[^+*×^]*[0-9].*[+*×^] *[0-9]/.test(text);
const isDate = (/** @type {string} */ text) =>
  /^([0-9]{1,4} *\/ *[0-9]{1,4}( *\/ *[0-9]{1,4})?|[0-9]{1,4} *- *[0-9]{1,4} *- *[0-9]{1,4}|[0-9]{1,2} *\. *[0-9]{1,2} *\. *([0-9]{2}|[0-9]{4}))$/.test(text);
const isRange = (/** @type {string} */ text) => /^[^-–—~]*[0-9] *[-–—~] *[0-9]/.test(text);

/** @param {Decimal} value @param {[bigint, bigint]} by @param {number} kept @returns {bigint | null} null when it needs more decimals */
function rescaled(value, [num, den], kept) {
  const over = value.n * num * 10n ** BigInt(kept);
  const under = den * 10n ** BigInt(value.d);
  if (over % under) return null;
  const amount = over / under;
  if (size(amount) > AMOUNT_MAX) throw new Wrong("too-large");
  return amount;
}

/** Reads what stands in a cell. Of what it may have meant, only what the cell takes is told. @param {string} typed @param {Unit} of @param {number} decimals @returns {Read | Misread} */
export function read(typed, of, decimals) {
  const told = understood(typed, of, decimals);
  if ("amount" in told) return told;
  const { text, one, other } = told.args;
  const takes = (/** @type {string} */ reading) => reading && "amount" in understood(reading, of, decimals);
  const first = one ? understood(one, of, decimals) : told;
  const foreign = (/** @type {string} */ one) => ({ problem: "reporting-amount-foreign", args: { text, one } });
  if ("amount" in first) return takes(other) ? told : foreign(one);
  const { problem, args: { other: _, ...args } } = first;
  args.text = text;
  if (!takes(other)) return { problem, args };
  return /(whole|decimals)$/.test(problem) ? { problem: `${problem}-or-thousands`, args: { ...args, other } } : foreign(other);
}

/** With every reading that it may have had, taken or not. @param {string} typed @param {Unit} of @param {number} decimals @returns {Read | Misread} */
function understood(typed, of, decimals) {
  let behind = "";
  try {
    const text = plainCharacters(typed);
    const known = knownOtherwise(text);
    if (known) throw new Wrong(known);
    const negative = /^[-\u2212–]/.test(text);
    const unsigned = text.replace(/^[-\u2212–+]/, "");
    const number = trim(/^[0-9., ]*/.exec(unsigned)?.[0] ?? "");
    behind = unsigned.slice(number.length);
    if (!/^[0-9]/.test(unsigned)) throw new Wrong("not-number");
    const by = worth(behind, of);
    const value = readNumber(number, negative, decimals);
    const signed = (negative ? "-" : "") + number;
    commaIsClear(signed, by !== null || decimals < 3);
    const amount = rescaled(value, by ?? [1n, 1n], decimals);
    if (amount === null) throw tooFine(signed, of, decimals, by !== null);
    return { amount, restated: by !== null };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const { args } = error;
    for (const reading of ["one", "other"]) if (args[reading]) args[reading] += behind;
    return { problem: `reporting-amount-${error.message}`, args: { text: [...trim(typed)].slice(0, 40).join(""), ...args } };
  }
}
