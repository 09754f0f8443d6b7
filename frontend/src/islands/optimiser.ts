// Sliders of the budget optimiser: each move asks the server again (after a short rest, the last question wins) and puts
// its answer into the page. The server decides; nothing is computed here.
import { updateChart } from "../charts/hydrate";
import { postJson } from "../csrf";

interface ChannelWish { value: number | null; low: number | null; high: number | null; is_locked: boolean }
interface Answer {
  numbers?: Record<string, string>;
  values?: Record<string, number>;
  charts?: Record<string, unknown>;
  messages?: string[];
  detail?: string;
  hint?: string;
}

const REST_MS = 150;

export function mount(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  const askSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running?.abort();
      running = new AbortController();
      void ask(form, running.signal);
    }, REST_MS);
  };
  form.addEventListener("input", (event) => {
    mirror(form, event.target as HTMLInputElement);
    askSoon();
  });
  // Moved before this part was loaded, or brought back by the browser: the answer belongs to other wishes.
  const moved = changedInputs(form);
  for (const input of moved) mirror(form, input);
  if (moved.length > 0) askSoon();
  form.dataset.ready = "";
}

export function changedInputs(form: HTMLFormElement): HTMLInputElement[] {
  return [...form.querySelectorAll("input")].filter((input) => {
    if (input.type === "range") return Math.abs(Number(input.value) - Number(input.defaultValue)) > (Number(input.step) || 1); // it rounds by itself
    if (input.type === "checkbox") return input.checked !== input.defaultChecked;
    return input.value !== input.defaultValue;
  });
}

/** A slider and its number field show the same value. */
function mirror(form: HTMLFormElement, changed: HTMLInputElement): void {
  const partner = changed.dataset.mirror
    ? form.querySelector<HTMLInputElement>(`#${CSS.escape(changed.dataset.mirror)}`)
    : form.querySelector<HTMLInputElement>(`[data-mirror="${CSS.escape(changed.id)}"]`);
  if (partner && changed.value !== "") partner.value = changed.value;
}

async function ask(form: HTMLFormElement, signal: AbortSignal): Promise<void> {
  say(form, "Working out the plan");
  try {
    const response = await postJson(form.dataset.endpoint ?? "", wishes(form), signal);
    const answer = (await response.json()) as Answer;
    if (response.ok) apply(form, answer);
    say(form, response.ok ? "Up to date" : [answer.detail, answer.hint].filter(Boolean).join(" "));
  } catch (error) {
    if (!signal.aborted) say(form, "The server could not be reached. The plan shown is the last one.");
    if (!(error instanceof TypeError) && !signal.aborted) throw error;
  }
}

export function wishes(form: HTMLFormElement): { budget: number | null; channels: Record<string, ChannelWish> } {
  const channels: Record<string, ChannelWish> = {};
  for (const row of form.querySelectorAll<HTMLElement>("[data-channel]")) {
    const read = (selector: string) => numberIn(row.querySelector<HTMLInputElement>(selector));
    channels[row.dataset.channel ?? ""] = {
      value: read("[data-value]"),
      low: read("[data-low]"),
      high: read("[data-high]"),
      is_locked: row.querySelector<HTMLInputElement>("[data-lock]")?.checked ?? false,
    };
  }
  return { budget: numberIn(form.querySelector<HTMLInputElement>("[data-budget]")), channels };
}

function numberIn(input: HTMLInputElement | null): number | null {
  return input && input.value !== "" ? Number(input.value) : null;
}

function apply(form: HTMLFormElement, answer: Answer): void {
  for (const [id, text] of Object.entries(answer.numbers ?? {})) {
    const place = document.getElementById(id);
    if (place) place.textContent = text;
  }
  for (const [key, value] of Object.entries(answer.values ?? {})) setChannel(form, key, value);
  for (const [id, spec] of Object.entries(answer.charts ?? {})) {
    const figure = document.getElementById(id);
    if (figure) updateChart(figure, spec);
  }
  const list = form.querySelector("[data-optimiser-messages]");
  list?.replaceChildren(...(answer.messages ?? []).map((message) => Object.assign(document.createElement("li"), { textContent: message })));
}

function setChannel(form: HTMLFormElement, key: string, value: number): void {
  const row = form.querySelector<HTMLElement>(`[data-channel="${CSS.escape(key)}"]`);
  const slider = row?.querySelector<HTMLInputElement>("[data-value]");
  if (!row || !slider || row.querySelector<HTMLInputElement>("[data-lock]")?.checked || slider === document.activeElement) return;
  slider.value = String(value);
  mirror(form, slider);
}

function say(form: HTMLFormElement, text: string): void {
  const place = form.querySelector("[data-optimiser-status]");
  if (place) place.textContent = text;
}
