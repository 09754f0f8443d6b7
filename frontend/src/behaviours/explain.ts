// Words that explain themselves: a click opens (without a script too), here also a pointer that rests on them.
const REST_MS = 250;

export function startExplanations(): void {
  document.addEventListener("pointerover", (event) => {
    const term = (event.target as Element).closest?.<HTMLElement>("[data-explain]");
    if (!term || event.pointerType !== "mouse") return;
    const timer = setTimeout(() => toggle(term, true), REST_MS);
    term.addEventListener("pointerleave", () => { clearTimeout(timer); toggle(term, false); }, { once: true });
  });
}

function toggle(term: HTMLElement, open: boolean): void {
  const text = document.getElementById(term.getAttribute("popovertarget") ?? "");
  if (!text || text.matches(":popover-open") === open) return;
  if (open) text.showPopover({ source: term });
  else text.hidePopover();
}
