// Keys: `/` search, `?` the list, `[` `]` period, `g` then a letter goes somewhere. Silent while somebody types, and
// one box in the list turns single keys off (WCAG 2.1.4).
const OFF = "adloom_shortcuts_off";
const SEQUENCE_MS = 1200;
let goesSince = 0;

export function startShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || areOff()) return;
    if (act(event.key, event.timeStamp)) event.preventDefault();
  });
  const box = document.querySelector<HTMLInputElement>("[data-shortcuts-off]");
  if (!box) return;
  box.checked = areOff();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "yes" : ""));
}

function act(key: string, at: number): boolean {
  const isSecond = at - goesSince < SEQUENCE_MS;
  goesSince = key === "g" ? at : -SEQUENCE_MS;
  if (isSecond && follow(`[data-go="${CSS.escape(key)}"]`)) return true;
  if (key === "/") return focusSearch();
  if (key === "?") return openList();
  if (key === "[") return follow("[data-earlier]");
  return key === "]" && follow("[data-later]");
}

function follow(selector: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(selector);
  link?.click();
  return link !== null;
}

function focusSearch(): boolean {
  const search = document.querySelector<HTMLInputElement>('input[type="search"]');
  search?.focus();
  return search !== null;
}

function openList(): boolean {
  const list = document.getElementById("shortcuts");
  if (!(list instanceof HTMLDialogElement) || list.open) return false;
  list.showModal();
  return true;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select'));
}

function areOff(): boolean {
  return localStorage.getItem(OFF) === "yes";
}
