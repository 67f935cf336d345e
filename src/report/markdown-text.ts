/** Text that cannot turn into markup or end a table's cell. */
export function markdownText(text: string): string {
  return text
    .replace(/[\r\n]+/g, " ")
    .replace(/[\\`*_{}[\]<>#|~&!]/g, (letter) =>
      letter === "<" ? "&lt;" : letter === ">" ? "&gt;" : letter === "&" ? "&amp;" : `\\${letter}`,
    );
}
