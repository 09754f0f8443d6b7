// The tooltip's inside as a DOM element: an HTML string would bring style attributes, which our content policy refuses.
export interface TipRow { name: string; value: string; colour?: string }

export function tip(title: string, rows: TipRow[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "chart-tip";
  box.append(Object.assign(document.createElement("strong"), { textContent: title }));
  for (const row of rows) {
    const line = document.createElement("div");
    const name = Object.assign(document.createElement("span"), { textContent: row.name });
    line.append(name, Object.assign(document.createElement("b"), { textContent: row.value }));
    box.append(line);
  }
  return box;
}
