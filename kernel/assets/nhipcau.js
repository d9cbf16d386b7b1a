// @ts-check
// What pages gain when scripts run; nothing here is needed. Drafts of unsent words, one submit per press,
// a question before leaving, the kiosk's sound and card reader, the tree by keyboard. No other network, no tracking, no words of its own:
// every sentence shown comes from the page.

/** How long a page waits after the last key before it keeps the words, in milliseconds. */
const QUIET = 600;
/** A button that never came back is usable again after this many milliseconds. */
const RETRY = 12_000;
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** Whose page this is: a mark of the account, empty while nobody is signed in. */
const account = document.documentElement.dataset.account ?? "";
/** Where drafts are kept, so that the next person at this browser never meets them. @param {string} whose */
const draftsOf = (whose) => (whose ? `nhipcau-draft~${whose}:` : "nhipcau-draft:");

const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll("form")]);
/** Forms whose words differ from what the server sent and from what was sent back. @type {Set<HTMLFormElement>} */
const unsent = new Set();

/**
 * Storage may be full, private or forbidden; then drafts are simply not kept.
 * @template T @param {(s: Storage) => T} use @param {T} otherwise @returns {T}
 */
function stored(use, otherwise) {
  try {
    return use(localStorage);
  } catch {
    return otherwise;
  }
}

/**
 * The fields worth keeping: never passwords, files, hidden facts such as the CSRF value; never what is in a part of
 * the form marked `data-no-draft`: a field whose words the server takes and moves elsewhere on the page.
 * @param {HTMLFormElement} form @returns {Control[]}
 */
function keepable(form) {
  return /** @type {Control[]} */ ([...form.elements]).filter(
    (e) => e.name && "value" in e && !["password", "file", "hidden", "submit", "button", "fieldset"].includes(e.type) && !e.closest("[data-no-draft]"),
  );
}

/** @param {HTMLFormElement} form @returns {[string, string, boolean][]} name, value, on */
function snapshot(form) {
  return keepable(form).map((e) => [e.name, e.value, "checked" in e && e.checked]);
}

/** @param {HTMLFormElement} form @param {[string, string, boolean][]} kept */
function restore(form, kept) {
  const left = [...kept];
  for (const e of keepable(form)) {
    const choice = e instanceof HTMLInputElement && (e.type === "checkbox" || e.type === "radio");
    const at = left.findIndex(([name, value]) => name === e.name && (!choice || value === e.value));
    if (at < 0) continue;
    const [, value, on] = left.splice(at, 1)[0];
    if (choice) e.checked = on;
    else e.value = value;
  }
}

/** What was typed, without what the page itself put down in hidden fields. @param {HTMLFormElement} form @param {[string, string, boolean][]} all */
function typedIn(form, all) {
  const own = new Set(keepable(form).filter((e) => e.hidden).map((e) => e.name));
  return JSON.stringify(all.filter(([name]) => !own.has(name)));
}

/** @param {HTMLFormElement} form */
function keepDraft(form) {
  const key = draftsOf(account) + form.dataset.draft;
  const pristine = JSON.stringify(snapshot(form));
  const kept = stored((s) => s.getItem(key), null);
  if (kept === pristine) stored((s) => s.removeItem(key), undefined);
  else if (kept) offerDraft(form, key, kept, pristine);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const save = () => {
    const now = JSON.stringify(snapshot(form));
    if (now === pristine) unsent.delete(form);
    else {
      unsent.add(form);
      stored((s) => s.setItem(key, now), undefined);
    }
  };
  form.addEventListener("input", () => {
    unsent.add(form);
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    save();
    unsent.delete(form);
    stored((s) => s.setItem("nhipcau-sent", key), undefined);
  });
}

/**
 * Puts the kept words back and says so; one press takes them away again.
 * @param {HTMLFormElement} form @param {string} key @param {string} kept @param {string} pristine
 */
