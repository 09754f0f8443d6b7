// A still chart becomes a live one when it is in view and the browser is idle, or as soon as a pointer or the focus comes.
import type { Spec } from "./spec";

const IDLE_LIMIT_MS = 3000;
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    whenIdle(() => void hydrate(entry.target as HTMLElement));
  }
});

export function mount(figure: HTMLElement): void {
  if (!figure.querySelector("[data-chart-box]")) return;
  for (const type of ["pointerenter", "focusin"]) figure.addEventListener(type, () => void hydrate(figure), { once: true });
  if (document.readyState === "complete") seen.observe(figure);
  else addEventListener("load", () => seen.observe(figure), { once: true });
}

/** Another spec for the same figure, such as the optimiser's next answer. */
export function updateChart(figure: HTMLElement, spec: unknown): void {
  const place = figure.querySelector("[data-chart-spec]");
  if (place) place.textContent = JSON.stringify(spec);
  const isLive = figure.dataset.live === "yes";
  if (isLive) void import("./live").then(({ redraw }) => redraw(figure));
  else void hydrate(figure);
}

async function hydrate(figure: HTMLElement): Promise<void> {
  if (figure.dataset.live || !figure.isConnected) return;
  figure.dataset.live = "yes";
  const { draw } = await import("./live");
  draw(figure);
}

export function specOf(figure: HTMLElement): Spec {
  return JSON.parse(figure.querySelector("[data-chart-spec]")?.textContent ?? "{}") as Spec;
}

function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: IDLE_LIMIT_MS });
  else setTimeout(act, 200);
}
