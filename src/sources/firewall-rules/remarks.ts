import type { Diagnostic } from "../../model/index.ts";

/** Said wherever rules of the Hyper-V firewall are met: a host's filters are not made of them. */
export const HYPER_V = "rules of the Hyper-V firewall, which is for WSL and containers and apart from this machine's, are not read";

/** Gathers what a reader did not understand: one remark for each kind, with where it was met first and how often. */
export class Remarks {
  readonly #byText = new Map<string, { diagnostic: Diagnostic; count: number }>();

  warn(code: string, message: string, line: number | null): void {
    this.#add("warning", code, message, line);
  }

  error(code: string, message: string, line: number | null): void {
    this.#add("error", code, message, line);
  }

  info(code: string, message: string, line: number | null): void {
    this.#add("info", code, message, line);
  }

  get list(): readonly Diagnostic[] {
    return [...this.#byText.values()].map(({ diagnostic, count }) => ({ ...diagnostic, count }));
  }

  #add(severity: Diagnostic["severity"], code: string, message: string, line: number | null): void {
    const known = this.#byText.get(`${code} ${message}`);
    if (known !== undefined) known.count++;
    else {
      const place = line === null ? {} : { line };
      this.#byText.set(`${code} ${message}`, { diagnostic: { severity, code, message, ...place, count: 1 }, count: 1 });
    }
  }
}
