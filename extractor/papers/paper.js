"use strict";
// Links work without this script; it lights all places of a record, and opens what is folded before printing.
(() => {
  const light = () => {
    document.querySelectorAll(".lit").forEach((one) => one.classList.remove("lit"));
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const records = target.dataset.r ? target.dataset.r.split(" ") : /^r\d+$/.test(target.id) ? [target.id] : [];
    for (const record of records) {
      document.getElementById(record)?.classList.add("lit");
      document.querySelectorAll(`[data-r~="${record}"]`).forEach((one) => one.classList.add("lit"));
    }
  };
  addEventListener("hashchange", light);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  light();
})();
