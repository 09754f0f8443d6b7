// The live drawing: ECharts on a canvas in the place of the still picture, redrawn when size or theme change.
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { readColours } from "./colours";
import { specOf } from "./hydrate";
import { optionFor, ROWS_TOP } from "./options";

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const charts = new Map<HTMLElement, EChartsType>();
const resized = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const figure = (entry.target as HTMLElement).closest<HTMLElement>("[data-chart]");
    if (!figure) continue;
    charts.get(figure)?.resize();
    redraw(figure);
  }
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
  const chart = init(canvas, null, { renderer: "canvas" });
  charts.set(figure, chart);
  leadOn(figure, chart);
  // Drawing waits for the next frame; until then the still picture stays.
  chart.on("rendered", () => { box.dataset.ready = ""; });
  redraw(figure);
  resized.observe(box);
}

export function redraw(figure: HTMLElement): void {
  const width = figure.querySelector("[data-chart-box]")?.clientWidth;
  charts.get(figure)?.setOption(optionFor(specOf(figure), readColours(), width), { notMerge: true });
}

/** A click on a row follows its link; the table of the page has the same links for the keyboard. */
function leadOn(figure: HTMLElement, chart: EChartsType): void {
  const linkAt = (y: number) => {
    const spec = specOf(figure);
    if (spec.kind !== "bar" || !spec.links?.length) return "";
    return spec.links[Math.floor((y - ROWS_TOP) / spec.layout.row)] ?? "";
  };
  chart.getZr().on("mousemove", ({ offsetY }) => chart.getZr().setCursorStyle(linkAt(offsetY) ? "pointer" : "default"));
  chart.getZr().on("click", ({ offsetY }) => {
    const link = linkAt(offsetY);
    if (link) location.assign(link);
  });
}

function forgetRemoved(): void {
  for (const [figure, chart] of charts) {
    if (figure.isConnected) continue;
    chart.dispose();
    charts.delete(figure);
  }
}
