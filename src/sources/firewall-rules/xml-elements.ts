import { SaxesParser } from "saxes";
import { InputError } from "../../model/index.ts";
import { DEEPEST } from "./told.ts";

/** An element without its prefix, with the text that stands directly in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
  readonly line: number;
}

/**
 * All elements of an XML text.
 * @throws InputError with the line of what is no XML.
 */
export function readXml(text: string, source: string): XmlElement {
  // What SyncML is handed around as often lacks a root: several commands in a row.
  const parser = new SaxesParser({ fragment: true, position: true });
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "", line: 1 };
  const open: XmlElement[] = [root];
  const fail = (message: string, line: number): never => {
    throw new InputError(message, { file: source, line });
  };
  parser.on("opentag", ({ name, attributes }) => {
    const element: XmlElement = {
      name: name.replace(/^.*:/, ""),
      attributes: attributes as Record<string, string>,
      children: [],
      text: "",
      line: parser.line,
    };
    if (open.length > DEEPEST) fail(`expected at most ${DEEPEST} levels of elements`, parser.line);
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("closetag", () => {
    open.pop();
  });
  const onText = (piece: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on("text", onText);
  parser.on("cdata", onText);
  parser.on("error", (error) => fail(`no XML: ${error.message.replace(/^\d+:\d+:\s*/, "")}`, parser.line));
  // A fragment has no declaration; it stays in its line.
  parser.write(text.replace(/^\s*<\?xml[^>]*\?>/, (declaration) => declaration.replace(/[^\n]/g, " ")));
  parser.close();
  if (open.length > 1) fail(`the file ends within <${open.at(-1)?.name}>`, parser.line);
  return root;
}

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}
