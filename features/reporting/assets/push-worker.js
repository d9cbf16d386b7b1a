// @ts-check
// Shows what the program tells this browser: how much is owed and by when, never a figure or a name. It keeps no
// pages; that is the work of sw.js.

const worker = /** @type {any} */ (self);

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("push", (/** @type {any} */ event) => {
  let told = { title: "Nhịp Cầu", line: "", link: "/bao-cao/han" };
  try {
    told = { ...told, ...event.data.json() };
  } catch {
    // Whatever came, something must be shown: browsers demand it.
  }
  event.waitUntil(worker.registration.showNotification(told.title, { body: told.line, tag: told.link, data: told.link, lang: "vi" }));
});
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  // Only ever a page of ours.
  const link = new URL(String(event.notification.data), location.origin);
  event.waitUntil(worker.clients.openWindow(link.origin === location.origin ? link.href : "/bao-cao/han"));
});
