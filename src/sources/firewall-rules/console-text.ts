import { decodeText } from "../decode-text.ts";

/** Letters of code page 850, which the console of Western Europe writes to files, from 0x80 on. */
const CODE_PAGE_850 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00AD±‗¾¶§÷¸°¨·¹³²■\u00A0";

/** Code pages of consoles whose words are known: Western Europe (console and Windows), Russian, Japanese, Chinese. */
const CODE_PAGES: readonly ((bytes: Uint8Array) => string)[] = [
  (bytes) => Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : (CODE_PAGE_850[byte - 0x80] ?? ""))).join(""),
  ...["windows-1252", "ibm866", "windows-1251", "shift_jis", "gbk"].map(
    (name) => (bytes: Uint8Array) => new TextDecoder(name).decode(bytes),
  ),
];

/** Enough of a file to tell its code page by. */
const SAMPLE = 1 << 16;

/**
 * Text that a console has written. Redirected output is in the console's code page and not in UTF-8; no mark in the file tells which, and
 * the one is taken in which `score` finds the most known words.
 */
export function decodeConsoleText(bytes: Uint8Array, score: (text: string) => number): string {
  const text = decodeText(bytes);
  if (!text.includes("\uFFFD")) return text;
  const sample = bytes.subarray(0, SAMPLE);
  let best = { decode: decodeText, score: score(decodeText(sample)) };
  for (const decode of CODE_PAGES) {
    const found = score(decode(sample));
    if (found > best.score) best = { decode, score: found };
  }
  return best.decode(bytes);
}
