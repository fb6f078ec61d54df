// Keeps the page up to date, and copies calls as curl commands. The page works without it.
"use strict";
const main = document.querySelector("main");
const live = document.querySelector("#live");

async function refresh() {
  const busy = main.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
  if (live.checked && !document.hidden && !busy) {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (response && response.ok) {
      const text = await response.text();
      const next = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      const open = new Set([...main.querySelectorAll("details[open]")].map((details) => details.id));
      for (const details of next.querySelectorAll("details")) details.open = open.has(details.id);
      if (next.innerHTML !== main.innerHTML) main.replaceChildren(...next.childNodes);
    }
  }
  setTimeout(refresh, 2000);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  event.preventDefault();
  const text = button.parentElement.querySelector(".curl").textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "copied";
  } catch {
    button.parentElement.querySelector(".curl").hidden = false;
  }
});

setTimeout(refresh, 2000);
