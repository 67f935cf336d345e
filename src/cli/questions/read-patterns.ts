import { type FlowPattern, parseFlowPatterns } from "../../model/index.ts";

/**
 * A question's flows: the notation of suites, or in words: "in tcp from internet to :3389" is "in tcp internet > *:3389"; an end that is left
 * out is any.
 * @throws InputError with the column.
 */
export function readPatterns(text: string): readonly FlowPattern[] {
  if (text.includes(">")) return parseFlowPatterns(text);
  const [, head = "", tail = ""] = /^(\s*\S+\s+\S+)(.*)$/s.exec(text) ?? [];
  const from = /\sfrom\s+(\S+)/i.exec(tail);
  const to = /\sto\s+(\S+)/i.exec(tail);
  if (from === null && to === null && /\S/.test(tail) && !/=/.test(tail)) return parseFlowPatterns(text);
  const rest = tail.replace(/\s(?:from|to)\s+\S+/gi, "");
  return parseFlowPatterns(`${head} ${end(from?.[1])} > ${end(to?.[1])}${rest}`);
}

function end(text: string | undefined): string {
  if (text === undefined) return "*";
  return text.startsWith(":") && !text.startsWith("::") ? `*${text}` : text;
}
