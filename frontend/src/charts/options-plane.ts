// Response curves and scatters as ECharts series.
import { slotColour, type Colours } from "./colours";
import { full } from "./format";
import { polygon } from "./options-line";
import type { CurveSpec, ScatterSpec } from "./spec";
import { tip } from "./tooltip";

type Part = Record<string, unknown>;
interface Item { seriesName: string; value: [number, number]; name?: string; seriesType?: string }

export function planeSeries(spec: CurveSpec | ScatterSpec, colours: Colours): Part[] {
  return spec.kind === "curve" ? curveSeries(spec, colours) : scatterSeries(spec, colours);
}

function curveSeries(spec: CurveSpec, colours: Colours): Part[] {
  const bands = spec.curves.flatMap((curve) => {
    const { low, high } = curve;
    if (!low?.length || !high?.length) return [];
    const upper = curve.x.map((x, index): [number, number] => [x, high[index] ?? 0]);
    const lower = curve.x.map((x, index): [number, number] => [x, low[index] ?? 0]).reverse();
    return [polygon([...upper, ...lower], slotColour(colours, curve.slot))];
  });
  const lines = spec.curves.map((curve) => ({
    type: "line", name: curve.name, showSymbol: false, emphasis: { disabled: true }, itemStyle: { color: slotColour(colours, curve.slot) },
    lineStyle: { color: slotColour(colours, curve.slot), width: 2 }, data: curve.x.map((x, index) => [x, curve.y[index]]),
  }));
  const right = spec.layout.x.low + (spec.layout.x.high - spec.layout.x.low) * 0.15;
  const dots = spec.curves.map((curve) => ({
    type: "scatter", name: curve.name, symbolSize: 10, tooltip: { show: false }, silent: true, z: 5,
    itemStyle: { color: slotColour(colours, curve.slot), borderColor: colours.surface, borderWidth: 1.5 },
    data: (curve.dots ?? []).map((dot) => ({ value: [dot.x, dot.y], label: { show: Boolean(dot.label), formatter: dot.label ?? "", color: colours.ink, fontSize: 12, position: dot.x > right ? "left" : "right", offset: [0, -8] } })),
  }));
  return [...bands, ...lines, ...dots];
}

function scatterSeries(spec: ScatterSpec, colours: Colours): Part[] {
  const series: Part[] = spec.groups.map((group) => ({
    type: "scatter", name: group.name, symbolSize: 8, emphasis: { disabled: true },
    itemStyle: { color: slotColour(colours, group.slot), borderColor: colours.surface, borderWidth: 1.5 },
    data: group.dots.map((dot) => ({ value: [dot.x, dot.y], name: dot.label ?? "" })),
  }));
  const { low, high } = spec.layout.y;
  if (spec.diagonal && series[0]) series[0].markLine = { silent: true, symbol: "none", animation: false, lineStyle: { color: colours.ink3, type: [4, 3] }, data: [[{ coord: [low, low] }, { coord: [high, high] }]] };
  return series;
}

export function planeTip(spec: CurveSpec | ScatterSpec): (items: Item | Item[]) => HTMLElement {
  return (given) => {
    const items = (Array.isArray(given) ? given : [given]).filter((item) => Array.isArray(item.value));
    const first = items[0];
    const rows = items.map((item) => ({ name: item.name || item.seriesName, value: full(item.value[1], spec.y_format) }));
    return tip([spec.x_label, full(first?.value[0], spec.x_format)].filter(Boolean).join(" "), rows);
  };
}
