import type { FirewallConfig } from "../firewall/index.ts";
import { type FirewallRule, InputError, type Interpretation, type Policy, type WindowsVersion } from "../model/index.ts";
import { refuseForeignFile } from "./foreign-file.ts";
import type { CliIo } from "./io.ts";
import type { RulesFile } from "./load-rules.ts";
import { type PolicyFile, policyFiles } from "./policy-files.ts";
import { Progress } from "./progress.ts";

export interface LoadOptions {
  /** Makes every unknown element, field, type or flag an error. */
  readonly strict: boolean;
  /** The built-in policy to use where no source is given. */
  readonly kind: "desktop" | "server";
  /** Version of Windows for the built-in policy. */
  readonly windows?: WindowsVersion | undefined;
  /** Choices that count where a policy is made from rules. */
  readonly interpretation?: Partial<Interpretation> | undefined;
}

/** A policy and what to say about where it came from. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly remarks: readonly string[];
  /** What it was compiled from, where it was read from firewall rules. */
  readonly config?: FirewallConfig;
  /** Rules of the files that are no part of `config`. */
  readonly leftOut?: readonly LeftOutRule[];
  /** Where each rule stands, `file:line`, by id. */
  readonly places?: ReadonlyMap<string, string>;
}

/** A rule, or a part of its profiles, that a store above or its version of Windows leaves out. */
export interface LeftOutRule {
  readonly rule: FirewallRule;
  /** A sentence without its full stop. */
  readonly why: string;
}

const CHUNK = 1 << 20;
const WORTH_SHOWING = 8 << 20;
const START = 1000;
const SHOWN = 20;

/** For messages. */
const POLICY_FORMS = "XML of netsh wfp show state or show filters, firewall rules, or a Security log (docs/getting-a-policy.md)";

/**
 * The policy at `source`: a netsh file, firewall rules in any of the forms that are read (of one machine in several files with commas
 * between them, or a GPO backup's folder), `-` for stdin, `@desktop` or `@server` for one that ships, which is also what nothing gives.
 * @throws InputError with file and line.
 */
export async function loadPolicy(io: CliIo, source: string | undefined, options: LoadOptions): Promise<LoadedPolicy> {
  if (source === undefined) {
    const policy = await builtIn(options.kind, options.windows);
    return { policy, remarks: ["no policy was given: this is one that ships with wfplab, not that of any machine"] };
  }
  if (source === "@desktop" || source === "@server") {
    return { policy: await builtIn(source === "@desktop" ? "desktop" : "server", options.windows), remarks: [] };
  }
  if (/^@[^./\\]*$/.test(source)) throw new InputError(`expected a file, - for standard input, @desktop or @server, found "${source}"`);
  const files = policyFiles(io, source);
  const [{ path, gpo } = { path: source, gpo: null }, ...more] = files;
  if (more.length > 0) return loadSeveral(io, files, source, options);
  const name = path === "-" ? "stdin" : path;
  const bytes = path === "-" ? await io.readStdin() : io.readFile(path);
  // The XML reader and the engine are loaded together with the file only: the built-in policy needs no reader.
  const [{ decodeText, firewallFormatOf, isSecurityLog, readNetsh }, { buildPolicy }] = await Promise.all([
    import("../sources/index.ts"),
    import("../engine/index.ts"),
  ]);
  if (bytes.length === 0) throw new InputError(`is empty, expected ${POLICY_FORMS}`, { file: name });
  if (firewallFormatOf(bytes) !== undefined) {
    const { loadRules } = await import("./load-rules.ts");
    return loadRules([{ bytes, source: name, gpo }], { ...options, source: name });
  }
  refuseForeignFile(bytes, name);
  const text = decodeText(bytes);
  if (isSecurityLog(text)) return { policy: await policyOfLog(text, name, options), remarks: [FROM_LOG] };
  const start = text.slice(0, START).trimStart();
  if (start !== "" && !start.startsWith("<")) {
    const shown = start.slice(0, SHOWN).replace(/\s+/g, " ").trimEnd();
    throw new InputError(`is no policy: it begins with "${shown}", expected ${POLICY_FORMS}`, { file: name });
  }
  const progress = new Progress(io.stderr, `reading ${name}`, text.length, WORTH_SHOWING);
  try {
    const imported = readNetsh(text.length < WORTH_SHOWING ? text : chunks(text, progress), { source: name, strict: options.strict });
    return { policy: buildPolicy(imported), remarks: [] };
  } finally {
    progress.end();
  }
}

