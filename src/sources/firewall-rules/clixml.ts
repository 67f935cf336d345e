import { InputError } from "../../model/index.ts";
import type { Told } from "./told.ts";
import { readXml, type XmlElement } from "./xml-elements.ts";

export function isCliXml(text: string): boolean {
  return /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)?<Objs\b/.test(text);
}

const LISTS = new Set(["LST", "IE", "STK", "QUE"]);
/** Scalars with text of their own; `Nil` has none. */
const SCALARS = new Set("S C B DT TS By U16 U32 U64 SB I16 I32 I64 Sg Db D BA G URI XD Version SBK SS PR Nil".split(" "));
const ABOUT_TYPE = new Set(["TN", "TNRef", "ToString"]);

/**
 * Objects that PowerShell's `Export-Clixml` wrote (MS-PSRP 2.2.5): properties of an object and those added to it as members, enumerations
 * by their names.
 * @throws InputError with the line.
 */
export function readCliXml(text: string, source: string): Told {
  const root = readXml(text, source).children.find(({ name }) => name === "Objs");
  if (root === undefined) throw new InputError("expected <Objs>, as Export-Clixml writes it", { file: source, line: 1 });
  const known = new Map<string, Told>();
  return { kind: "list", items: root.children.map((child) => tell(child, known, source)) };
}

function tell(element: XmlElement, known: Map<string, Told>, source: string): Told {
  if (element.name === "Ref") return known.get(element.attributes.RefId ?? "") ?? null;
  if (element.name === "Nil") return null;
  if (element.name === "B") return element.text.trim() === "true" ? "True" : "False";
  if (SCALARS.has(element.name)) return unescaped(element.text);
  if (LISTS.has(element.name)) return { kind: "list", items: element.children.map((child) => tell(child, known, source)) };
  if (element.name !== "Obj") {
    throw new InputError(`expected an element of Export-Clixml, found <${element.name}>`, { file: source, line: element.line });
  }
  const told = objectOf(element, known, source);
  if (element.attributes.RefId !== undefined) known.set(element.attributes.RefId, told);
  return told;
}

function objectOf(element: XmlElement, known: Map<string, Told>, source: string): Told {
  const content = element.children.filter(({ name }) => !ABOUT_TYPE.has(name));
  const list = content.find(({ name }) => LISTS.has(name));
  if (list !== undefined) return tell(list, known, source);
  const members = new Map<string, Told>();
  for (const { name, children } of content) {
    if (name === "Props" || name === "MS") {
      for (const child of children) {
        const member = unescaped(child.attributes.N ?? "").toLowerCase();
        if (!members.has(member)) members.set(member, tell(child, known, source));
      }
    } else if (name === "DCT") {
      for (const entry of children) {
        const named = (part: string) => entry.children.find(({ attributes }) => attributes.N === part);
        const [key, value] = [named("Key"), named("Value")];
        if (key !== undefined && value !== undefined) members.set(unescaped(key.text).toLowerCase(), tell(value, known, source));
      }
    }
  }
  if (members.size > 0) return { kind: "object", members, line: element.line };
  // An enumeration is a number with its name as ToString.
  const scalar = content.find(({ name }) => SCALARS.has(name));
  const words = element.children.find(({ name }) => name === "ToString");
  if (scalar !== undefined && words !== undefined && /^(?:By|[IU]\d\d|SB)$/.test(scalar.name)) return unescaped(words.text);
  return scalar === undefined ? { kind: "object", members, line: element.line } : tell(scalar, known, source);
}

/** `_x000A_` stands for letters that XML cannot hold. */
function unescaped(text: string): string {
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
