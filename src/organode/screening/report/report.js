"use strict";
// Sorts a table by a column when its head is clicked; filters cards and rows by text, group and tier;
// saves the ticked candidates.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => row.cells[column].textContent;
      const numeric = head.classList.contains("n");
      const rows = [...body.rows].map((row) => [numeric ? Number(value(row)) : value(row), row]);
      rows.sort(([a], [b]) => (numeric ? a - b : a.localeCompare(b)));
      if (down) rows.reverse();
      body.append(...rows.map(([, row]) => row));
    });
  });
}
for (const bar of document.querySelectorAll(".filter")) {
  const section = bar.closest("section");
  const text = bar.querySelector("input[type=search]");
  const doubtful = bar.querySelector("input[type=checkbox]");
  const group = bar.querySelector("select");
  const shown = bar.querySelector("output");
  const items = [...section.querySelectorAll("[data-text]")];
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    for (const item of items) {
      item.hidden = !(
        (!wanted || item.dataset.text.toLowerCase().includes(wanted)) &&
        (!group.value || item.dataset.group === group.value) &&
        (!doubtful || doubtful.checked || item.dataset.tier === "fine")
      );
    }
    const rows = items.filter((item) => item.tagName === "TR");
    const left = rows.filter((row) => !row.hidden).length;
    shown.value = left === rows.length ? "" : `${left} of ${rows.length}`;
  };
  text.addEventListener("input", apply);
  group.addEventListener("change", apply);
  doubtful?.addEventListener("change", apply);
}
const shortlist = document.querySelector(".shortlist");
const taken = () => [...document.querySelectorAll("tr .take:checked")].map((box) => box.closest("tr"));
document.addEventListener("change", ({ target }) => {
  if (!target.classList.contains("take")) return;
  for (const twin of document.querySelectorAll(`.take[value="${target.value}"]`)) twin.checked = target.checked;
  const rows = taken();
  shortlist.hidden = rows.length === 0;
  shortlist.querySelector("output").value = `${rows.length} in your shortlist`;
});
// As in organode's own tables: no spreadsheet may run a text as a formula.
const csv = (text) => `"${(/^[=+\-@]/.test(text) && isNaN(text) ? "'" : "") + text.replaceAll('"', '""')}"`;
shortlist.querySelector("button").addEventListener("click", () => {
  const rows = taken();
  const heads = [...rows[0].closest("table").tHead.rows[0].cells].slice(1).map((head) => head.textContent);
  const lines = rows.map((row) => [row.closest("section").id, ...[...row.cells].slice(1).map((cell) => cell.textContent)]);
  const text = [["role", ...heads], ...lines].map((line) => line.map(csv).join(",")).join("\r\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", text, "\r\n"], { type: "text/csv" }));
  link.download = "shortlist.csv";
  link.click();
  URL.revokeObjectURL(link.href);
});
