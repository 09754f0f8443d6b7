// Chart spec → ECharts option, so that the canvas lies pixel on pixel over the still picture.
import type { EChartsCoreOption } from "echarts/core";
import type { Colours } from "./colours";
import { lineSeries, linesTip } from "./options-line";
import { planeSeries, planeTip } from "./options-plane";
import { barSeries, barTip, waterfallSeries, waterfallTip } from "./options-rows";
import type { Axis, Spec, StackSpec } from "./spec";
import { dayText, full } from "./format";
import { slotColour } from "./colours";
import { tip } from "./tooltip";

const TOP = 12;
const RIGHT = 16;
const BOTTOM = 28;
const NARROW = 520;
export const ROWS_TOP = TOP;
const NARROWEST = 340;
type Part = Record<string, unknown>;

/** `width` is that of the chart's box: with little room an axis below rows shows fewer of its labels. */
export function optionFor(spec: Spec, colours: Colours, width = Infinity): EChartsCoreOption {
  const base = {
    animation: false,
    textStyle: { fontFamily: colours.font, fontSize: 12, fontWeight: 500 },
    grid: { left: spec.layout.left, right: RIGHT, top: TOP, bottom: BOTTOM, containLabel: false },
    tooltip: tooltipLook(colours, spec.kind),
  };
  switch (spec.kind) {
    case "line":
      return { ...base, ...upright(spec.layout.y, spec.xs, spec.layout.x_labels, colours, false), series: lineSeries(spec, colours), tooltip: { ...base.tooltip, formatter: linesTip(spec, colours) } };
    case "stack":
      return { ...base, ...upright(spec.layout.y, spec.xs, spec.layout.x_labels, colours, true), series: stackSeries(spec, colours), tooltip: { ...base.tooltip, formatter: stackTip(spec) } };
    case "bar":
      return { ...base, ...rows(spec.layout, spec.labels, colours, width), series: barSeries(spec, colours), tooltip: { ...base.tooltip, formatter: barTip(spec) } };
    case "waterfall":
      return { ...base, ...rows(spec.layout, spec.steps.map((step) => step.label), colours, width), series: waterfallSeries(spec, colours), tooltip: { ...base.tooltip, formatter: waterfallTip(spec) } };
    default:
      return { ...base, xAxis: { ...valueAxis(spec.layout.x, colours), name: spec.x_label ?? "", nameLocation: "end", nameGap: -4, nameTextStyle: { align: "right", verticalAlign: "bottom", padding: [0, 0, 8, 0], color: colours.ink2, fontSize: 12 }, splitLine: { show: false } }, yAxis: { ...valueAxis(spec.layout.y, colours), ...(spec.y_label ? { name: spec.y_label, nameLocation: "end", nameGap: -14, nameTextStyle: { align: "left", padding: [0, 0, 0, 6], color: colours.ink2, fontSize: 12 } } : {}) }, series: planeSeries(spec, colours), tooltip: { ...base.tooltip, formatter: planeTip(spec) } };
  }
}

function tooltipLook(colours: Colours, kind: Spec["kind"]): Part {
  return {
    trigger: kind === "scatter" ? "item" : "axis",
    renderMode: "html",
    confine: true,
    transitionDuration: 0,
    backgroundColor: colours.surface,
    borderColor: colours.line,
    borderWidth: 1,
    padding: [8, 12],
    textStyle: { color: colours.ink, fontFamily: colours.font },
    axisPointer: { type: kind === "bar" || kind === "waterfall" || kind === "stack" ? "shadow" : "line", lineStyle: { color: colours.ink3, type: "solid" }, shadowStyle: { color: colours.ink3, opacity: 0.08 }, label: { show: false } },
  };
}

/** A value axis left, positions (days, categories) below. */
function upright(axis: Axis, xs: string[], labels: { at: number; label: string }[], colours: Colours, isColumns: boolean): Part {
  const texts = new Map(labels.map(({ at, label }) => [at, label]));
  return {
    xAxis: {
      type: "category", data: xs, boundaryGap: isColumns, axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.ink2, margin: 12, hideOverlap: true, alignMinLabel: isColumns ? null : "left", alignMaxLabel: isColumns ? null : "right", interval: (index: number) => texts.has(index), formatter: (_: string, index: number) => texts.get(index) ?? "" },
    },
    yAxis: valueAxis(axis, colours),
  };
}

/** Names left, a value axis below. */
function rows(layout: { x: Axis; row: number; height: number; left: number }, labels: string[], colours: Colours, width: number): Part {
  const bottom = layout.height - TOP - labels.length * layout.row;
  return {
    grid: { left: layout.left, right: RIGHT, top: TOP, bottom },
    yAxis: { type: "category", data: labels, inverse: true, axisTick: { show: false }, axisLine: { lineStyle: { color: colours.ink3 } }, axisLabel: { color: colours.ink, margin: 8, width: layout.left - 10, overflow: "truncate" } },
    xAxis: { ...valueAxis(layout.x, colours), axisLine: { show: false }, axisLabel: { ...axisLabel({ ...layout.x, labels: thinned(layout.x.labels, width) }, colours), margin: 12, alignMaxLabel: "right" } },
  };
}

/** The labels that the still picture has at this width: `thinning` of kit/charts/bars.py. */
export function thinned(labels: string[], width: number): string[] {
  const last = labels.length - 1;
  if (last <= 2 || width > NARROW) return labels;
  const stride = width <= NARROWEST && last >= 6 ? 4 : 2;
  return labels.map((label, order) => (order % stride ? "" : label));
}

function valueAxis(axis: Axis, colours: Colours): Part {
  return {
    type: "value", min: axis.low, max: axis.high, interval: (axis.ticks[1] ?? axis.high) - (axis.ticks[0] ?? axis.low),
    axisLabel: axisLabel(axis, colours), axisLine: { show: false }, axisTick: { show: false },
    splitLine: { lineStyle: { color: colours.line, type: [1, 4] } },
  };
}

function axisLabel(axis: Axis, colours: Colours): Part {
  const nearest = (value: number) => axis.ticks.findIndex((tick) => Math.abs(tick - value) <= Math.abs(axis.high - axis.low) * 1e-6);
  return { color: colours.ink2, margin: 8, hideOverlap: true, formatter: (value: number) => axis.labels[nearest(value)] ?? "" };
}

function stackSeries(spec: StackSpec, colours: Colours): Part[] {
  return spec.parts.map((part, index) => ({
    type: "bar", name: part.name, stack: "all", barCategoryGap: spec.xs.length >= 90 ? "0%" : "16%",
    data: spec.layout.columns.map((column) => { const [start, end] = column[index] ?? [0, 0]; return end - start; }),
    itemStyle: { color: slotColour(colours, part.slot), borderRadius: 1.5 }, emphasis: { disabled: true },
  }));
}

function stackTip(spec: StackSpec): (at: { dataIndex: number }[]) => HTMLElement {
  return ([first]) => {
    const index = first?.dataIndex ?? 0;
    const x = spec.xs[index] ?? "";
    const total = spec.parts.reduce((sum, part) => sum + Math.abs(part.values[index] ?? 0), 0);
    const share = (value: number | null | undefined) => (spec.is_share && total && value != null ? ` (${full(value / total, { unit: "share" })})` : "");
    const rowsOf = [...spec.parts].reverse().map((part) => ({ name: part.name, value: full(part.values[index], spec.format) + share(part.values[index]) }));
    return tip(spec.is_dates === false ? x : dayText(x), rowsOf);
  };
}
