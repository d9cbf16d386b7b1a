// @ts-check
// A report under the fingers: joins the grid, the reading of figures, the checks and the queue on the page for entry.
// The page works without any of this. It has no words of its own: they stand in the page, as JSON in `#entry-words`
// (src/pages/rules_json.rs), what must hold in `#rules`, and facts about each cell in its attributes.

import { notationOf, decimal, print, read, unitOf } from "./amount.js";
import { judge, put } from "./checks.js";
import { content, fill, grid, survey } from "./grid.js";
import { Outbox, openStore } from "./queue.js";

/** @typedef {import("./grid.js").Cell} Cell */
/** @typedef {import("./queue.js").Kept} Kept */
/** @typedef {import("./queue.js").Standing} Standing */
/** @typedef {import("./checks.js").Verdict} Verdict */

/** After so many quiet milliseconds what was typed is sent; and is kept in this browser. */
const QUIET = 800;
const KEEP = 200;
/** More verdicts than this are counted, not listed. */
const LISTED = 30;
/** From here on figures are said in words too; money always. */
const LARGE = 10_000n;

/** @template T @param {string} id @param {T} otherwise @returns {T} */
const json = (id, otherwise) => JSON.parse(document.getElementById(id)?.textContent || "null") ?? otherwise;

/** @param {HTMLFormElement} form */
async function begin(form) {
  const { save = "", person = "", signIn = "/dang-nhap", worker } = form.dataset;
  /** @type {Record<string, string>} */
  const words = json("entry-words", {});
  const say = (/** @type {string} */ key, /** @type {Record<string, string | number>} */ args = {}) =>
    put(words[key.startsWith("reporting-") ? key : `reporting-script-${key}`] ?? "", args);
  /** @type {import("./checks.js").Block & { held: Record<string, string> }} */
  const block = json("rules", { rules: [], previous: {}, held: {} });
  const places = survey(form);
  const byKey = new Map(places.cells.map((cell) => [cell.key, cell]));
  const store = await openStore(person);

  /** What the page knows of a cell besides its place.
   * @typedef {{ version: number, first: string, kept?: Kept, problem: string, words: string, classes: string, timer?: any }} Facts
   * @type {Map<Cell, Facts>} */
  const facts = new Map(places.cells.map((cell) => [cell, {
    version: Number(cell.td.dataset.version ?? 0), first: cell.held, problem: "", words: "",
    classes: [...cell.td.classList].filter((name) => name.startsWith("cell--")).join(" "),
  }]));
  const of = (/** @type {Cell} */ cell) => /** @type {Facts} */ (facts.get(cell));
  const decimals = (/** @type {Cell} */ cell) => Number(cell.td.dataset.decimals ?? 0);

  /** @param {string} name @param {string} [className] @returns {HTMLElement} a place of the page for what is told, or a new one */
  function part(name, className = "") {
    const found = /** @type {HTMLElement | null} */ (document.querySelector(`[data-entry-${name}]`));
    if (found) return found;
    const made = document.createElement("div");
    made.setAttribute(`data-entry-${name}`, "");
    made.className = className;
    made.hidden = true;
    form.prepend(made);
    return made;
  }
  const summary = part("summary", "error-summary");
  const notice = part("notice", "notice notice--warn");
  const strip = part("strip", "notice");
  const savedAt = document.querySelector("[data-saved]");
  savedAt?.setAttribute("aria-live", "off");
  // What the server found stands where the page finds the same.
  if (block.rules.length) document.querySelector("[data-verdicts]")?.replaceChildren(summary);
  const live = part("live", "screen-reader");
  strip.setAttribute("role", "status");
  notice.setAttribute("role", "status");
  live.setAttribute("aria-live", "polite");
  live.hidden = false;

  /** @param {string} tag @param {string} text @returns {HTMLElement} */
  function element(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  /** @param {string} text @param {() => void} press */
  function button(text, press) {
    const made = /** @type {HTMLButtonElement} */ (element("button", text));
    made.type = "button";
    made.className = "link";
    made.addEventListener("click", press);
    return made;
  }

  // --- What a cell says ---

  /** @param {Cell} cell @returns {import("./amount.js").Read | import("./amount.js").Misread} */
  function reading(cell) {
    const unit = unitOf(cell.td.dataset.unit ?? "") ?? unitOf("so");
    return unit ? read(cell.input.value, unit, decimals(cell)) : { problem: "", args: {} };
  }

  /** What is sent for it, or why nothing can be. @param {Cell} cell @returns {{ body: import("./queue.js").Body, problem: string }} */
  function bodyOf(cell) {
    const choice = cell.choice?.value ?? "value";
    const reason = cell.reason?.value.trim() ?? "";
    if (choice === "nil") return { body: { nil: reason }, problem: "" };
    if (choice === "no-data") return { body: { noData: reason }, problem: "" };
    const text = cell.input.value.trim();
    if (!text) return { body: { empty: true }, problem: "" };
    const told = reading(cell);
    return { body: { text }, problem: "problem" in told ? say(told.problem, told.args) : "" };
  }

  /** For the checks. @param {string} key @returns {string | null} */
  function now(key) {
    const cell = byKey.get(key);
    if (!cell) return block.held[key] ?? null;
    const choice = cell.choice?.value ?? "value";
    if (choice !== "value") return choice === "nil" ? "0" : null;
    const told = reading(cell);
    return "amount" in told ? `${told.amount}/${10n ** BigInt(decimals(cell))}` : null;
  }

  const empty = (/** @type {string} */ key) => {
    const cell = byKey.get(key);
    return cell ? "empty" in bodyOf(cell).body : !(key in block.held);
  };

  /** Shows a figure as it was understood. @param {Cell} cell */
  function formatted(cell) {
    const told = (cell.choice?.value ?? "value") === "value" ? reading(cell) : null;
    if (told && "amount" in told) cell.input.value = print(told.amount, decimals(cell));
  }

  /** @param {Cell} cell @param {boolean} [whole] */
  function enqueue(cell, whole = true) {
    const it = of(cell);
    clearTimeout(it.timer);
    if (!it.kept && content(cell) === it.first) return;
    if (!whole) {
      it.timer = setTimeout(() => enqueue(cell), KEEP);
      return;
    }
    const { body, problem } = bodyOf(cell);
    if (it.kept?.state === "conflict") body.settle = true;
    const base = it.kept?.state === "conflict" ? (it.kept.version ?? it.version) : it.version;
    it.problem = problem;
    it.words = "";
    const seq = outbox.keep(save, cell.key, body, content(cell), base, problem ? "hold" : "wait", problem);
    it.kept = { .../** @type {any} */ (it.kept), body, seq, state: problem ? "hold" : "wait", theirs: undefined };
    later();
  }

  // --- What is shown of it ---

  /** @type {Verdict[]} */
  let verdicts = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let judging;
  function later() {
    clearTimeout(judging);
    judging = setTimeout(() => (look(), void outbox.tell()), 60);
    outbox.soon(QUIET);
  }

  function look() {
    if (block.rules.length) {
      const zero = words["reporting-formula-zero-below"] ?? "";
      verdicts = judge(block, now, empty, { zero, large: words["reporting-formula-too-large"] ?? "" });
    }
    for (const cell of places.cells) show(cell);
    sumUp();
  }

  /** @param {Cell} cell */
  function show(cell) {
    const it = of(cell);
    const about = verdicts.filter((one) => one.code !== "required" && one.cells.includes(cell.key));
    const first = about.find((one) => one.cells[0] === cell.key);
    const error = Boolean(it.problem) || about.some((one) => one.severity === "error");
    const conflict = it.kept?.state === "conflict";
    /** @type {string} */
    let state = it.kept ? (it.kept.state === "saved" ? "saved" : "unsent") : "";
    if (conflict) state = "conflict";
    else if (error) state = "wrong";
    else if (about.length && state !== "unsent") state = "doubt";
    cell.td.classList.remove("cell--saved", "cell--wrong", "cell--doubt", "cell--conflict", "cell--unsent");
    for (const name of state ? [`cell--${state}`] : it.classes.split(" ")) if (name) cell.td.classList.add(name);
    if (error || conflict) cell.input.setAttribute("aria-invalid", "true");
    else cell.input.removeAttribute("aria-invalid");
    const told = form.querySelector(`[data-words="${CSS.escape(cell.key)}"]`);
    if (told && it.kept) told.textContent = it.words;
    if (it.kept) cell.td.querySelector(".cell__problem")?.remove();
    const text = it.problem || first?.message || (told ? "" : it.words);
    const spoken = state ? say(`state-${state}`) : "";
    note(cell, text, spoken, conflict ? it.kept : undefined);
  }

  /** Below the input, and told with it. @param {Cell} cell @param {string} text @param {string} spoken @param {Kept} [conflict] */
  function note(cell, text, spoken, conflict) {
    const id = `note-${cell.key}`;
    let place = document.getElementById(id);
    if (!place) {
      if (!text && !spoken) return;
      place = element("div", "");
      place.id = id;
      place.className = "cell__note";
      cell.td.append(place);
      const others = cell.input.getAttribute("aria-describedby");
      cell.input.setAttribute("aria-describedby", others ? `${others} ${id}` : id);
    }
    const key = JSON.stringify([text, spoken, conflict?.seq, conflict?.shown, conflict?.problem]);
    if (place.dataset.told === key) return;
    place.dataset.told = key;
    place.replaceChildren();
    const state = element("span", spoken ? `${spoken} ` : "");
    state.className = "screen-reader";
    place.append(state, text);
    if (conflict) place.append(choice(conflict, cell.input.value, (theirs) => choose(cell, conflict, theirs)));
  }

  /** Both values, and a button for each; or where they are settled. @param {Kept} kept @param {string} mine @param {(theirs: boolean) => void} press */
  function choice(kept, mine, press) {
    const box = element("div", "");
    box.className = "cell__choice remark__words";
    if (kept.theirs) {
      const theirs = kept.shown ?? "";
      const args = /** @type {any} */ ({ ...kept, theirs, mine });
      // Words stand in their field; a figure is short enough to be said.
      if (mine) box.append(element("p", say("conflict", args)));
      else box.append(element("p", say("stale-by", args)), element("blockquote", theirs));
      box.append(button(mine ? say("keep-mine", args) : say("keep-own"), () => press(false)), " ");
      box.append(button(mine ? say("keep-theirs", args) : say("take-saved"), () => press(true)));
      return box;
    }
    box.append(element("p", kept.problem ?? ""));
    if (kept.href) {
      const link = /** @type {HTMLAnchorElement} */ (element("a", say("conflict-link")));
      link.href = kept.href;
      box.append(link);
    }
    return box;
  }

  /** @param {Cell} cell @param {Kept} kept @param {boolean} theirs */
  function choose(cell, kept, theirs) {
    const told = /** @type {any} */ (kept.theirs) ?? {};
    if (theirs) {
      const state = "nil" in told ? "nil" : "noData" in told ? "no-data" : "value";
      fill(cell, JSON.stringify([told.text ?? "", state, told.nil ?? told.noData ?? ""]));
      cell.held = content(cell);
    }
    enqueue(cell);
    cell.input.focus();
    void outbox.send();
  }

  function sumUp() {
    const unread = places.cells.filter((cell) => of(cell).problem)
      .map((cell) => /** @type {Verdict} */ ({ code: "amount", severity: "error", message: of(cell).problem, cells: [cell.key] }));
    const all = [...unread, ...verdicts.filter((one) => one.code !== "required")];
    const wanting = verdicts.filter((one) => one.code === "required");
    const key = JSON.stringify([all, wanting.map((one) => one.cells[0])]);
    if (summary.dataset.told === key) return;
    summary.dataset.told = key;
    summary.hidden = !all.length;
    // What only asks for a second look does not look like a fault.
    summary.className = all.some((one) => one.severity === "error") ? "error-summary" : "notice notice--warn";
    const told = element("div", "");
    summary.replaceChildren(told);
    for (const severity of /** @type {const} */ (["error", "warning"])) {
      const some = all.filter((one) => one.severity === severity);
      if (!some.length) continue;
      const list = element("ul", "");
      for (const one of some.slice(0, LISTED)) {
        const item = element("li", "");
        item.append(leading(one.message, one.cells));
        list.append(item);
      }
      if (some.length > LISTED) list.append(element("li", say("more", { count: some.length - LISTED })));
      told.append(element("h2", say(`${severity}s`, { count: some.length })), list);
    }
    if (!wanting.length) return;
    const last = element("p", "");
    last.append(leading(say("required", { count: wanting.length }), wanting.flatMap((one) => one.cells)));
    told.append(last);
  }

  /** Words that lead to the first of these cells that the page has. @param {string} text @param {string[]} cells */
  function leading(text, cells) {
    const cell = cells.map((name) => byKey.get(name)).find(Boolean);
    const link = /** @type {HTMLAnchorElement} */ (element(cell ? "a" : "span", text));
    if (!cell) return link;
    cell.input.id ||= `o-${cell.key}`;
    link.href = `#${encodeURIComponent(cell.input.id)}`;
    link.addEventListener("click", (event) => (event.preventDefault(), cell.input.focus()));
    return link;
  }

  let waits = 0;
  /** How many narratives are not sent until a person chooses or corrects. */
  let open = 0;
  /** @param {Standing} standing */
  function standing({ count, since, why, problem, savedAt: time }) {
    waits = count;
    open = form.querySelectorAll("textarea ~ .cell__choice").length;
    const warns = !!(why || open);
    const day = new Date(since).toDateString() === new Date().toDateString() ? {} : /** @type {const} */ ({ day: "numeric", month: "numeric" });
    const when = since ? new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", ...day }).format(since) : "";
    const key = !count ? (time ? "saved" : "") : !store.lasting ? "memory" : why || "waiting";
    const text = `${key && say(key, { count, since: when, problem, time })} ${open ? say("undecided", { count: open }) : ""}`.trim();
    if (key === "saved" && savedAt) savedAt.textContent = text;
    if (strip.dataset.told === text) return;
    strip.dataset.told = text;
    // Every save would otherwise be read out.
    strip.setAttribute("aria-live", warns ? "polite" : "off");
    strip.classList.toggle("notice--warn", warns);
    strip.hidden = !text || (key === "saved" && !warns && !!savedAt);
    strip.replaceChildren(element("p", text));
    if (key !== "sign-in" && key !== "other") return;
    const link = /** @type {HTMLAnchorElement} */ (element("a", say("sign-in-link")));
    link.href = signIn;
    strip.append(link);
  }

  // --- What comes back ---

  /** @param {Kept} kept @param {boolean} [again] after a reload, or from another tab */
  function heard(kept, again = false) {
    if (kept.save !== save) return;
    if (kept.cell.startsWith("t.")) return heardWords(kept, again);
    const cell = byKey.get(kept.cell);
    if (!cell) return;
    const it = of(cell);
    if (again) {
      if (content(cell) !== kept.held) fill(cell, kept.held);
      cell.held = kept.held;
    }
    const same = content(cell) === kept.held;
    // Typed on meanwhile: only the version is news.
    if (kept.state === "saved") {
      it.version = Math.max(it.version, kept.version ?? 0);
      const base = /** @type {HTMLInputElement | null} */ (form.elements.namedItem(`v.${kept.cell}`));
      if (base) base.value = `${it.version}`;
    } else if (kept.state === "wait") it.version = Math.max(it.version, kept.base);
    if (!same) return;
    it.kept = kept;
    it.problem = kept.state === "hold" ? (kept.problem ?? "") : "";
    if (kept.state === "saved") {
      if (kept.body.text !== undefined && kept.shown && cell.input !== document.activeElement) {
        cell.input.value = kept.shown;
        cell.held = content(cell);
      }
      it.first = content(cell);
      const told = kept.words && cell.input.value ? reading(cell) : null;
      const large = told && "amount" in told && (unitOf(cell.td.dataset.unit ?? "")?.kind === "money"
        || (told.amount < 0n ? -told.amount : told.amount) >= LARGE * 10n ** BigInt(decimals(cell)));
      it.words = large ? (kept.words ?? "") : "";
    }
    clearTimeout(judging);
    judging = setTimeout(look, 0);
  }

  const areas = /** @type {HTMLTextAreaElement[]} */ ([...form.querySelectorAll('textarea[name^="t."]')]);
  /** Where the version of a narrative stands. @param {HTMLTextAreaElement} area @returns {HTMLInputElement} */
  const versionOf = (area) => /** @type {any} */ (form.elements.namedItem(`tv.${area.name.slice(2)}`));

  /** @param {Kept} kept @param {boolean} again */
  function heardWords(kept, again) {
    const area = areas.find((one) => one.name === kept.cell);
    if (!area) return;
    if (again) area.value = kept.held;
    const version = versionOf(area);
    if (kept.state === "saved") version.value = `${kept.version}`;
    area.parentElement?.querySelector(".cell__choice")?.remove();
    if (kept.state !== "conflict" && kept.state !== "hold") return;
    const box = choice(kept, "", (theirs) => {
      if (theirs) area.value = kept.shown ?? "";
      version.value = `${kept.version}`;
      box.remove();
      keepWords(area, true);
      area.focus();
    });
    area.after(box);
  }

  /** @param {HTMLTextAreaElement} area @param {true} [settle] when a person has seen the other words and chosen */
  function keepWords(area, settle) {
    outbox.keep(save, area.name, { words: area.value, settle }, area.value, Number(versionOf(area).value));
    later();
  }

  /** A fresh page knows the token of the session, and whose it is. */
  async function renew() {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "reload" });
      if (answer.status >= 500) return "away";
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-entry]");
      if (!(fresh instanceof HTMLFormElement)) return answer.redirected || answer.status === 401 ? "sign-in" : "refused";
      if (fresh.dataset.person !== person) return "other";
      const token = /** @type {HTMLInputElement | null} */ (fresh.querySelector('input[name="csrf"]'))?.value ?? "";
      outbox.page.token = token;
      for (const field of document.querySelectorAll('input[name="csrf"]')) /** @type {HTMLInputElement} */ (field).value = token;
      return "";
    } catch {
      return "away";
    }
  }

  const token = /** @type {HTMLInputElement | null} */ (form.querySelector('input[name="csrf"]'))?.value ?? "";
  const outbox = new Outbox(store, person, {
    token, renew: /** @type {any} */ (renew), heard, standing,
    // Without programs in the page the server's word is all there is.
    verdicts: (list) => !block.rules.length && ((verdicts = list), look()),
  });

  const { active } = grid(form, places, {
    typed: (cell) => enqueue(cell, false),
    left: formatted,
    changed: (cells) => cells.forEach((cell) => enqueue(cell)),
    away: () => void outbox.send(),
    say: (key, args) => (live.textContent = say(key, args)),
    pasting(texts) {
      const notation = notationOf(texts.filter((text) => /[0-9]/.test(text)));
      notice.hidden = notation === "vi";
      notice.textContent = notation === "vi" ? "" : say("read-plain");
      return texts.map((text) => {
        const value = notation === "plain" ? decimal(text, "plain") : null;
        return value ? print(value.n, value.d) : text;
      });
    },
    misfit(texts) {
      if (!texts.length) return;
      const list = texts.slice(0, LISTED).join("; ") + (texts.length > LISTED ? "; …" : "");
      notice.append(` ${say("left-over", { count: texts.length, list })}`);
      notice.hidden = false;
    },
  });

  for (const area of areas) {
    area.addEventListener("input", () => keepWords(area));
  }
  form.addEventListener("change", (event) => {
    const cell = places.cells.find((one) => one.choice === event.target);
    // Nothing to count means no figure beside it.
    if (cell && cell.choice?.value !== "value") cell.input.value = "";
  }, true);

  /** Steps and pages of this report go on from what is at the server, and from nothing that cannot be sent.
   * @param {HTMLElement} it @param {string} to @param {() => void} goOn */
  async function onwards(it, to, goOn) {
    /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
    const left = await outbox.flush();
    const wrong = it.matches("[data-needs-saved]") && (open || places.cells.some((cell) => of(cell).problem || of(cell).kept?.state === "conflict"));
    if (!wrong && !(left && new URL(to, location.href).pathname.startsWith(save.replace(/luu$/, "")))) return goOn();
    (wrong && !summary.hidden ? summary : strip).scrollIntoView({ block: "center" });
  }
  let passing = false;
  document.addEventListener("submit", (event) => {
    const sent = event.target;
    if (!(sent instanceof HTMLFormElement) || sent.method !== "post" || passing || sent.matches('[action="/dang-xuat"]')) return;
    const by = /** @type {HTMLButtonElement | null} */ (event.submitter);
    event.preventDefault();
    event.stopImmediatePropagation();
    // The form's own button saves, and that is done here.
    if (sent === form && !by?.hasAttribute("formaction")) return void onwards(form, save, () => {});
    void onwards(sent, by?.formAction ?? sent.action, () => {
      passing = true;
      by ? sent.requestSubmit(by) : sent.requestSubmit();
      passing = false;
    });
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || link.target || link.origin !== location.origin || link.hash
      || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (!waits && !link.matches("[data-needs-saved]")) return;
    event.preventDefault();
    void onwards(link, link.href, () => location.assign(link.href));
  });

  // What the page itself came with: a kept page may be older than what was sent since.
  const shown = new Map(places.cells.map((cell) => [cell.key, Number(cell.td.dataset.version ?? 0)]));
  for (const area of areas) shown.set(area.name, Number(versionOf(area).defaultValue));
  const recall = async () => {
    for (const kept of await outbox.recall(save, shown)) {
      const cell = byKey.get(kept.cell);
      // Settled on another page; the server keeps what was typed.
      const settled = kept.state === "conflict" && cell && !of(cell).classes.includes("conflict") && (shown.get(kept.cell) ?? 0) > (kept.version ?? kept.base);
      if (settled) await outbox.forget([kept]);
      if (settled) continue;
      const typing = cell && ((cell === active() && content(cell) !== cell.held) || (of(cell).kept?.seq ?? 0) > kept.seq);
      if (!typing) heard(kept, true);
    }
    void outbox.tell();
  };
  if (outbox.channel) outbox.channel.onmessage = ({ data }) => {
    [outbox.why, outbox.savedAt] = data;
    void recall();
  };
  await recall();
  look();
  for (const kind of ["online", "focus", "pageshow"]) addEventListener(kind, () => void outbox.send());
  document.addEventListener("visibilitychange", () => void outbox.send());
  addEventListener("beforeunload", (event) => {
    if (!store.lasting && strip.dataset.told && !outbox.savedAt) event.preventDefault();
  });
  void outbox.send();
  if (worker && isSecureContext && "serviceWorker" in navigator) void atHand(worker, person);
  form.dataset.ready = "";
}

/** Keeps this very page at hand: the first visit came before the worker. @param {string} address @param {string} person */
async function atHand(address, person) {
  try {
    const first = !navigator.serviceWorker.controller;
    await navigator.serviceWorker.register(address, { scope: "/bao-cao" });
    if (!first) return;
    for (const name of await caches.keys()) {
      if (name.startsWith("nhipcau-trang ") && name !== `nhipcau-trang ${person}`) await caches.delete(name);
    }
    const shell = performance.getEntriesByType("resource").map((entry) => new URL(entry.name))
      .filter((url) => url.origin === location.origin && /^(\/bao-cao)?\/tinh\//.test(url.pathname));
    await (await caches.open("nhipcau-vo")).addAll(shell.map((url) => url.href));
    await (await caches.open(`nhipcau-trang ${person}`)).add(new Request(location.href, { cache: "reload" }));
    document.documentElement.dataset.atHand = "";
  } catch {
    // Without it the page is simply not there when the network is away; the queue is.
  }
}

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-entry]"));
if (form) void begin(form);
