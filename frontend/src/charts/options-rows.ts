// Rows: bars with whiskers, the reference line, and the waterfall.
import { slotColour, type Colours } from "./colours";
import { brief, full } from "./format";
import type { BarSpec, WaterfallSpec } from "./spec";
import { tip, type TipRow } from "./tooltip";

const LABEL_GAP = 6;
const DIGIT_WIDTH = 7.5;
const ABOVE_MARKS = 6; // the reference line lies at 5, and must not strike a figure through

type Part = Record<string, unknown>;
interface Api { coord(point: [number, number]): [number, number]; getWidth(): number }
interface Item { dataIndex: number }

export function barSeries(spec: BarSpec, colours: Colours): Part[] {
  const series = spec.series.map((one, number) => rowShapes(spec.labels.length, (row, at) => {
    const spread = (number - (spec.series.length - 1) / 2) * (spec.layout.bar + 2);
    const value = one.values[row] ?? null;
    const [low, high] = [one.low?.[row] ?? null, one.high?.[row] ?? null];
    const colour = slotColour(colours, spec.slots?.length ? spec.slots[row] : one.slot);
    const shapes: Part[] = [];
    if (value !== null) shapes.push(bar(at(0), at(value), spread, spec.layout.bar, colour));
    if (low !== null && high !== null) shapes.push(...whisker(at(low), at(high), spread, colours.ink));
    return shapes;
  }));
  const figures = spec.series.map((one, number) => ({ ...rowShapes(spec.labels.length, (row, at, width) => {
    const spread = (number - (spec.series.length - 1) / 2) * (spec.layout.bar + 2);
    const value = one.values[row] ?? null;
    const end = Math.max(value ?? -Infinity, one.high?.[row] ?? -Infinity);
    return value === null ? [] : [label(at(end), spread, [full(value, spec.format), brief(value, spec.format)], width, colours)];
  }), z: ABOVE_MARKS }));
  const first = series[0];
  if (first && spec.reference) {
    const { value, label: text } = spec.reference;
    first.markLine = { silent: true, symbol: "none", animation: false, lineStyle: { color: colours.ink2, type: [4, 3], width: 1.5 }, data: [{ xAxis: value, label: { formatter: text, color: colours.ink2, fontSize: 12, position: "start", distance: 0, verticalAlign: "middle", align: "left", padding: [0, 0, 0, 5] } }] };
  }
  return [...series, ...figures];
}

export function waterfallSeries(spec: WaterfallSpec, colours: Colours): Part[] {
  return [rowShapes(spec.steps.length, (row, at, width) => {
    const step = spec.steps[row];
    const [start, end] = spec.layout.spans[row] ?? [0, 0];
    if (!step) return [];
    const shapes = [
      bar(at(start), at(end), 0, spec.layout.bar, step.kind === "total" ? colours.ink2 : slotColour(colours, step.slot)),
      label(at(Math.max(start, end)), 0, [signed(spec, row), signed(spec, row, brief)], width, colours),
    ];
    const [x, y] = at(end);
    if (row + 1 < spec.steps.length) shapes.push(stroke(x, y + spec.layout.bar / 2, x, y + spec.layout.row - spec.layout.bar / 2, colours.ink3, 1));
    return shapes;
  })];
}

export function barTip(spec: BarSpec): (items: Item[]) => HTMLElement {
  return ([first]) => {
    const row = first?.dataIndex ?? 0;
    const rows = spec.series.flatMap((one): TipRow[] => {
      const [low, high] = [one.low?.[row], one.high?.[row]];
      const main = { name: one.name, value: full(one.values[row], spec.format) };
      return low != null && high != null ? [main, { name: spec.interval || "Range", value: `${full(low, spec.format)} to ${full(high, spec.format)}` }] : [main];
    });
    return tip(spec.labels[row] ?? "", rows);
  };
}

export function waterfallTip(spec: WaterfallSpec): (items: Item[]) => HTMLElement {
  return ([first]) => {
    const row = first?.dataIndex ?? 0;
    const [, end] = spec.layout.spans[row] ?? [0, 0];
    return tip(spec.steps[row]?.label ?? "", [{ name: "Change", value: signed(spec, row) }, { name: "Running total", value: full(end, spec.format) }]);
  };
}

function signed(spec: WaterfallSpec, row: number, write = full): string {
  const step = spec.steps[row];
  return (step && step.kind !== "total" && step.value > 0 ? "+" : "") + write(step?.value, spec.format);
}

/** One custom series: `shapesOf` draws a row, `at` turns a value into the pixel in the middle of the row. */
function rowShapes(count: number, shapesOf: (row: number, at: (value: number) => [number, number], width: number) => Part[]): Part {
  return {
    type: "custom", data: Array.from({ length: count }, (_, row) => [0, row]), encode: { x: 0, y: 1 },
    renderItem: (params: { dataIndex: number }, api: Api) => ({ type: "group", children: shapesOf(params.dataIndex, (value) => api.coord([value, params.dataIndex]), api.getWidth()) }),
  };
}

function bar([x1, y]: [number, number], [x2]: [number, number], spread: number, height: number, fill: string): Part {
  return { type: "rect", shape: { x: Math.min(x1, x2), y: y + spread - height / 2, width: Math.abs(x2 - x1), height, r: 1.5 }, style: { fill } };
}

function whisker([x1, y]: [number, number], [x2]: [number, number], spread: number, ink: string): Part[] {
  const middle = y + spread;
  return [stroke(x1, middle, x2, middle, ink, 1.5), stroke(x1, middle - 4, x1, middle + 4, ink, 1.5), stroke(x2, middle - 4, x2, middle + 4, ink, 1.5)];
}

function stroke(x1: number, y1: number, x2: number, y2: number, colour: string, width: number): Part {
  return { type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: width } };
}

/** The whole figure where it has room, else its short form; where even that has none, it covers the end of its bar. */
function label([x, y]: [number, number], spread: number, [whole, short]: [string, string], width: number, colours: Colours): Part {
  const fits = (text: string) => x + LABEL_GAP + text.length * DIGIT_WIDTH <= width;
  const style = { y: y + spread, fill: colours.ink, font: `500 12px ${colours.font}`, verticalAlign: "middle", stroke: colours.surface, lineWidth: 4 };
  if (fits(whole) || fits(short)) return { type: "text", style: { ...style, x: x + LABEL_GAP, text: fits(whole) ? whole : short } };
  return { type: "text", style: { ...style, x: width, align: "right", text: short, backgroundColor: colours.surface, padding: [1, 0, 1, 4] } };
}