function offerDraft(form, key, kept, pristine) {
  try {
    restore(form, JSON.parse(kept));
  } catch {
    stored((s) => s.removeItem(key), undefined);
    return;
  }
  // The page that answered brought everything that was kept: there is nothing to tell. Which version somebody saw is no
  // word of theirs, and that of the page stays.
  if (typedIn(form, snapshot(form)) === typedIn(form, JSON.parse(pristine))) {
    restore(form, JSON.parse(pristine));
    stored((s) => s.removeItem(key), undefined);
    return;
  }
  unsent.add(form);
  const note = document.createElement("div");
  note.className = "notice notice--warn";
  note.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = `${form.dataset.draftRestored ?? ""} `;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "link";
  drop.textContent = form.dataset.draftDiscard ?? "×";
  drop.addEventListener("click", () => {
    stored((s) => s.removeItem(key), undefined);
    restore(form, JSON.parse(pristine));
    unsent.delete(form);
    note.remove();
  });
  words.append(drop);
  note.append(words);
  form.prepend(note);
}

/**
 * Only good news drops a draft: the page right after sending says that it is done, or that it keeps the words itself. A refusal, an ended session,
 * a lost link or a sign-in page leave it where it is.
 */
function clearSentDraft() {
  stored((s) => {
    const key = s.getItem("nhipcau-sent");
    if (key && document.querySelector('[data-flash="done"], [data-kept]')) s.removeItem(key);
    s.removeItem("nhipcau-sent");
  }, undefined);
}

/**
 * Who signs out leaves no words behind. The page after it tells that it happened; a link that broke, or a session that
 * ended by itself, leaves every draft where it is.
 */
function clearDraftsOfWhoLeft() {
  stored((s) => {
    const left = s.getItem("nhipcau-left");
    s.removeItem("nhipcau-left");
    if (!left || left === account) return;
    for (const key of Object.keys(s)) if (key.startsWith(draftsOf(left))) s.removeItem(key);
  }, undefined);
}

/** @param {HTMLFormElement} form */
function submitOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "1";
    const buttons = form.querySelectorAll("button");
    // `aria-disabled`, not `disabled`: a disabled button would drop its own name and value from what is sent.
    for (const b of buttons) b.setAttribute("aria-disabled", "true");
    if (!("steady" in form.dataset)) return void setTimeout(() => allowAgain(form), RETRY);
    event.preventDefault();
    void sendWhenAnswered(form);
  });
}

/**
 * Where nobody can press “reload”: a form sent while the program starts again would leave the browser's own error page on
 * the screen for good. What it says stands in its fields; no button has a name. @param {HTMLFormElement} form
 */
async function sendWhenAnswered(form) {
  const answers = await fetch("/healthz").then(() => true, () => false);
  if (answers) form.submit();
  else setTimeout(() => void sendWhenAnswered(form), 2000);
}

/** @param {HTMLFormElement} form */
function allowAgain(form) {
  delete form.dataset.sending;
  for (const b of form.querySelectorAll("button")) b.removeAttribute("aria-disabled");
}

/** One sound at a time. @param {HTMLElement} holder @param {HTMLAudioElement} sound */
function showPlaying(holder, sound) {
  sound.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== sound) other.pause();
    holder.dataset.playing = "1";
  });
  for (const end of ["pause", "ended", "error"]) sound.addEventListener(end, () => delete holder.dataset.playing);
}

/** @param {HTMLElement} player */
function bigPlayer(player) {
  const sound = player.querySelector("audio");
  const button = /** @type {HTMLElement | null} */ (player.querySelector("[data-toggle]"));
  const line = player.querySelector("progress");
  if (!sound || !button || !line) return;
  sound.hidden = true;
  button.hidden = line.hidden = false;
  showPlaying(button, sound);
  if (!sound.paused) button.dataset.playing = "1";
  button.addEventListener("click", () => (sound.paused ? void sound.play().catch(() => {}) : sound.pause()));
  sound.addEventListener("timeupdate", () => (line.value = Math.min(sound.currentTime, line.max)));
}

/** A spoken label plays in place instead of opening its file. @param {HTMLAnchorElement} link */
function spokenLabel(link) {
  /** @type {HTMLAudioElement | undefined} */
  let sound;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (!sound) {
      sound = new Audio(link.href);
      sound.hidden = true;
      link.after(sound);
      showPlaying(link, sound);
    }
    if (sound.paused) void sound.play().catch(() => location.assign(link.href));
    else sound.pause();
  });
}

/** The reader types into one field and presses Enter; any touch gives the keys back to it. @param {HTMLElement} field */
function holdFocus(field) {
  const back = () => setTimeout(() => field.focus({ preventScroll: true }), 50);
  field.addEventListener("blur", () => {
    // Keyboard users who tab away keep their place; only a focus that went nowhere comes back.
    setTimeout(() => document.activeElement === document.body && back(), 200);
  });
  document.addEventListener("pointerup", back);
  back();
}

