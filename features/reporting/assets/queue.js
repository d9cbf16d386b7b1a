// @ts-check
// What was typed and is not at the server yet. It is kept in this browser (IndexedDB, or localStorage where that is
// forbidden) under the person and the report, survives reloads, crashes and days without a network, and is sent in
// the order in which it was typed, by one tab at a time. A newer figure for a cell replaces the older one that waits;
// its base stays the version that the person saw, so the server can tell a stale one. Nothing is ever taken back.

/** What is sent for a cell: `text`, `nil`, `noData` or `empty`, or for a narrative `words`; `settle` when it was chosen
 * against another one. @typedef {{ text?: string, nil?: string, noData?: string, empty?: true, words?: string, settle?: true }} Body */
/** wait: to be sent; saved: at the server with `version`, until the page comes with it; hold: cannot be sent as it is
 * (`problem` says why); conflict: another one stands at the server (`theirs`). */
/** @typedef {{ who: string, save: string, cell: string, body: Body, base: number, held: string, seq: number, at: number,
 *   state: "wait" | "saved" | "hold" | "conflict", version?: number, shown?: string, words?: string, problem?: string,
 *   theirs?: Body, by?: string, when?: string, href?: string }} Kept */
/** One record's change; `how` gives what shall stand there: a record, null for none, undefined to leave it.
 * @typedef {[save: string, cell: string, how: (kept: Kept | undefined) => Kept | null | undefined]} Change */
/** Changes go together or not at all. @typedef {{ change: (list: Change[]) => Promise<void>,
 *   all: () => Promise<Kept[]>, alone: (work: () => Promise<void>) => Promise<void>, lasting: boolean }} Store */
/** What the strip on top says. @typedef {{ count: number, since: number, why: "" | "away" | "sign-in" | "other" | "refused", problem: string, savedAt: string }} Standing */

const NAME = "nhipcau-bao-cao";
/** Most figures in one request. */
const AT_ONCE = 300;
/** Pauses between tries, in milliseconds; the last one is repeated. */
const PAUSES = [2_000, 5_000, 15_000, 60_000];
/** A request that takes longer has failed. */
const PATIENCE = 20_000;
/** So long a tab has the right to send where the browser knows no locks (plain HTTP at a point). */
const LEASE = 25_000;
/** What was sent is forgotten after so many milliseconds. */
const MEMORY = 30 * 24 * 3600_000;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const asked = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

/** @param {string} who @returns {Promise<Store>} */
export async function openStore(who) {
  const locked = (/** @type {() => Promise<boolean>} */ take, /** @type {() => Promise<void>} */ give) =>
    async (/** @type {() => Promise<void>} */ work) => {
      if (navigator.locks) return void (await navigator.locks.request(`${NAME} ${who}`, { ifAvailable: true }, async (lock) => lock && work()));
      if (!(await take())) return;
      // A page that goes away while it sends leaves the right to the next one.
      const leave = () => void give();
      addEventListener("pagehide", leave);
      try {
        await work();
      } finally {
        removeEventListener("pagehide", leave);
        await give();
      }
    };
  try {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("cells", { keyPath: ["who", "save", "cell"] });
      opening.result.createObjectStore("leases");
    };
    const db = await asked(opening);
    db.onversionchange = () => db.close();
    /** @param {string} store @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => void} work @returns {Promise<void>} */
    const within = (store, mode, work) => new Promise((done, fail) => {
      const tx = db.transaction(store, mode, { durability: "strict" });
      tx.oncomplete = () => done();
      tx.onerror = tx.onabort = () => fail(tx.error);
      work(tx.objectStore(store));
    });
    const take = async () => {
      let mine = false;
      await within("leases", "readwrite", (leases) => {
        leases.get(who).onsuccess = (event) => {
          const until = /** @type {any} */ (event.target).result ?? 0;
          mine = until < Date.now() || until > Date.now() + LEASE;
          if (mine) leases.put(Date.now() + LEASE, who);
        };
      });
      return mine;
    };
    return {
      lasting: true,
      change: (list) => within("cells", "readwrite", (cells) => {
        for (const [save, cell, how] of list) {
          cells.get([who, save, cell]).onsuccess = (event) => {
            const kept = how(/** @type {any} */ (event.target).result);
            if (kept) cells.put(kept);
            else if (kept === null) cells.delete([who, save, cell]);
          };
        }
      }),
      all: async () => {
        const range = IDBKeyRange.bound([who], [who, []]);
        return asked(db.transaction("cells").objectStore("cells").getAll(range));
      },
      alone: locked(take, () => within("leases", "readwrite", (leases) => void leases.delete(who))),
    };
  } catch {
    return simpleStore(who, locked);
  }
}

/** Where there is no IndexedDB; and where nothing may be kept at all, in memory.
 * @param {string} who @param {(take: () => Promise<boolean>, give: () => Promise<void>) => Store["alone"]} locked @returns {Store} */
