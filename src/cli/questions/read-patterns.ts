import { type FlowPattern, InputError, PROTOCOL_NAMES, parseFlowPatterns } from "../../model/index.ts";

const EXAMPLE = 'in tcp from internet to :3389, or "in tcp internet > any:3389"';

/** Protocols without ports; those of ICMP's port fields are its type and code. */
const PORTLESS: ReadonlySet<number> = new Set([1, 2, 4, 41, 47, 50, 51, 58, 89, 103, 112]);

/**
 * A question's flows: the notation of suites, or in words: "in tcp from internet to :3389" is "in tcp internet > *:3389"; an end that is left
 * out is any.
 * @throws InputError with the column, or in words what is wrong.
 */
export function readPatterns(text: string): readonly FlowPattern[] {
  if (text.trim() === "") throw new InputError(`expected flows, as in: ${EXAMPLE}`);
  const patterns = text.includes(">") ? parseFlowPatterns(text) : readWords(text);
  for (const { protocol, localPort, remotePort } of patterns) {
    if (protocol === "any" || !PORTLESS.has(protocol) || (localPort === undefined && remotePort === undefined)) continue;
    const name = PROTOCOL_NAMES.nameOf(protocol) ?? protocol;
    throw new InputError(
      `flow "${text}": expected no port with ${name}${protocol === 1 || protocol === 58 ? "; icmp=TYPE/CODE tells a message" : ""}`,
    );
  }
  return patterns;
}

function readWords(text: string): readonly FlowPattern[] {
  const [, head = "", tail = ""] = /^(\s*\S+\s+\S+)(.*)$/s.exec(text) ?? [];
  const from = /\sfrom\s+(\S+)/i.exec(tail);
  const to = /\sto\s+(\S+)/i.exec(tail);
  const rest = tail.replace(/\s(?:from|to)\s+\S+/gi, "");
  const strange = rest.split(/\s+/).find((word) => word !== "" && !word.includes("="));
  if (head === "" || strange !== undefined) {
    throw new InputError(
      `flow "${text}": expected from, to or key=value${strange === undefined ? "" : `, found "${strange}"`}, as in: ${EXAMPLE}`,
    );
  }
  try {
    return parseFlowPatterns(`${head} ${end(from?.[1])} > ${end(to?.[1])}${rest}`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // Columns of what was made of it would mislead.
    throw new InputError(`flow "${text}": ${error.message.replace(/^flow "[^"]*"(?:, column \d+)?: /, "")}`);
  }
}

function end(text: string | undefined): string {
  if (text === undefined) return "*";
  return text.startsWith(":") && !text.startsWith("::") ? `*${text}` : text;
}
