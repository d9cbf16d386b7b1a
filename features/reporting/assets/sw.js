// @ts-check
// Keeps the pages for entry within reach when the network is away. Browsers allow this in secure contexts only: HTTPS,
// or localhost. On the plain HTTP of a commune's own network the point itself stands in the room, so there is nothing
// to bridge; the queue of what was typed works there too, without this file.
//
// Whose pages these are: a kept page holds figures that only its reader may see. Each person's pages lie in a cache
// of their own, named by the opaque `data-person` of the page; as soon as a page of somebody else comes by, the other
// caches go, and signing out throws all of them away. While nobody signs out and no network says that the session is
// over, whoever sits at this machine sees what its last reader saw, as with a tab that was left open.

const PAGES = "nhipcau-trang ";
const SHELL = "nhipcau-vo";
/** Most pages, and most files of the shell, that are kept; the oldest go first. */
const PAGES_MAX = 40;
const SHELL_MAX = 30;
/** So long the network has before the kept page is shown, in milliseconds. */
const PATIENCE = 8_000;

const worker = /** @type {any} */ (self);

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(navigated(event));
  // Their address holds the hash of their content.
  else if (/^(\/bao-cao)?\/tinh\//.test(url.pathname)) event.respondWith(shell(request));
});

/** The network first; what is kept when it does not answer. @param {any} event @returns {Promise<Response>} */
async function navigated(event) {
  const asking = fetch(event.request);
  // Kept also when it comes too late to be shown.
  const page = (/** @type {Response} */ answer) => answer.ok && answer.headers.get("content-type")?.startsWith("text/html");
  event.waitUntil(asking.then(async (answer) => void (page(answer) && (await keep(event.request, answer.clone())))).catch(() => {}));
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  const answer = await Promise.race([asking.catch(() => null), late.then(() => null)]);
  if (answer && ![502, 503, 504].includes(answer.status)) return answer;
  return (await caches.match(event.request, { ignoreVary: true })) ?? answer ?? asking;
}

/** @param {Request} request @param {Response} answer */
async function keep(request, answer) {
  if (answer.redirected) return;
  const person = /\sdata-person="([^"]+)"/.exec(await answer.clone().text())?.[1];
  if (!person) return;
  for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== PAGES + person) await caches.delete(name);
  await store(PAGES + person, request, answer, PAGES_MAX);
}

/** @param {Request} request @returns {Promise<Response>} */
async function shell(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await store(SHELL, request, answer.clone(), SHELL_MAX).catch(() => {});
  return answer;
}

/** @param {string} name @param {Request} request @param {Response} answer @param {number} most */
async function store(name, request, answer, most) {
  const cache = await caches.open(name);
  await cache.delete(request, { ignoreVary: true });
  await cache.put(request, answer);
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - most))) await cache.delete(old);
}
