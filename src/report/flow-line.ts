import { type FlowSpec, formatFlow, type Sid } from "../model/index.ts";
import { accountName } from "./account-name.ts";

/** A flow in one line, services by name where it is known: `service=TermService` reads better than its SID and means the same. */
export function flowText(flow: FlowSpec): string {
  return formatFlow(flow).replace(/ service=(S-1-5-80-[\d-]+)/, (whole, sid: Sid) => {
    const name = /^NT SERVICE\\(\S+)$/i.exec(accountName(sid) ?? "")?.[1];
    return name === undefined ? whole : ` service=${name}`;
  });
}
