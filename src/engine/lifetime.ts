/** How long an object lives (WFP-SEMANTICS 1.8). */
export type Lifetime = "dynamic" | "static" | "persistent" | "boot-time" | "built-in";

/** Whether an object of lifetime `from` may refer to one of lifetime `to`; `sameSession` and `sameProvider` narrow two of the rows. */
export function mayReference(from: Lifetime, to: Lifetime, sameSession: boolean, sameProvider: boolean): boolean {
  if (to === "built-in") return true;
  switch (from) {
    case "dynamic":
      return to === "dynamic" ? sameSession : true;
    case "static":
      return to === "static" || to === "persistent";
    case "persistent":
    case "boot-time":
      return to === "persistent" && sameProvider;
    case "built-in":
      return false;
  }
}
