import { InputError } from "../model/errors.ts";
import type { CliIo } from "./io.ts";
import { inFolder } from "./suite/paths.ts";

/** A file with a policy or rules. */
export interface PolicyFile {
  readonly path: string;
  /** What the group policy object is called whose file it is; null where nothing tells. */
  readonly gpo: string | null;
}

/**
 * The files that a policy's source names: one, several with commas between them, or a folder of group policy (a GPO backup, or
 * `System32\GroupPolicy`), which stands for its registry.pol. A file whose own name has a comma is taken as it is.
 * @throws InputError for a folder that is none of group policy, or that holds backups of several objects.
 */
export function policyFiles(io: CliIo, source: string): readonly PolicyFile[] {
  const names = namesOf(io, source) ?? [source];
  return names.map((path) => (path !== "-" && io.kindOf(path) === "folder" ? fileOfFolder(io, path) : { path, gpo: null }));
}

/** A source that a file in `folder` names: its paths begin there, unless they are absolute. */
export function sourceIn(io: Pick<CliIo, "kindOf">, folder: string, source: string): string {
  if (source.startsWith("@") || source === "-") return source;
  const whole = inFolder(folder, source);
  return namesOf(io, whole) === undefined
    ? whole
    : source
        .split(",")
        .map((name) => inFolder(folder, name.trim()))
        .join(",");
}

/** The single names of a source that lists some, before folders become files. */
function namesOf(io: Pick<CliIo, "kindOf">, source: string): readonly string[] | undefined {
  if (!source.includes(",") || io.kindOf(source) !== undefined) return undefined;
  const names = source.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InputError(`expected files with commas between them, found "${source}"`);
  const shipped = names.find((name) => name.startsWith("@"));
  if (shipped !== undefined)
    throw new InputError(`expected files with commas between them, found "${shipped}": what ships is a policy of its own`);
  return names;
}

/** Where group policy keeps what it writes to the registry: in a backup, in an object in SYSVOL, and beside nothing else. */
const PLACES = [
  ["DomainSysvol", "GPO", "Machine", "registry.pol"],
  ["GPO", "Machine", "registry.pol"],
  ["Machine", "registry.pol"],
  ["registry.pol"],
];
/** Written beside a backup's content; it has the object's display name. */
const BACKUP_INFO = "bkupInfo.xml";
const MOST_NAMED = 5;

function fileOfFolder(io: CliIo, folder: string): PolicyFile {
  const own = policyIn(io, folder);
  if (own !== undefined) return own;
  const backups = io.namesIn(folder).map((name) => joined(folder, name));
  const found = backups.filter((path) => io.kindOf(path) === "folder").flatMap((path) => policyIn(io, path) ?? []);
  const [only, ...others] = found;
  if (only === undefined) {
    const info = find(io, folder, [BACKUP_INFO]);
    throw new InputError(
      info === undefined
        ? "is a folder without group policy in it, expected a file, or a GPO backup (with DomainSysvol\\GPO\\Machine\\registry.pol)"
        : "is a GPO backup without DomainSysvol\\GPO\\Machine\\registry.pol: the object sets nothing in the registry, and so no firewall rules",
      { file: folder },
    );
  }
  if (others.length === 0) return only;
  const names = found
    .slice(0, MOST_NAMED)
    .map(({ path, gpo }) => `${path.slice(folder.length + 1).split(/[\\/]/)[0]}${gpo === null ? "" : ` "${gpo}"`}`);
  const more = found.length > names.length ? `, and ${found.length - names.length} more` : "";
  throw new InputError(
    `holds ${found.length} group policy objects (${names.join(", ")}${more}): give the folders of those that the machine gets, the one that wins last`,
    { file: folder },
  );
}

function policyIn(io: CliIo, folder: string): PolicyFile | undefined {
  for (const place of PLACES) {
    const path = find(io, folder, place);
    if (path !== undefined) return { path, gpo: displayName(io, folder) };
  }
  return undefined;
}

/** A path below a folder, whatever its case: Windows minds none. */
function find(io: CliIo, folder: string, [first, ...rest]: readonly string[]): string | undefined {
  if (first === undefined) return folder;
  if (io.kindOf(folder) !== "folder") return undefined;
  const name = io.namesIn(folder).find((one) => one.toLowerCase() === first.toLowerCase());
  return name === undefined ? undefined : find(io, joined(folder, name), rest);
}

function joined(folder: string, name: string): string {
  return /[\\/]$/.test(folder) ? `${folder}${name}` : `${folder}/${name}`;
}

/** `<GPODisplayName><![CDATA[…]]></GPODisplayName>` of a backup. */
function displayName(io: CliIo, folder: string): string | null {
  const info = find(io, folder, [BACKUP_INFO]);
  if (info === undefined) return null;
  const bytes = io.readFile(info);
  const text = new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes);
  const found = /<GPODisplayName>\s*(?:<!\[CDATA\[([\s\S]*?)\]\]>|([^<]*))\s*<\/GPODisplayName>/.exec(text);
  const name = (found?.[1] ?? found?.[2] ?? "").trim();
  return name === "" ? null : name;
}
