/** Text as XML content or attribute. Characters that XML 1.0 does not have (2.2) become U+FFFD. */
export function xmlText(text: string): string {
  return [...text].map((letter) => ESCAPES[letter] ?? (isXmlCharacter(letter.codePointAt(0) ?? 0) ? letter : "\u{fffd}")).join("");
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || code > 0xffff;
}

/** An element; attributes that are undefined are left out. `content` is XML already. */
export function element(name: string, attributes: Readonly<Record<string, string | number | undefined>>, content = ""): string {
  const told = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${typeof value === "number" ? rounded(value) : xmlText(value)}"`]))
    .join("");
  return content === "" ? `<${name}${told}/>` : `<${name}${told}>${content}</${name}>`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
