// Copy buttons: the text is in data-copy, the answer on the button itself.
const ANSWER_MS = 1600;

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (button) void copy(button);
  });
}

async function copy(button: HTMLElement): Promise<void> {
  const label = button.querySelector<HTMLElement>("[data-copy-label]") ?? button;
  const before = label.textContent;
  const said = await navigator.clipboard.writeText(button.dataset.copy ?? "").then(() => "Copied", () => "Copying is blocked here");
  label.textContent = said;
  setTimeout(() => { label.textContent = before; }, ANSWER_MS);
}
