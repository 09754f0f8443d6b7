// Lines, bands, forecast and comparison as ECharts series.
import { slotColour, type Colours } from "./colours";
import { dayText, full } from "./format";
import type { LineSpec, Values } from "./spec";
import { tip, type TipRow } from "./tooltip";

type Part = Record<string, unknown>;
type Line = LineSpec["lines"][number];

export function lineSeries(spec: LineSpec, colours: Colours): Part[] {
  const bands = spec.lines.flatMap((line) => (line.low?.length && line.high?.length ? [band(spec.xs, line.low, line.high, slotColour(colours, line.slot))] : []));
  const lines = spec.lines.flatMap((line) => strokes(line, slotColour(colours, line.slot), colours.surface));
  const first = lines[0];
  if (first && spec.marks?.length) first.markLine = marks(spec, colours);
  return [...bands, ...lines];
}

function strokes(line: Line, colour: string, surface: string): Part[] {
  const split = line.forecast_from;
  const base = { type: "line", name: line.name, showSymbol: false, symbol: "circle", symbolSize: 7, emphasis: { disabled: true }, itemStyle: { color: colour, borderColor: surface, borderWidth: 1.5 } };
  const stroke = (values: Values, dash?: number[], opacity = 1): Part => ({ ...base, data: withLonelyDots(values), lineStyle: { color: colour, width: 2, opacity, cap: dash ? "butt" : "round", ...(dash ? { type: dash } : {}) }, ...(line.is_area ? { areaStyle: { color: colour, opacity: 0.1 } } : {}) });
  if (line.is_comparison) return [stroke(line.values, [3, 3], 0.6)];
  if (!split) return [stroke(line.values)];
  const past = line.values.map((value, index) => (index < split ? value : null));
  const future = line.values.map((value, index) => (index >= split - 1 ? value : null));
  return [stroke(past), stroke(future, [6, 4])];
}

/** A value between two gaps has no line: give it a dot. */
function withLonelyDots(values: Values): unknown[] {
  return values.map((value, index) => (value !== null && values[index - 1] == null && values[index + 1] == null ? { value, symbol: "circle", symbolSize: 7, showSymbol: true } : value));
}

interface Api { coord(point: [number, number]): [number, number] }

/** A band is one polygon, so that it also works below zero. */
export function polygon(points: [number, number][], colour: string): Part {
  return {
    type: "custom", silent: true, tooltip: { show: false }, data: [0], z: 1, clip: true,
    renderItem: (_: unknown, api: Api) => ({ type: "polygon", shape: { points: points.map((point) => api.coord(point)) }, style: { fill: colour, opacity: 0.16 } }),
  };
}

function band(xs: string[], low: Values, high: Values, colour: string): Part {
  const known = xs.map((_, index) => index).filter((index) => low[index] != null && high[index] != null);
  const upper = known.map((index): [number, number] => [index, high[index] ?? 0]);
  const lower = known.map((index): [number, number] => [index, low[index] ?? 0]).reverse();
  return polygon([...upper, ...lower], colour);
}

function marks(spec: LineSpec, colours: Colours): Part {
  return {
    silent: true, symbol: "none", animation: false,
    lineStyle: { color: colours.ink3, type: "solid", width: 1 },
    data: (spec.marks ?? []).map(({ at, label }) => ({ xAxis: at, label: { formatter: label, color: colours.ink2, fontSize: 12, position: "end", distance: 0, rotate: 0, verticalAlign: "middle", align: at > spec.xs.length * 0.8 ? "right" : "left", padding: [0, 6] } })),
  };
}

export function linesTip(spec: LineSpec, _colours: Colours): (at: { dataIndex: number }[] | { dataIndex: number }) => HTMLElement {
  return (at) => {
    const index = (Array.isArray(at) ? at[0] : at)?.dataIndex ?? 0;
    const x = spec.xs[index] ?? "";
    const rows = spec.lines.flatMap((line): TipRow[] => {
      const low = line.low?.[index];
      const high = line.high?.[index];
      const main = { name: line.forecast_from && index >= line.forecast_from ? `${line.name}, forecast` : line.name, value: full(line.values[index], spec.format) };
      return low != null && high != null ? [main, { name: line.band || "Range", value: `${full(low, spec.format)} to ${full(high, spec.format)}` }] : [main];
    });
    return tip(spec.is_dates === false ? x : dayText(x), rows);
  };
}
