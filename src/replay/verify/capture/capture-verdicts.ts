import { formatAddress, type RecordedVerdict } from "../../../model/index.ts";
import type { TimedBind, TimedVerdict } from "./timed-verdict.ts";

const BIND_PERMITTED = 5158;

/** What recorded verdicts tell about packets: those that are about one, and binds. `index` counts in the list that was given. */
export function captureVerdicts(recorded: readonly RecordedVerdict[]): { readonly verdicts: TimedVerdict[]; readonly binds: TimedBind[] } {
  const verdicts: TimedVerdict[] = [];
  const binds: TimedBind[] = [];
  for (const [index, verdict] of recorded.entries()) {
    const { host, time, protocol, local, remote, localPort, remotePort, direction, layerId, action, filterId, eventId } = verdict;
    if (time === null || protocol === null || !Number.isFinite(time.seconds)) continue;
    const program = programOf(verdict);
    if (eventId === BIND_PERMITTED && localPort !== null) binds.push({ host, time: time.seconds, protocol, port: localPort, program });
    if (local === null || remote === null || layerId === null || (direction !== "in" && direction !== "out")) continue;
    verdicts.push({
      index,
      host,
      time: time.seconds,
      isWholeSecond: !time.hasFraction,
      action,
      layerId,
      filterId,
      direction,
      protocol,
      local: formatAddress(local),
      remote: formatAddress(remote),
      localPort: localPort ?? 0,
      remotePort: remotePort ?? 0,
      program,
    });
  }
  return { verdicts, binds };
}

/** Events of packets that nobody waits for have no program. */
function programOf({ processId, application }: RecordedVerdict): string | null {
  return application === null || application === "-" ? null : `${processId ?? ""} ${application}`;
}
