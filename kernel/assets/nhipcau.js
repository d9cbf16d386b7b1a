// @ts-check
// What pages gain when scripts run; nothing here is needed. Drafts of unsent words, one submit per press,
// a question before leaving, the kiosk's sound and card reader. No network, no tracking, no words of its own:
// every sentence shown comes from the page.

/** How long a page waits after the last key before it keeps the words, in milliseconds. */
const QUIET = 600;
/** A button that never came back is usable again after this many milliseconds. */
const RETRY = 12_000;
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

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
 * The fields worth keeping: never passwords, files, hidden facts such as the CSRF value.
 * @param {HTMLFormElement} form @returns {Control[]}
 */
function keepable(form) {
  return /** @type {Control[]} */ ([...form.elements]).filter(
    (e) => e.name && "value" in e && !["password", "file", "hidden", "submit", "button", "fieldset"].includes(e.type),
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

/** @param {HTMLFormElement} form */
function keepDraft(form) {
  const key = `nhipcau-draft:${form.dataset.draft}`;
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
 * Only good news drops a draft: the page right after sending says that it is done. A refusal, an ended session,
 * a lost link or a sign-in page leave it where it is.
 */
function clearSentDraft() {
  stored((s) => {
    const key = s.getItem("nhipcau-sent");
    if (key && document.querySelector('[data-flash="done"]')) s.removeItem(key);
    s.removeItem("nhipcau-sent");
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
    setTimeout(() => allowAgain(form), RETRY);
  });
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

clearSentDraft();
for (const form of forms) {
  if (form.dataset.draft) keepDraft(form);
  if (form.method === "post") submitOnce(form);
}
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