/** The stores of one machine. @throws InputError for a file that holds no rules: filters of several files cannot be put together. */
async function loadSeveral(io: CliIo, files: readonly PolicyFile[], source: string, options: LoadOptions): Promise<LoadedPolicy> {
  const [{ loadRules }, { firewallFormatOf }] = await Promise.all([import("./load-rules.ts"), import("../sources/index.ts")]);
  const rules: RulesFile[] = [];
  for (const { path, gpo } of files) {
    const name = path === "-" ? "stdin" : path;
    const bytes = path === "-" ? await io.readStdin() : io.readFile(path);
    if (firewallFormatOf(bytes) === undefined)
      throw new InputError(`holds no firewall rules in a known form: of several files (${source}) each is a store of one machine's rules`, {
        file: name,
      });
    rules.push({ bytes, source: name, gpo });
  }
  return loadRules(rules, { ...options, source: files.map(({ path }) => (path === "-" ? "stdin" : path)).join(", ") });
}

const FROM_LOG = "the policy is rebuilt from a log, which does not name sublayers: they are inferred (docs/verify.md)";

/** The policy at the end of a Security log. @throws InputError where it tells of no filter, or of several computers'. */
async function policyOfLog(text: string, source: string, { strict }: LoadOptions): Promise<Policy> {
  const [{ hostsWithPolicy, policyFromEvents, readSecurityLog }, { buildPolicy }] = await Promise.all([
    import("../sources/index.ts"),
    import("../engine/index.ts"),
  ]);
  const log = readSecurityLog(text, { source, strict });
  const hosts = [...hostsWithPolicy(log.records)];
  if (hosts.length !== 1) {
    const found = hosts.length === 0 ? "no event 5441 or 5447, which tell of filters" : `filters of ${hosts.length} computers, not of one`;
    throw new InputError(`holds ${found}: no policy can be made of it`, { file: source });
  }
  const policy = buildPolicy(policyFromEvents(log.records, { source }));
  return { ...policy, diagnostics: [...log.diagnostics, ...policy.diagnostics] };
}

async function builtIn(kind: "desktop" | "server", windows: WindowsVersion | undefined): Promise<Policy> {
  const { defaultPolicy } = await import("../firewall/index.ts");
  return defaultPolicy(kind, windows === undefined ? {} : { windows });
}

function* chunks(text: string, progress: Progress): Iterable<string> {
  for (let at = 0; at < text.length; at += CHUNK) {
    progress.update(at);
    yield text.slice(at, at + CHUNK);
  }
}

/** The version of Windows whose layers a policy has, for where nobody says. */
export function windowsOf(policy: Policy): WindowsVersion {
  return policy.schemaFamily === "A" ? "10" : "11";
}

const MOST_WARNINGS = 10;

/** Tells what the reader did not understand, a line each, on stderr. */
export function warn(io: CliIo, policy: Policy): void {
  const warnings = policy.diagnostics.filter(({ severity }) => severity !== "info");
  for (const { severity, message, file = policy.source, line, count } of warnings.slice(0, MOST_WARNINGS)) {
    const place = line === undefined ? file : `${file}:${line}`;
    io.stderr.write(`${place}: ${severity}: ${message}${count > 1 ? ` (${count} times)` : ""}\n`);
  }
  const left = warnings.length - MOST_WARNINGS;
  if (left > 0) io.stderr.write(`${policy.source}: ${left} more warnings; wfplab show lists them\n`);
}
