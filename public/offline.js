// The last board that a page put aside, greyed and with its age. Text nodes only: names come from the telephone network.
try { const theme = localStorage.getItem("starboard-theme"); if (theme) document.documentElement.dataset.theme = theme; } catch {}

const age = (ms) => {
  const s = Math.max(0, Math.floor(ms / 1000));
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` : s < 86400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`;
};
const element = (name, ...children) => { const made = document.createElement(name); made.append(...children); return made; };
const shape = (slug) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "/icons.svg#icon-state-" + slug);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
};
const list = (id, rows, draw) => {
  if (!rows.length) return;
  const section = document.getElementById(id);
  section.hidden = false;
  section.querySelector("ul").append(...rows.map(draw));
};

show();
async function show() {
  const kept = await fetch("/last-board.json").then((answer) => answer.json()).catch(() => null);
  if (!kept) return;
  const tell = () => { document.getElementById("age").textContent = `offline · ${age(Date.now() - kept.at_ms)} old`; };
  tell();
  setInterval(tell, 1000);
  list("calls", kept.calls, (call) => element("li", element("strong", `${call.caller} → ${call.callee}`), element("span", shape(call.slug), " ", call.word)));
  list("people", kept.people, (one) => element("li", element("strong", one.name || one.number), element("span", one.number), element("span", shape(one.slug), " ", one.word, one.with ? ` · ${one.with}` : "")));
}

// comes back by itself: asks more and more seldom, and at once when the network returns
let wait = 2000;
const ask = async () => {
  const back = await fetch("/healthz", { cache: "no-store" }).then((answer) => answer.status < 500).catch(() => false);
  if (back) location.reload();
  else setTimeout(ask, (wait = Math.min(wait * 1.5, 20000)));
};
setTimeout(ask, wait);
addEventListener("online", () => location.reload());
