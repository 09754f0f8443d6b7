import { describe, expect, it } from "vitest";
import { thinned } from "./options";

const LABELS = ["0", "1", "2", "3", "4", "5", "6"];

describe("the axis below rows", () => {
  it("keeps all labels where there is room, every second on a narrow card, every fourth on a phone", () => {
    expect(thinned(LABELS, 900)).toEqual(LABELS);
    expect(thinned(LABELS, 500)).toEqual(["0", "", "2", "", "4", "", "6"]);
    expect(thinned(LABELS, 300)).toEqual(["0", "", "", "", "4", "", ""]);
  });
  it("never thins three labels", () => expect(thinned(["0", "5", "10"], 300)).toEqual(["0", "5", "10"]));
});
