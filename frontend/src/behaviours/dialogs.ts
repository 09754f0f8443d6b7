// Dialogs for browsers without invoker commands, a click outside closes, and typed confirmations arm their button.
export function startDialogs(): void {
  // A dialog opens without a script too, so somebody quick may have typed already.
  document.querySelectorAll<HTMLInputElement>("dialog[open] [data-typed]").forEach(arm);
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-open-dialog]");
    if (opener) open(opener.dataset.openDialog ?? "", opensByItself(opener));
    if (target.closest("[data-close-dialog]")) target.closest("dialog")?.close();
    if (target instanceof HTMLDialogElement) closeFromBackdrop(target, event);
  });
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.dataset.typed !== undefined) arm(event.target);
  });
}

// A browser that knows invoker commands opens the dialog after this click; opening it twice is an error.
function opensByItself(opener: HTMLElement): boolean {
  return opener.hasAttribute("command") && "command" in HTMLButtonElement.prototype;
}

function open(id: string, isNative: boolean): void {
  const dialog = document.getElementById(id);
  for (const menu of document.querySelectorAll<HTMLElement>(".menu:popover-open")) menu.hidePopover();
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  if (!isNative) dialog.showModal();
  dialog.querySelectorAll<HTMLInputElement>("[data-typed]").forEach(arm);
}

function closeFromBackdrop(dialog: HTMLDialogElement, event: MouseEvent): void {
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
}

function arm(input: HTMLInputElement): void {
  const submit = input.form?.querySelector<HTMLButtonElement>('button[type="submit"]');
  if (submit) submit.disabled = input.value.trim() !== input.dataset.typed;
}
