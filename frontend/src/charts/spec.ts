// The chart spec as Python writes it (kit/charts), with the layout that makes the live drawing look like the still one.
export interface Format { unit?: "money" | "count" | "multiple" | "share"; currency?: string }
export interface Axis { low: number; high: number; ticks: number[]; labels: string[] }
export type Values = (number | null)[];

interface Base { finding: string; title?: string; note?: string }
interface Box { left: number; height: number }
interface PositionLabel { at: number; label: string }

export interface LineSpec extends Base {
  kind: "line";
  xs: string[];
  is_dates?: boolean;
  format?: Format;
  marks?: { at: number; label: string }[];
  lines: {
    name: string; values: Values; slot?: number; low?: Values; high?: Values; band?: string;
    forecast_from?: number | null; is_comparison?: boolean; is_area?: boolean;
  }[];
  layout: Box & { y: Axis; x_labels: PositionLabel[] };
}
export interface StackSpec extends Base {
  kind: "stack";
  xs: string[];
  is_dates?: boolean;
  is_share?: boolean;
  format?: Format;
  parts: { name: string; values: Values; slot?: number }[];
  layout: Box & { y: Axis; x_labels: PositionLabel[]; columns: [number, number][][] };
}
export interface BarSpec extends Base {
  kind: "bar";
  labels: string[];
  series: { name: string; values: Values; slot?: number; low?: Values; high?: Values }[];
  format?: Format;
  interval?: string;
  reference?: { value: number; label: string } | null;
  slots?: number[];
  links?: string[];
  layout: Box & { x: Axis; row: number; bar: number };
}
export interface WaterfallSpec extends Base {
  kind: "waterfall";
  steps: { label: string; value: number; kind?: "change" | "total"; slot?: number }[];
  format?: Format;
  layout: Box & { x: Axis; row: number; bar: number; spans: [number, number][] };
}
interface PlaneSpec extends Base {
  x_format?: Format; y_format?: Format; x_label?: string; y_label?: string;
  layout: Box & { x: Axis; y: Axis };
}
export interface CurveSpec extends PlaneSpec {
  kind: "curve";
  curves: { name: string; x: number[]; y: number[]; slot?: number; low?: number[]; high?: number[]; band?: string; dots?: { x: number; y: number; label?: string }[] }[];
}
export interface ScatterSpec extends PlaneSpec {
  kind: "scatter";
  groups: { name: string; slot?: number; dots: { x: number; y: number; label?: string }[] }[];
  diagonal?: boolean;
}
export type Spec = LineSpec | StackSpec | BarSpec | WaterfallSpec | CurveSpec | ScatterSpec;
