// The live drawing: ECharts on a canvas in the place of the still picture, redrawn when size or theme change.
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { readColours } from "./colours";
import { specOf } from "./hydrate";
import { optionFor } from "./options";

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const charts = new Map<HTMLElement, EChartsType>();
const resized = new ResizeObserver((entries) => {
  for (const entry of entries) charts.get((entry.target as HTMLElement).closest<HTMLElement>("[data-chart]") ?? document.body)?.resize();
});
document.addEventListener("adloom:theme", () => [...charts.keys()].forEach(redraw));
document.addEventListener("htmx:after:swap", forgetRemoved);

export function draw(figure: HTMLElement): void {
  const box = figure.querySelector<HTMLElement>("[data-chart-box]");
  if (!box) return;
  const canvas = document.createElement("div");
  canvas.className = "chart-live";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", specOf(figure).finding);
  box.append(canvas);
  charts.set(figure, init(canvas, null, { renderer: "canvas" }));
  redraw(figure);
  resized.observe(box);
  box.dataset.ready = "";
}

export function redraw(figure: HTMLElement): void {
  charts.get(figure)?.setOption(optionFor(specOf(figure), readColours()), { notMerge: true });
}

function forgetRemoved(): void {
  for (const [figure, chart] of charts) {
    if (figure.isConnected) continue;
    chart.dispose();
    charts.delete(figure);
  }
}
