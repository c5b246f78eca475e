// Keeps what never changes (files named by their content, fonts, icons) and one page for when there is no network.
// Never keeps a page, an answer of the API or anything live.
const BUILD = "__BUILD_ID__";
const ASSETS = __ASSETS__;
const CACHE = "starboard-" + BUILD;
// written by the page, shown by the offline page; survives updates, goes at sign-out
const LAST_BOARD = "starboard-last-board";
const OFFLINE = "/offline.html";

self.addEventListener("install", (event) => {
  // the page says that a new build is there; whoever keeps the old page open loses nothing by this
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(ASSETS)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("starboard-") && name !== CACHE && name !== LAST_BOARD) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(OFFLINE)) || Response.error()));
  } else if (url.pathname === "/last-board.json") {
    event.respondWith(caches.open(LAST_BOARD).then(async (cache) => (await cache.match(url.pathname)) || Response.json(null)));
  } else if (ASSETS.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(request)));
  }
});

// what is pushed is shown, always: rule, queue and reading, sealed for this browser alone
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // said below, so that nothing comes in silence
  }
  event.waitUntil(self.registration.showNotification(told.title || "Starboard", {
    body: told.body || "An alarm was raised.",
    tag: told.tag,
    icon: "/icons/icon-192.png",
    data: told.url,
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data || "/alarms", self.location.origin);
  const address = wanted.origin === self.location.origin ? wanted.href : self.location.origin;
  event.waitUntil((async () => {
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    // a page that is open shows it in its bell, and keeps what was typed in it
    const page = pages.find((one) => one.url === address) || pages[0];
    await (page ? page.focus() : self.clients.openWindow(address));
  })());
});