function simpleStore(who, locked) {
  const head = `${NAME} ${who} `;
  /** @type {Pick<Storage, "getItem" | "setItem" | "removeItem">} */
  let box;
  let names = () => Object.keys(localStorage);
  let lasting = true;
  try {
    box = localStorage;
    box.setItem(NAME, "");
  } catch {
    lasting = false;
    const map = new Map();
    names = () => [...map.keys()];
    box = { getItem: (k) => map.get(k) ?? null, setItem: (k, v) => void map.set(k, v), removeItem: (k) => void map.delete(k) };
  }
  const lease = `${NAME}-lease ${who}`;
  const take = async () => {
    if (Number(box.getItem(lease)) > Date.now()) return false;
    box.setItem(lease, `${Date.now() + LEASE}`);
    return true;
  };
  return {
    lasting,
    change: async (list) => {
      for (const [save, cell, how] of list) {
        const key = head + JSON.stringify([save, cell]);
        const kept = how(JSON.parse(box.getItem(key) ?? "null") ?? undefined);
        if (kept) box.setItem(key, JSON.stringify(kept));
        else if (kept === null) box.removeItem(key);
      }
    },
    all: async () => names().filter((name) => name.startsWith(head)).map((name) => JSON.parse(box.getItem(name) ?? "null")),
    alone: locked(take, async () => box.removeItem(lease)),
  };
}

