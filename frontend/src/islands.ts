// Which part of the script belongs to which attribute; each is loaded when a page first has it, also after an htmx swap.
type Mount = (element: HTMLElement) => void;

const ISLANDS: Record<string, () => Promise<{ mount: Mount }>> = {
  "data-chart": () => import("./charts/hydrate"),
  "data-file-drop": () => import("./islands/upload"),
  "data-period": () => import("./islands/period"),
  "data-optimiser": () => import("./islands/optimiser"),
  "data-job-progress": () => import("./islands/progress"),
};

// Settles when every part of the first page is mounted, or has failed to load.
export function startIslands(): Promise<unknown> {
  const first = mountWithin(document.body);
  document.addEventListener("htmx:after:process", (event) => {
    if (event.target instanceof HTMLElement) void mountWithin(event.target);
  });
  return first;
}

function mountWithin(root: HTMLElement): Promise<unknown> {
  const loading: Promise<void>[] = [];
  for (const [attribute, load] of Object.entries(ISLANDS)) {
    const found = [...root.querySelectorAll<HTMLElement>(`[${attribute}]`)];
    if (root.hasAttribute(attribute)) found.push(root);
    const fresh = found.filter((element) => !element.dataset.mounted);
    if (fresh.length === 0) continue;
    for (const element of fresh) element.dataset.mounted = "yes";
    loading.push(load().then(({ mount }) => fresh.forEach(mount), (reason: unknown) => console.error(`${attribute} did not load`, reason)));
  }
  return Promise.all(loading);
}
