// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { changedInputs, wishes } from "./optimiser";
import { show } from "./progress";
import { sizeText } from "./upload";

vi.mock("../charts/hydrate", () => ({ updateChart: vi.fn() }));

function element(html: string): HTMLElement {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild as HTMLElement;
}

describe("the optimiser", () => {
  it("sends each channel's wish, its limits and its lock", () => {
    const form = element(`<form><input data-budget value="900"><fieldset data-channel="meta">
      <input data-value value="120"><input data-low value=""><input data-high value="300"><input type="checkbox" data-lock checked></fieldset></form>`);
    expect(wishes(form as HTMLFormElement)).toEqual({ budget: 900, channels: { meta: { value: 120, low: null, high: 300, is_locked: true } } });
  });
});

describe("inputs that were moved before the script came", () => {
  it("are found, and untouched or rounded ones are not", () => {
    const form = element(`<form><input id="a" value="120"><input id="b" value="7"><input id="c" type="checkbox"><input id="d" type="range" max="500" value="80.4"></form>`);
    expect(changedInputs(form as HTMLFormElement)).toEqual([]);
    form.querySelector<HTMLInputElement>("#a")!.value = "130";
    form.querySelector<HTMLInputElement>("#c")!.checked = true;
    form.querySelector<HTMLInputElement>("#d")!.value = "90";
    expect(changedInputs(form as HTMLFormElement).map((input) => input.id)).toEqual(["a", "c", "d"]);
  });
});

describe("a job's progress", () => {
  it("shows the share and the sentence, and is not at its end", () => {
    const box = element('<div><progress max="100"></progress><p data-sentence></p></div>');
    expect(show(box, { state: "running", progress: 0.42, message: "Fitting 6 channels" })).toBe(false);
    expect(box.querySelector("progress")?.value).toBe(42);
    expect(box.textContent).toBe("Fitting 6 channels");
  });
});

describe("file sizes", () => {
  it.each([[812, "812 bytes"], [4_200_000, "4.2 MB"], [3_100_000_000, "3.1 GB"]])("%s is %s", (bytes, text) => expect(sizeText(bytes)).toBe(text));
});
