import { describe, expect, it } from "vitest";
import { brief, dayText, full } from "./format";

describe("values read as on the server", () => {
  it.each([
    [23908.2, "$23,908"], [16.46, "$16.46"], [99.999, "$100"], [0, "$0"], [-52.5, "−$52.50"], [null, "–"],
  ])("%s is %s", (value, text) => expect(full(value, { unit: "money", currency: "USD" })).toBe(text));

  it("quotients and shares carry their sign", () => {
    expect(full(3.214, { unit: "multiple" })).toBe("3.21×");
    expect(full(0.0403, { unit: "share" })).toBe("4.0\u00a0%");
    expect(full(8942.4)).toBe("8,942");
  });

  it("money becomes short where there is little room", () => {
    expect(brief(2643824, { unit: "money", currency: "USD" })).toBe("$2.64M");
    expect(brief(-15740, { unit: "money", currency: "EUR" })).toBe("−€15.7K");
    expect(brief(99.5, { unit: "money", currency: "USD" })).toBe("$99.50");
    expect(brief(0.25, { unit: "share" })).toBe("25.0\u00a0%");
  });

  it("a day is named with its weekday, and a word stays a word", () => {
    expect(dayText("2026-11-21")).toBe("Sat, 21 Nov 2026");
    expect(dayText("LinkedIn")).toBe("LinkedIn");
  });
});
