// Searches in `catalogIndex`: lists of kind, name, further text and page. Everything is shown as text.
"use strict";

(() => {
  const most = 100;
  const kinds = { package: "Package", api: "API", version: "Version" };
  const input = document.getElementById("search");
  const found = document.getElementById("found");
  const count = document.getElementById("count");
  const texts = catalogIndex.map(([, name, more]) => [name.toLowerCase(), `${name} ${more}`.toLowerCase()]);

  // Names rank above other texts, their beginnings above the rest of them, and packages above versions.
  function rank(i, words) {
    const [name, all] = texts[i];
    let rank = { package: 0, api: 1, version: 2 }[catalogIndex[i][0]];
    for (const word of words) {
      if (!all.includes(word)) return -1;
      rank += name.startsWith(word) ? 0 : name.includes(word) ? 3 : 6;
    }
    return rank;
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  function show(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = [];
    if (words.length) {
      for (let i = 0; i < texts.length; i++) {
        const ranked = rank(i, words);
        if (ranked >= 0) hits.push([ranked, i]);
      }
    }
    hits.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    found.replaceChildren(...hits.slice(0, most).map(([, i]) => {
      const [kind, name, more, page] = catalogIndex[i];
      const item = document.createElement("li");
      const link = element("a", "", name);
      link.href = page;
      item.append(element("span", "badge", kinds[kind]), " ", link, element("p", "quiet", more));
      return item;
    }));
    const cut = hits.length > most ? `, of which ${most} are shown` : "";
    count.textContent = words.length ? `${hits.length} found${cut}` : "Type to search.";
  }

  const asked = new URLSearchParams(location.search).get("q") || new URLSearchParams(location.hash.slice(1)).get("q") || "";
  input.value = asked;
  input.addEventListener("input", () => {
    show(input.value);
    history.replaceState(null, "", `#q=${encodeURIComponent(input.value)}`);
  });
  show(asked);
  input.focus();
})();
