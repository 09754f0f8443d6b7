// Live progress of a job: server-sent events where there are, else a question every few seconds; at the end the page it made.
interface JobNews { state?: string; progress?: number | null; message?: string; href?: string }

const POLL_MS = 3000;
const ENDED = new Set(["done", "dead", "cancelled"]);
const EVENTS = ["message", "progress", "state", "job"];

export function mount(element: HTMLElement): void {
  const { eventsUrl, pollUrl } = element.dataset;
  if (eventsUrl && "EventSource" in window) listen(element, eventsUrl, pollUrl);
  else if (pollUrl) poll(element, pollUrl);
  element.dataset.ready = "";
}

function listen(element: HTMLElement, url: string, pollUrl: string | undefined): void {
  const source = new EventSource(url);
  const take = (event: MessageEvent<string>) => {
    if (!element.isConnected || show(element, JSON.parse(event.data) as JobNews)) source.close();
  };
  for (const name of EVENTS) source.addEventListener(name, take);
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    if (pollUrl) poll(element, pollUrl);
    else say(element, "The live connection is lost; the work goes on. Load the page again to see how far it is.");
  });
  addEventListener("pagehide", () => source.close());
}

function poll(element: HTMLElement, url: string): void {
  setTimeout(async () => {
    if (!element.isConnected) return;
    const ended = await fetch(url, { headers: { Accept: "application/json" } })
      .then((response) => (response.ok ? (response.json() as Promise<JobNews>) : {}))
      .then((news) => show(element, news), () => false);
    if (!ended) poll(element, url);
  }, POLL_MS);
}

/** Shows the news; true where the job has ended. */
export function show(element: HTMLElement, news: JobNews): boolean {
  const bar = element.querySelector("progress");
  if (bar && typeof news.progress === "number") bar.value = Math.round(news.progress * 100);
  if (news.message) say(element, news.message);
  if (!ENDED.has(news.state ?? "")) return looked(element, news.progress ?? 0);
  const target = news.href ?? element.dataset.doneHref;
  if (target) location.assign(target);
  else location.reload();
  return true;
}

/** Loads the page once when a first look at the answer is there; true where it does. */
function looked(element: HTMLElement, progress: number): boolean {
  const from = Number(element.dataset.lookAt ?? "2");
  if (progress < from) return false;
  location.reload();
  return true;
}

function say(element: HTMLElement, sentence: string): void {
  const place = element.querySelector("[data-sentence]");
  if (place && place.textContent !== sentence) place.textContent = sentence;
}
