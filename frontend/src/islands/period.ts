// The period picker's calendar: drawn by cally when the menu first opens, and kept in step with the two date fields.
export function mount(element: HTMLElement): void {
  const menu = element.querySelector<HTMLElement>("[popover]");
  menu?.addEventListener("beforetoggle", (event) => {
    if ((event as ToggleEvent).newState === "open") void addCalendar(menu);
  });
  // The menu opens without any script, so somebody quick has opened it before this part was loaded.
  if (menu?.matches(":popover-open")) void addCalendar(menu);
  element.dataset.ready = "";
}

async function addCalendar(menu: HTMLElement): Promise<void> {
  const place = menu.querySelector<HTMLElement>("[data-calendar]");
  const from = menu.querySelector<HTMLInputElement>('input[name="from"]');
  const to = menu.querySelector<HTMLInputElement>('input[name="to"]');
  if (!place || !from || !to || place.childElementCount > 0) return;
  const calendar = document.createElement("calendar-range") as HTMLElement & { value: string };
  calendar.setAttribute("value", `${from.value}/${to.value}`);
  calendar.setAttribute("focused-date", to.value);
  calendar.append(arrow("previous", "chevron-left", "Earlier month"), arrow("next", "chevron-right", "Later month"), document.createElement("calendar-month"));
  place.append(calendar);
  await import("cally");
  calendar.addEventListener("change", () => {
    const [start, end] = calendar.value.split("/");
    if (start && end) { from.value = start; to.value = end; }
  });
  const follow = () => { if (from.value <= to.value) calendar.value = `${from.value}/${to.value}`; };
  for (const field of [from, to]) field.addEventListener("change", follow);
  follow(); // to dates that were typed while the calendar was on its way
  calendar.dataset.ready = "";
}

function arrow(slot: string, icon: string, label: string): SVGSVGElement {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("slot", slot);
  svg.setAttribute("class", "icon");
  svg.setAttribute("width", "16");
  svg.setAttribute("height", "16");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `#icon-${icon}`);
  svg.append(use);
  return svg;
}