/** Names compared without marks, as the server folds them. @param {string} text */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d");

/** @typedef {HTMLElement & {dataset: DOMStringMap}} Item */
/** @param {Element} tree @returns {Item[]} what can be seen, from the top */
const itemsOf = (tree) =>
  /** @type {Item[]} */ ([...tree.querySelectorAll("[data-node]")]).filter((e) => e.getClientRects().length > 0);

/**
 * A list of links as a tree (WAI-ARIA treeview): one stop for Tab, arrows within. Every branch is a link of
 * its own, so that the tree works without any of this.
 * @param {HTMLElement} tree
 */
function keyedTree(tree) {
  tree.setAttribute("role", "tree");
  const keys = document.querySelector("[data-tree-keys]");
  if (keys instanceof HTMLElement) keys.hidden = false;
  dress(tree, 1);
  const first = itemsOf(tree)[0];
  if (first) first.tabIndex = 0;
  /** What was typed just now. */
  let typed = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  tree.addEventListener("keydown", (event) => {
    const item = event.target;
    if (!(item instanceof HTMLElement) || !item.matches("[data-node]")) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const items = itemsOf(tree);
    const at = items.indexOf(item);
    const inside = /** @type {HTMLElement | null} */ (item.querySelector(":scope > ul > [data-node]"));
    const above = /** @type {HTMLElement | null} */ (item.parentElement?.closest("[data-node]") ?? null);
    const opened = "open" in item.dataset;
    if (event.key === "ArrowDown") walkTo(tree, items[at + 1]);
    else if (event.key === "ArrowUp") walkTo(tree, items[at - 1]);
    else if (event.key === "Home") walkTo(tree, items[0]);
    else if (event.key === "End") walkTo(tree, items.at(-1));
    else if (event.key === "ArrowRight") opened ? walkTo(tree, inside) : void turn(tree, item, true);
    else if (event.key === "ArrowLeft") opened ? void turn(tree, item, false) : walkTo(tree, above);
    else if (event.key === "Enter") /** @type {HTMLElement | null} */ (item.querySelector(".tree__name"))?.click();
    else if (event.key.length === 1 && (event.key !== " " || typed)) {
      clearTimeout(timer);
      timer = setTimeout(() => (typed = ""), QUIET * 2);
      typed += folded(event.key);
      const from = typed.length > 1 ? at : at + 1;
      const order = [...items.slice(from), ...items.slice(0, from)];
      walkTo(tree, order.find((one) => nameOf(one).some((name) => name.startsWith(typed))));
    } else return;
    event.preventDefault();
  });
  tree.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.tree__turn") : null;
    const item = link?.closest("[data-node]");
    if (!(item instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    walkTo(tree, item);
    void turn(tree, item, !("open" in item.dataset));
  });
}

/** The name with and without the word for its kind. @param {Element} item @returns {string[]} */
function nameOf(item) {
  const name = folded(item.querySelector(".tree__name")?.textContent ?? "");
  const bare = name.replace(/^(thanh pho|thi xa|thi tran|dac khu|tinh|quan|huyen|phuong|xa) /, "");
  return [name, bare];
}

/** Roles and places of a branch. @param {Element} list @param {number} level */
function dress(list, level) {
  const items = /** @type {Item[]} */ ([...list.children].filter((e) => e.matches("[data-node]")));
  items.forEach((item, at) => {
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", String(level));
    item.setAttribute("aria-setsize", String(items.length));
    item.setAttribute("aria-posinset", String(at + 1));
    item.setAttribute("aria-label", item.querySelector(".tree__row")?.textContent?.trim().replace(/\s+/g, " ") ?? "");
    if ("below" in item.dataset) item.setAttribute("aria-expanded", String("open" in item.dataset));
    if (item.tabIndex !== 0) item.tabIndex = -1;
    for (const link of item.querySelectorAll(":scope > .tree__row a")) link.setAttribute("tabindex", "-1");
    const inner = item.querySelector(":scope > ul");
    if (!inner) return;
    inner.setAttribute("role", "group");
    dress(inner, level + 1);
  });
}

