// Row selection: the head's box selects all, and the bulk bar shows how many are selected.
export function startRows(): void {
  // Selected before the script came, or brought back by the browser.
  const selected = [...document.querySelectorAll("input[data-row]:checked")];
  new Set(selected.map(scopeOf)).forEach(update);
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    const scope = scopeOf(box);
    if (box.matches("[data-row-all]")) rowsIn(scope).forEach((row) => { row.checked = box.checked; });
    if (box.matches("[data-row-all], [data-row]")) update(scope);
  });
  document.addEventListener("click", (event) => {
    const clear = (event.target as Element).closest("[data-row-none]");
    if (!clear) return;
    rowsIn(scopeOf(clear)).forEach((row) => { row.checked = false; });
    update(scopeOf(clear));
  });
}

function scopeOf(element: Element): ParentNode {
  return element.closest("form") ?? document;
}

function rowsIn(scope: ParentNode): HTMLInputElement[] {
  return [...scope.querySelectorAll<HTMLInputElement>("input[data-row]")];
}

function update(scope: ParentNode): void {
  const rows = rowsIn(scope);
  const selected = rows.filter((row) => row.checked).length;
  const all = scope.querySelector<HTMLInputElement>("[data-row-all]");
  if (all) {
    all.checked = selected > 0 && selected === rows.length;
    all.indeterminate = selected > 0 && selected < rows.length;
  }
  const bar = scope.querySelector<HTMLElement>("[data-bulk-bar]");
  if (!bar) return;
  bar.classList.toggle("is-open", selected > 0);
  const count = bar.querySelector("[data-bulk-count]");
  const noun = bar.dataset.noun ?? "row";
  if (count) count.textContent = `${selected} ${selected === 1 ? noun : `${noun}s`} selected`;
}
