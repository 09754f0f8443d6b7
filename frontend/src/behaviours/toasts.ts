// Messages: they can be closed, and good ones without an undo leave by themselves. Servers may also send one with
// the header HX-Trigger: {"adloom:toast": {"kind": "good", "message": "…"}}.
const LEAVE_MS = 8000;

export function startToasts(): void {
  document.querySelectorAll<HTMLElement>("[data-toast]").forEach(letLeave);
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-dismiss]")) target.closest("[data-toast]")?.remove();
  });
  document.addEventListener("adloom:toast", (event) => {
    const { kind, message } = (event as CustomEvent<{ kind: string; message: string }>).detail;
    showToast(message, kind);
  });
  document.addEventListener("htmx:error", () => showToast("The server could not be reached. Nothing was changed; try again.", "bad"));
}

export function showToast(message: string, kind = "info"): void {
  const toast = document.createElement("div");
  toast.className = `toast tone-${kind}`;
  toast.dataset.toast = "";
  const text = document.createElement("p");
  text.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet";
  close.dataset.dismiss = "";
  close.textContent = "Close";
  toast.append(text, close);
  document.getElementById("toasts")?.append(toast);
  letLeave(toast);
}

function letLeave(toast: HTMLElement): void {
  const stays = toast.querySelector("form") !== null || toast.classList.contains("tone-bad");
  if (stays) return;
  let timer = setTimeout(() => toast.remove(), LEAVE_MS);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), LEAVE_MS / 2); });
}
