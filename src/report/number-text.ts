/** 1254 → "1,254". */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "1 filter", "1,254 filters". */
export function plural(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? "" : "s"}`;
}

/** Share in percent, rounded down so that 100 % means all; "-" of nothing. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "-";
  return `${Math.floor((part / whole) * 100)} %`;
}
