// Tokens as a canvas needs them: light-dark() is resolved by asking the browser about a probe element.
export interface Colours { series: string[]; ink: string; ink2: string; ink3: string; line: string; surface: string; font: string }

export function readColours(): Colours {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const read = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    series: [0, 1, 2, 3, 4, 5, 6].map((slot) => read(`series-${slot}`)),
    ink: read("ink"), ink2: read("ink-2"), ink3: read("ink-3"), line: read("line"), surface: read("surface"),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return colours;
}

export function slotColour(colours: Colours, slot: number | undefined): string {
  return colours.series[slot ?? 1] ?? colours.series[0] ?? colours.ink3;
}
