// Keeps the page up to date, and copies calls as curl commands. The page works without it.
"use strict";
const main = document.querySelector("main");
const live = document.querySelector("#live");

// Narrow screens show no heads: each cell has its head's text.
function label(part) {
  for (const table of part.querySelectorAll("table")) {
    const heads = [...table.querySelectorAll("th")].map((head) => head.textContent);
    for (const row of table.rows) {
      [...row.cells].forEach((cell, at) => { if (cell.tagName === "TD" && heads[at]) cell.dataset.label = heads[at]; });
    }
  }
}

async function refresh() {
  const busy = main.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
  if (live.checked && !document.hidden && !busy) {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (response && response.ok) {
      const text = await response.text();
      const next = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      label(next);
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

// The payer's page has no tables.
if (main) {
  label(main);
  setTimeout(refresh, 2000);
}
