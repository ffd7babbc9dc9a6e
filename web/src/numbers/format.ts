/**
 * One way to write every figure, the same as Headroom.Reports writes it on the console (Figure.cs): three significant digits,
 * never fewer than the integer part, with the unit that keeps the number between 1 and 1,000.
 */
const integer = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDecimals = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const threeDecimals = new Intl.NumberFormat("en-US", { minimumFractionDigits: 3, maximumFractionDigits: 3 });

/** What stands for a figure that the run does not have. */
export const Unknown = "–";

/** Three significant digits: 1,234 · 123 · 12.3 · 1.23 · 0.123; 0 is "0". */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 99.95) return integer.format(value);
  if (size >= 9.995) return oneDecimal.format(value);
  if (size >= 0.9995) return twoDecimals.format(value);
  if (size >= 0.0005) return threeDecimals.format(value);
  return value > 0 ? "< 0.001" : "> -0.001";
}

export const count = (value: number): string => integer.format(value);

/** Milliseconds, written in µs, ms, s or min. */
export function milliseconds(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0 ms";
  if (size < 0.9995) return `${number(value * 1000)} µs`;
  if (size < 999.5) return `${number(value)} ms`;
  if (size < 119_950) return `${number(value / 1000)} s`;
  return `${number(value / 60_000)} min`;
}

export const microseconds = (value: number): string => milliseconds(value / 1000);

export const seconds = (value: number): string => milliseconds(value * 1000);

const ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in decimal units, as targets such as `rss<100MB` mean them. */
export function bytes(value: number): string {
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 999.5 && unit < ByteUnits.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit === 0 && Number.isInteger(scaled) ? integer.format(scaled) : number(scaled)} ${ByteUnits[unit]}`;
}

/** A share of 0 to 1 in percent; what is nearly none or nearly all is never written as none or all. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.0005) return "< 0.001 %";
  if (value < 100 && value >= 99.95) return "> 99.9 %";
  return `${number(value)} %`;
}

export const perSecond = (value: number): string => `${number(value)} /s`;

/** A ratio: 8.21×. */
export const times = (value: number): string => `${number(value)}×`;

const utc = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

export function instant(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${utc.format(date)} UTC`;
}

/** A mark of an axis is exact, so it needs no zeros to say how exact: 3.00 ms → 3 ms. */
export const shortened = (figure: string): string => figure.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");
