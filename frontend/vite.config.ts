// Builds src/main.ts into app/static: hashed files, Vite's manifest, the icon sprite and the fonts of PDFs.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const modules = resolve(here, "node_modules");
const PDF_FONTS = ["400Regular/Inter_400Regular", "600SemiBold/Inter_600SemiBold", "700Bold/Inter_700Bold"];

/** The Lucide icons that icons.json names, as one sprite that pages carry inline. */
function iconSprite(): string {
  const names = JSON.parse(readFileSync(resolve(here, "icons.json"), "utf8")) as string[];
  const symbols = names.map((name) => {
    const source = readFileSync(resolve(modules, "lucide-static/icons", `${name}.svg`), "utf8");
    const shapes = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"));
    return `<symbol id="icon-${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  return `<svg class="icon-sprite" aria-hidden="true">${symbols.join("")}</svg>`;
}

function staticFiles(): Plugin {
  return {
    name: "adloom-static-files",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "icons.svg", source: iconSprite() });
      for (const font of PDF_FONTS) {
        const source = readFileSync(resolve(modules, "@expo-google-fonts/inter", `${font}.ttf`));
        this.emitFile({ type: "asset", fileName: `pdf-fonts/${font.split("/")[1]}.ttf`, source });
      }
    },
  };
}

export default defineConfig({
  root: here,
  base: "/static/",
  plugins: [staticFiles()],
  resolve: { alias: { "@fontsource-variable": resolve(modules, "@fontsource-variable") } },
  build: {
    outDir: process.env.ADLOOM_FRONTEND_OUT ?? resolve(here, "../app/static"),
    emptyOutDir: true,
    manifest: true,
    target: "es2023",
    cssMinify: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { input: resolve(here, "src/main.ts") },
  },
});
