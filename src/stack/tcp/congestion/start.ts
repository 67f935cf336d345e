import type { TcpSettings } from "../settings.ts";
import { type CongestionControl, initialWindow } from "./congestion-control.ts";
import { Cubic } from "./cubic.ts";
import { NewReno } from "./new-reno.ts";

/** The congestion control that the settings name, for segments of `segmentSize` bytes. */
export function startCongestionControl(
  segmentSize: number,
  settings: Pick<TcpSettings, "congestion" | "initialWindow">,
): CongestionControl {
  const initial = initialWindow(segmentSize, settings.initialWindow);
  return settings.congestion === "cubic" ? new Cubic(segmentSize, initial) : new NewReno(segmentSize, initial);
}
