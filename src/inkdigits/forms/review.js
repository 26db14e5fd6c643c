"use strict";
const inputs = [...document.querySelectorAll("input[data-field]")];
const typed = document.getElementById("typed");
document.querySelector(".bar").hidden = false;

const changed = () => inputs.filter((it) => it.value.trim() !== it.dataset.read);

function tell() {
  for (const it of inputs) it.classList.toggle("changed", it.value.trim() !== it.dataset.read);
  const count = changed().length;
  typed.textContent = count === 0 ? "" : count === 1 ? "1 correction" : `${count} corrections`;
}

// a spreadsheet would take = + - @ at the start for a formula
function cell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function save() {
  const rows = changed().map((it) => [it.dataset.sheet, it.dataset.field, it.dataset.read, it.value.trim()]);
  const text = [["sheet", "field", "read", "correct"], ...rows]
    .map((row) => row.map(cell).join(",") + "\n").join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = "corrections.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  saved = true;
}

let saved = true;
document.addEventListener("input", () => { saved = false; tell(); });
document.addEventListener("keydown", (event) => {
  const at = inputs.indexOf(event.target);
  if (at < 0 || event.key !== "Enter") return;
  event.preventDefault();
  const next = inputs[at + (event.shiftKey ? -1 : 1)];
  if (next) { next.focus(); next.select(); } else document.getElementById("save").focus();
});
document.getElementById("save").addEventListener("click", save);
window.addEventListener("beforeunload", (event) => {
  if (!saved && changed().length) event.preventDefault();
});
tell();
