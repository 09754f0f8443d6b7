// File drop: drag a file onto the zone, see the upload's progress, cancel it. Without a script it is a plain form.
import { csrfToken } from "../csrf";

interface Problem { detail?: string; hint?: string }

export function mount(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  const zone = part(form, "[data-drop-zone]");
  const input = part<HTMLInputElement>(form, 'input[type="file"]');
  for (const type of ["dragenter", "dragover"]) zone.addEventListener(type, (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  for (const type of ["dragleave", "drop"]) zone.addEventListener(type, () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    const files = event.dataTransfer?.files;
    event.preventDefault();
    if (!files?.length) return;
    input.files = files;
    showName(form, input);
  });
  input.addEventListener("change", () => showName(form, input));
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
  if (input.files?.length) showName(form, input); // chosen before this part was loaded
  form.dataset.ready = "";
}

function showName(form: HTMLFormElement, input: HTMLInputElement): void {
  const file = input.files?.[0];
  part(form, "[data-file-name]").textContent = file ? `${file.name}, ${sizeText(file.size)}` : "";
  fail(form, "");
}

export function sizeText(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return unit === 0 ? `${value} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}

/** XMLHttpRequest, because fetch cannot tell how much of an upload has gone out. */
function send(form: HTMLFormElement): void {
  const request = new XMLHttpRequest();
  const cancel = part<HTMLButtonElement>(form, "[data-cancel]");
  request.open("POST", form.action);
  request.setRequestHeader("X-CSRF-Token", csrfToken());
  request.setRequestHeader("Accept", "text/html, application/problem+json;q=0.9");
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", (event) => showProgress(form, event.loaded, event.total));
  request.addEventListener("load", () => finish(form, request));
  request.addEventListener("error", () => stop(form, "The upload broke off. Nothing was saved; send the file again."));
  request.addEventListener("abort", () => stop(form, "The upload was cancelled. Nothing was saved."));
  cancel.onclick = () => request.abort();
  busy(form, true);
  request.send(new FormData(form));
}

function showProgress(form: HTMLFormElement, loaded: number, total: number): void {
  const share = total ? Math.round((loaded / total) * 100) : 0;
  part<HTMLProgressElement>(form, "progress").value = share;
  part(form, "[data-progress-text]").textContent =
    share >= 100 ? "Uploaded. Checking the file." : `${sizeText(loaded)} of ${sizeText(total)}, ${share} %`;
}

/** The server redirects where all is well, and answers with words where it is not. */
function finish(form: HTMLFormElement, request: XMLHttpRequest): void {
  const target = request.getResponseHeader("HX-Redirect");
  if (request.status < 400) {
    location.assign(target ?? request.responseURL);
    return;
  }
  stop(form, reason(request));
}

function reason(request: XMLHttpRequest): string {
  const isProblem = request.getResponseHeader("Content-Type")?.includes("json") ?? false;
  if (isProblem) {
    const problem = JSON.parse(request.responseText) as Problem;
    return [problem.detail, problem.hint].filter(Boolean).join(" ");
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const words = page.querySelector(".error-page, [role='alert'], .field-error")?.textContent?.replace(/\s+/g, " ").trim();
  return words || `The file was not accepted (${request.status}). Nothing was saved.`;
}

function stop(form: HTMLFormElement, message: string): void {
  busy(form, false);
  fail(form, message);
}

function busy(form: HTMLFormElement, isBusy: boolean): void {
  part(form, "[data-progress]").hidden = !isBusy;
  part<HTMLButtonElement>(form, 'button[type="submit"]').disabled = isBusy;
  form.setAttribute("aria-busy", String(isBusy));
}

function fail(form: HTMLFormElement, message: string): void {
  const place = part(form, "[data-upload-error]");
  place.textContent = message;
  place.hidden = message === "";
}

function part<T extends HTMLElement = HTMLElement>(form: HTMLElement, selector: string): T {
  const found = form.querySelector<T>(selector);
  if (!found) throw new Error(`The upload form has no ${selector}`);
  return found;
}
