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
  ALE_USER_ID: "account",
  ALE_PACKAGE_ID: "package",
  ICMP_TYPE: "ICMP type",
  ICMP_CODE: "ICMP code",
};

/** A class in one line: `local port 80, 443; remote 10.0.0.0/8`. */
export function answerClassLine(
  { fields, dependsOn = [], isUsual = false }: Pick<AnswerClass, "fields" | "dependsOn" | "isUsual">,
  style: Style,
): string {
  const short = (name: string) => SHORT[name] ?? name.toLowerCase();
  const parts = fields.map(({ name, text }) => `${style.dim(short(name))} ${text}`);
  // What a few services may not do is no news to those who ask what is open.
  if (dependsOn.length > 0 && !isUsual)
    parts.push(style.dim(`${parts.length === 0 ? "some" : "some of these"}, by ${dependsOn.map(short).join(", ")}`));
  return parts.length === 0 ? style.dim("whatever the rest is") : parts.join("; ");
}