/** Sends what waits. */
export class Outbox {
  /** @param {Store} store @param {string} who @param {{ token: string, renew: () => Promise<Standing["why"]>,
   *   heard: (kept: Kept, again?: boolean) => void, verdicts: (list: any[]) => void, standing: (standing: Standing) => void }} page */
  constructor(store, who, page) {
    /** @type {Store} */ this.store = store;
    /** @type {string} */ this.who = who;
    this.page = page;
    /** @type {Standing["why"]} */ this.why = "";
    this.problem = "";
    this.savedAt = "";
    this.seq = 0;
    this.tries = 0;
    this.busy = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */ this.timer = undefined;
    /** @type {Change[]} */ this.pending = [];
    /** Writes to the store, one behind the other. @type {Promise<unknown>} */ this.writing = Promise.resolve();
    this.channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`${NAME} ${who}`) : null;
  }

  /** Keeps what a cell holds now; `state` is `hold` for what cannot be sent as it is.
   * @param {string} save @param {string} cell @param {Body} body @param {string} held @param {number} base
   * @param {"wait" | "hold"} [state] @param {string} [problem] */
  keep(save, cell, body, held, base, state = "wait", problem = "") {
    const at = Date.now();
    const seq = (this.seq = Math.max(this.seq + 1, at * 1000));
    this.pending.push([save, cell, (kept) => {
      // Words over which somebody else wrote wait for the choice, however long they are typed on.
      const stays = kept && (kept.state === "conflict" ? "words" in body && !body.settle : kept.state !== "saved");
      if (stays && kept.theirs) return { ...kept, body, held, seq };
      return {
        who: this.who, save, cell, body, held, seq, at: kept?.state === "wait" ? kept.at : at, state, problem,
        // What is not at the server yet keeps the version on which it was typed, whatever a fresh page shows; what is
        // on its way or came back meanwhile knows the newer one.
        base: stays ? kept.base : Math.max(base, kept?.version ?? 0),
      };
    }]);
    // A pasted block is one write.
    if (this.pending.length === 1) this.writing = this.writing.then(() => this.store.change(this.pending.splice(0))).catch(() => {});
    return seq;
  }

  /** Sends after a quiet while. @param {number} pause */
  soon(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), pause);
  }

  /** Sends everything that waits, unless another tab is at it. */
  async send() {
    clearTimeout(this.timer);
    if (this.busy) return this.soon(300);
    this.busy = true;
    try {
      await this.writing;
      await this.store.alone(() => this.sendAll());
    } catch {
      this.why = "away";
    } finally {
      this.busy = false;
    }
    if ((await this.tell()) && this.why !== "refused") {
      this.soon(this.why ? PAUSES[Math.min(this.tries++, PAUSES.length - 1)] : 300);
    }
    if (!this.why) this.tries = 0;
    this.channel?.postMessage([this.why, this.savedAt]);
  }

  /** Sends now and waits for it. @returns {Promise<number>} how much still waits */
  async flush() {
    for (let wait = 0; this.busy && wait < 200; wait++) await new Promise((done) => setTimeout(done, 100));
    await this.send();
    return this.tell();
  }

  /** Says what waits. @returns {Promise<number>} how much */
  async tell() {
    await this.writing;
    const waiting = (await this.store.all()).filter((kept) => kept.state === "wait");
    const since = waiting.length ? Math.min(...waiting.map((kept) => kept.at)) : 0;
    this.page.standing({ count: waiting.length, since, why: this.why, problem: this.problem, savedAt: this.savedAt });
    return waiting.length;
  }

  async sendAll() {
    const waiting = (await this.store.all()).filter((kept) => kept.state === "wait").sort((a, b) => a.seq - b.seq);
    this.why = "";
    for (const save of new Set(waiting.map((kept) => kept.save))) {
      const ours = waiting.filter((kept) => kept.save === save);
      for (let at = 0; at < ours.length && !this.why; at += AT_ONCE) await this.post(save, ours.slice(at, at + AT_ONCE));
    }
  }

  /** @param {string} save @param {Kept[]} sent @param {boolean} [again] */
  async post(save, sent, again = false) {
    const isWords = (/** @type {Kept} */ kept) => kept.cell.startsWith("t.");
    const body = JSON.stringify({
      edits: sent.filter((kept) => !isWords(kept)).map(({ cell, base, body }) => ({ cell, base, ...body })),
      narratives: sent.filter(isWords).map(({ cell, base, body }) => [cell.slice(2), body.words, base]),
    });
    const headers = { "content-type": "application/json", accept: "application/json", "x-csrf": this.page.token };
    /** @type {Response} */
    let response;
    try {
      const patience = new AbortController();
      setTimeout(() => patience.abort(), PATIENCE);
      response = await fetch(save, { method: "POST", headers, body, signal: patience.signal, keepalive: body.length < 50_000 });
    } catch {
      this.why = "away";
      return;
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && answer) return this.heard(sent, answer);
    if (response.status === 401) this.why = "sign-in";
    else if (response.status === 403 && !again) {
      // The session was renewed (signed in again, perhaps in another tab): a fresh page knows its token.
      this.why = await this.page.renew();
      if (!this.why) await this.post(save, sent, true);
    } else if (response.status >= 500 || response.status === 429 || response.ok) this.why = "away";
    else {
      this.problem = [answer?.title, answer?.detail].filter(Boolean).join(" ") || String(response.status);
      this.why = response.status === 403 ? "refused" : "";
      // Refused as a whole: what was typed stays, beside the reason.
      if (!this.why) await this.settle(sent.map((kept) => [kept, { state: "hold", problem: this.problem }]));
    }
  }

  /** @param {Kept[]} sent @param {any} answer */
  async heard(sent, answer) {
    this.savedAt = answer.savedAt ?? "";
    /** @type {Map<string, any>} */
    const told = new Map();
    for (const one of answer.narratives ?? []) told.set(`t.${one.section}`, one);
    for (const one of answer.cells ?? []) told.set(one.cell, one);
    /** @type {[Kept, Partial<Kept>][]} */
    const settled = [];
    for (const kept of sent) {
      const { became, ...one } = told.get(kept.cell) ?? {};
      told.delete(kept.cell);
      const state = became === "stands" ? "saved" : became === "conflict" || became === "stale" ? "conflict" : "hold";
      // What was not answered still waits.
      if (became) settled.push([kept, { ...one, state, version: one.version || undefined }]);
    }
    await this.settle(settled);
    // Cells that followed, as the rest of a row follows its first one; never over what waits here.
    const followed = [...told.values()].filter((one) => one.became === "stands" && one.cell);
    await this.store.change(followed.map(({ cell, shown, words, version }) => {
      /** @type {Kept} */
      const it = { who: this.who, save: sent[0].save, cell, body: { text: shown }, base: version, seq: 0, at: Date.now(),
        held: JSON.stringify([shown, "value", ""]), state: "saved", version, shown, words };
      return [it.save, cell, (kept) => (kept && kept.state !== "saved" ? undefined : (this.page.heard(it, true), it))];
    }));
    this.page.verdicts(answer.verdicts ?? []);
  }

  /** @param {[Kept, Partial<Kept>][]} list what was sent, and what became of it */
  async settle(list) {
    /** @type {Kept[]} */
    const now = [];
    await this.store.change(list.map(([sent, told]) => [sent.save, sent.cell, (kept) => {
      // Typed again while it was on its way: that still waits, on top of what stands now.
      const newer = kept && kept.seq !== sent.seq;
      const it = newer ? { ...kept, base: told.state === "saved" ? (told.version ?? kept.base) : kept.base } : { ...sent, ...told };
      now.push(it);
      return it;
    }]));
    for (const kept of now) this.page.heard(kept);
  }

  /** @param {Kept[]} list */
  forget(list) {
    return this.store.change(list.map(({ save, cell, seq }) => [save, cell, (now) => (now?.seq === seq ? null : undefined)]));
  }

  /** What the page already shows, or what is long at the server, need not be remembered.
   * @param {string} save @param {Map<string, number>} shown versions by cell @returns {Promise<Kept[]>} what is left of this report */
  async recall(save, shown) {
    await this.writing;
    const all = await this.store.all();
    const past = all.filter((kept) => kept.state === "saved" && (kept.save === save
      ? (shown.get(kept.cell) ?? Infinity) >= (kept.version ?? 0) : kept.at < Date.now() - MEMORY));
    await this.forget(past);
    return all.filter((kept) => kept.save === save && !past.includes(kept));
  }
}
