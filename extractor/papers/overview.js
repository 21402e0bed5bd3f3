"use strict";
// Sorts and filters the list of reports; without this script it stands in the order of attention.
(() => {
  const list = document.getElementById("list");
  const rows = [...list.tBodies[0].rows];
  const text = (row, column) => row.cells[column].textContent.trim();
  const compare = (column) => (one, other) => {
    const [a, b] = [text(one, column), text(other, column)];
    const [x, y] = [parseFloat(a), parseFloat(b)];
    if (list.tHead.rows[0].cells[column].classList.contains("number")) return (isNaN(y) ? -1 : y) - (isNaN(x) ? -1 : x);
    return a.localeCompare(b, "zh-CN");
  };
  [...list.tHead.rows[0].cells].forEach((head, column) => {
    head.tabIndex = 0;
    const sort = () => {
      const reverse = head.ariaSort === "ascending";
      [...list.tHead.rows[0].cells].forEach((other) => { other.ariaSort = null; });
      head.ariaSort = reverse ? "descending" : "ascending";
      const sorted = [...rows].sort(compare(column));
      list.tBodies[0].append(...(reverse ? sorted.reverse() : sorted));
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
  });
  const filter = document.getElementById("filter");
  filter.hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(words);
  });
})();
