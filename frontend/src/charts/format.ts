// Values as kit/format.py writes them, for tooltips.
import type { Format } from "./spec";

const MISSING = "–";
const LOCALE = "en-US";

export function full(value: number | null | undefined, format: Format = {}): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  return written(value, format).replace("-", "−");
}

/** The same in few characters ($2.64M), where there is little room. */
export function brief(value: number | null | undefined, format: Format = {}): string {
  if (format.unit !== "money" || value === null || value === undefined || Math.abs(value) < 1000) return full(value, format);
  const options = { style: "currency", currency: format.currency || "USD", notation: "compact", maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(LOCALE, options).format(value).replace("-", "−");
}

function written(value: number, { unit, currency }: Format): string {
  if (unit === "money") return money(value, currency || "USD");
  if (unit === "multiple") return `${fixed(value, 2)}×`;
  if (unit === "share") return `${fixed(value * 100, 1)}\u00a0%`;
  return fixed(value, 0);
}

function money(value: number, currency: string): string {
  const isWhole = value === 0 || Math.round(Math.abs(value) * 100) / 100 >= 100;
  const digits = isWhole ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {};
  return new Intl.NumberFormat(LOCALE, { style: "currency", currency, ...digits }).format(value);
}

function fixed(value: number, digits: number): string {
  return new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function dayText(iso: string): string {
  const day = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(day.getTime())
    ? iso
    : new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(day);
}
