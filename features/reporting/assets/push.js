// @ts-check
// The one button of the page "Nhận nhắc việc" that needs a script: subscribing this browser. Its words stand in the
// page.

const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-push]"));
const button = place?.querySelector("button");
const status = place?.querySelector("[role=status]");

/** @param {string} text @returns {Uint8Array} */
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

/** @param {string} words */
const tell = (words) => status && (status.textContent = words);

/** @param {HTMLElement} place */
async function subscribe(place) {
  const { push = "", worker = "", keep = "", csrf = "", done = "", refused = "", unable = "" } = place.dataset;
  if ((await Notification.requestPermission()) !== "granted") return tell(refused);
  try {
    const registration = await navigator.serviceWorker.register(worker);
    const options = { userVisibleOnly: true, applicationServerKey: bytes(push) };
    const old = await registration.pushManager.getSubscription();
    await old?.unsubscribe();
    // A worker that was registered just now may not be active yet.
    for (let tries = 0; !registration.active && tries < 50; tries++) await new Promise((next) => setTimeout(next, 100));
    const subscription = await registration.pushManager.subscribe(options);
    const answer = await fetch(keep, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf": csrf },
      body: JSON.stringify(subscription),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    tell(done);
  } catch {
    tell(unable);
  }
}

if (place && button) {
  if (isSecureContext && "serviceWorker" in navigator && "PushManager" in window) {
    button.hidden = false;
    tell("");
    button.addEventListener("click", () => void subscribe(place));
  } else tell(place.dataset.unable ?? "");
}