/** @param {Element} tree @param {HTMLElement | null | undefined} item */
function walkTo(tree, item) {
  if (!item) return;
  for (const other of tree.querySelectorAll('[data-node][tabindex="0"]')) other.setAttribute("tabindex", "-1");
  item.tabIndex = 0;
  item.focus();
  item.querySelector(".tree__row")?.scrollIntoView({ block: "nearest" });
}

/** Opens or closes a branch; its units come from the page that its link leads to. @param {Element} tree @param {Item} item @param {boolean} open */
async function turn(tree, item, open) {
  const link = /** @type {HTMLAnchorElement | null} */ (item.querySelector(":scope > .tree__row > a.tree__turn"));
  if (!link || item.dataset.busy) return;
  let list = /** @type {HTMLElement | null} */ (item.querySelector(":scope > ul"));
  if (open && !list) {
    item.dataset.busy = "1";
    item.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      list = page.getElementById(item.id)?.querySelector(":scope > ul") ?? null;
    } catch {
      location.assign(link.href);
      return;
    } finally {
      delete item.dataset.busy;
      item.removeAttribute("aria-busy");
    }
    if (!list) return location.assign(link.href);
    item.append(list);
    list.setAttribute("role", "group");
    dress(list, Number(item.getAttribute("aria-level")) + 1);
  }
  if (list) list.hidden = !open;
  if (open) item.dataset.open = "";
  else delete item.dataset.open;
  item.setAttribute("aria-expanded", String(open));
}

/**
 * Many choices under headings, found by parts of their names, with or without marks. What is chosen stays in sight, in
 * the line above, too.
 * @param {HTMLElement} box
 */
function finder(box) {
  const field = box.querySelector('input[type="search"]');
  const none = /** @type {HTMLElement | null} */ (box.querySelector("[data-none]"));
  if (!(field instanceof HTMLInputElement) || !field.parentElement || !none) return;
  field.parentElement.hidden = false;
  const items = [...box.querySelectorAll("li")].map((li) => ({ li, name: folded(li.textContent ?? "") }));
  const groups = [...box.querySelectorAll("details")];
  field.addEventListener("input", () => {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    const fits = items.filter(({ name }) => words.every((word) => name.includes(word)));
    const shown = new Set(fits.map(({ li }) => li));
    for (const { li } of items) li.hidden = !shown.has(li) && !li.querySelector(":checked");
    for (const group of groups) {
      group.hidden = !group.querySelector("li:not([hidden])");
      group.open = words.length > 0 && !group.hidden;
    }
    none.textContent = fits.length ? "" : (none.dataset.none ?? "");
  });
  const told = box.querySelector("[data-chosen]");
  box.addEventListener("change", () => {
    const names = [...box.querySelectorAll("li")].filter((li) => li.querySelector(":checked")).map((li) => li.textContent?.trim());
    if (told) told.textContent = names.length ? `(${names.length}): ${names.join("; ")}` : "";
  });
  // Enter finds; it does not send the form.
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

clearSentDraft();
clearDraftsOfWhoLeft();
for (const form of forms) {
  if (form.dataset.draft) keepDraft(form);
  if (form.method === "post") submitOnce(form);
}
// Signing out takes along what a service worker kept of this person's pages.
document.querySelector('form[action="/dang-xuat"]')?.addEventListener("submit", () => {
  stored((s) => s.setItem("nhipcau-left", account), undefined);
  void globalThis.caches?.keys().then((names) => names.forEach((name) => name.startsWith("nhipcau-trang ") && void caches.delete(name)));
});
addEventListener("beforeunload", (event) => {
  if (unsent.size) event.preventDefault();
});
// The back button may show this very page from memory, with its buttons still asleep.
addEventListener("pageshow", (event) => {
  if (event.persisted) forms.forEach(allowAgain);
});
for (const e of document.querySelectorAll("[data-player]")) bigPlayer(/** @type {HTMLElement} */ (e));
for (const e of document.querySelectorAll("a[data-say]")) spokenLabel(/** @type {HTMLAnchorElement} */ (e));
for (const e of document.querySelectorAll("[data-card-reader]")) holdFocus(/** @type {HTMLElement} */ (e));
for (const e of document.querySelectorAll("[data-finder]")) finder(/** @type {HTMLElement} */ (e));
for (const e of document.querySelectorAll("[data-tree]")) keyedTree(/** @type {HTMLElement} */ (e));
