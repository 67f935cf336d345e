import type { AnswerClass } from "../model/index.ts";
import type { Style } from "./style.ts";

/** Names of fields as people say them. */
const SHORT: Readonly<Record<string, string>> = {
  ALE_APP_ID: "program",
  IP_LOCAL_ADDRESS: "local",
  IP_REMOTE_ADDRESS: "remote",
  IP_LOCAL_PORT: "local port",
  IP_REMOTE_PORT: "remote port",
  IP_LOCAL_INTERFACE: "interface",
  ICMP_TYPE: "ICMP type",
  ICMP_CODE: "ICMP code",
};

/** A class in one line: `local port 80, 443; remote 10.0.0.0/8`. */
export function answerClassLine({ fields }: Pick<AnswerClass, "fields">, style: Style): string {
  if (fields.length === 0) return style.dim("whatever the rest is");
  return fields.map(({ name, text }) => `${style.dim(SHORT[name] ?? name.toLowerCase())} ${text}`).join("; ");
}
