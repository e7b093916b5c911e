// Common to all pages: "/" focuses the search, a link to a folded element opens it, and long lists of fields get a filter.
"use strict";

const search = document.getElementById("search");

document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});

function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest("details");
  if (folded) {
    folded.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", unfold);
unfold();

const place = document.getElementById("filter");
if (place) {
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = "Filter fields";
  input.setAttribute("aria-label", "Filter fields");
  place.prepend(input);
  const rows = Array.from(document.querySelectorAll("table.fields > tbody > tr"));
  const texts = rows.map((row) => (row.id + " " + row.textContent).toLowerCase());
  const count = place.querySelector("p");
  const all = count.textContent;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    count.textContent = words.length ? `${shown} of ${all}` : all;
  });
}
