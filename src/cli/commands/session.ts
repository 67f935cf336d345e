import { InputError, type Policy, toAppId, type WindowsVersion } from "../../model/index.ts";
import {
  PolicyNames,
  policyText,
  scenarioListJson,
  scenarioListText,
  sessionDifferenceLines,
  sessionDifferences,
  sessionJson,
  sessionSummaryJson,
  sessionText,
  whatIfJson,
  whatIfLines,
} from "../../report/index.ts";
import { runScenario, SCENARIOS } from "../../stack/index.ts";
import type { CliContext } from "../context.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { type LoadedPolicy, loadPolicy, warn, windowsOf } from "../load-policy.ts";
import { Output } from "../output.ts";
import { volumesOf } from "../volumes.ts";
import { whatIfPolicy } from "../what-if-load.ts";
import type { SessionFlags } from "./session-command.ts";

/** `wfplab session`. */
export async function session(this: CliContext, flags: SessionFlags, name?: string): Promise<void> {
  const output = new Output(this.io);
  if (flags.list) {
    if (flags.json) for (const record of scenarioListJson(SCENARIOS)) output.json(record);
    else output.text(scenarioListText(SCENARIOS, output.style));
    return output.flush();
  }
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) {
    const names = SCENARIOS.map((candidate) => candidate.name).join(", ");
    throw new InputError(`expected a scenario (${names})${name === undefined ? "" : `, found "${name}"`}`);
  }
  const { serverPort } = flags;
  if (serverPort !== undefined && !(Number.isInteger(serverPort) && serverPort > 0 && serverPort < 65536)) {
    throw new InputError(`--server-port: expected a number from 1 to 65535, found ${serverPort}`);
  }
  const loaded = await loadPolicies(this, flags);
  const changed = await changedPolicy(loaded, flags);
  const client = changed !== undefined && flags.change === "client" ? changed.loaded : loaded.client;
  const server = changed !== undefined && flags.change === "server" ? changed.loaded : loaded.server;
  const windows: WindowsVersion = flags.windows ?? windowsOf(server.policy);
  const options = {
    family: flags.family === "v6" ? (6 as const) : (4 as const),
    windows,
    ...(flags.clientApp === undefined ? {} : { clientApp: programOf(client.policy, "--client-app", flags.clientApp) }),
    ...(flags.serverApp === undefined ? {} : { serverApp: programOf(server.policy, "--server-app", flags.serverApp) }),
    ...(serverPort === undefined ? {} : { serverPort }),
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    interpretation: parseInterpretation(flags.interpretation ?? []),
  };
  const records = runScenario(scenario.name, { ...options, clientPolicy: client.policy, serverPolicy: server.policy });
  const before =
    changed === undefined
      ? undefined
      : runScenario(scenario.name, { ...options, clientPolicy: loaded.client.policy, serverPolicy: loaded.server.policy });
  const verbose = flags.verbose ?? 0;
  if (flags.json) {
    if (changed !== undefined) output.json(whatIfJson(changed.applied, undefined));
    for (const record of records) output.json(sessionJson(record, { fields: verbose > 0 }));
    const about = {
      windows,
      clientPolicy: client.policy.source,
      serverPolicy: server.policy.source,
      ...(before === undefined ? {} : { differences: sessionDifferences(before, records) }),
    };
    output.json(sessionSummaryJson(scenario.name, records, about));
    return output.flush();
  }
  if (changed !== undefined) output.text(`${whatIfLines(changed.applied, undefined, output.textOptions(verbose)).join("\n")}\n\n`);
  output.text(
    sessionText(records, {
      ...output.textOptions(verbose),
      title: `${scenario.name}: ${scenario.title}`,
      about: [
        ["Client", policyText(client.policy)],
        ["Server", policyText(server.policy)],
        ["Windows", windows],
        ...notes(client, server).map((remark): [string, string] => ["Note", remark]),
      ],
      names: new Map([
        ["client", new PolicyNames(client.policy)],
        ["server", new PolicyNames(server.policy)],
      ]),
    }),
  );
  if (before !== undefined) output.text(`\n${sessionDifferenceLines(before, records, output.textOptions(verbose)).join("\n")}\n`);
  return output.flush();
}

/** The policy of the host that the what-if flags are about; undefined where there are none. */
function changedPolicy({ client, server }: { client: LoadedPolicy; server: LoadedPolicy }, flags: SessionFlags) {
  // --profile is the network's here, as it always was.
  const { with: added, without, enable, disable, windows } = flags;
  const changes = {
    ...(added === undefined ? {} : { with: added }),
    ...(without === undefined ? {} : { without }),
    ...(enable === undefined ? {} : { enable }),
    ...(disable === undefined ? {} : { disable }),
    ...(windows === undefined ? {} : { windows }),
  };
  return flags.change === "client"
    ? whatIfPolicy(client, flags.clientPolicy ?? flags.policy, "desktop", changes)
    : whatIfPolicy(server, flags.serverPolicy ?? flags.policy, "server", changes);
}

/** What to say about both policies; a remark about one host only names it. */
function notes(client: LoadedPolicy, server: LoadedPolicy): string[] {
  const one = (host: string, mine: LoadedPolicy, other: LoadedPolicy) =>
    mine.remarks.filter((remark) => !other.remarks.includes(remark)).map((remark) => `${host}: ${remark}`);
  const both = client.remarks.filter((remark) => server.remarks.includes(remark));
  return [...both, ...one("client", client, server), ...one("server", server, client)];
}

/** A program as filters name it: on the device that the host's policy says its drive is. */
function programOf(policy: Policy, option: string, path: string): string {
  if (path === "") throw new InputError(`${option}: expected a path (C:\\…, \\device\\…) or System, found nothing`);
  return toAppId(path, volumesOf(policy, []));
}

/** Both hosts' policies; one file given for both is read once. */
async function loadPolicies(context: CliContext, flags: SessionFlags): Promise<{ client: LoadedPolicy; server: LoadedPolicy }> {
  const clientSource = flags.clientPolicy ?? flags.policy;
  const serverSource = flags.serverPolicy ?? flags.policy;
  const common = { strict: flags.strict, windows: flags.windows };
  const client = await loadPolicy(context.io, clientSource, { ...common, kind: "desktop" });
  warn(context.io, client.policy);
  if (clientSource !== undefined && clientSource === serverSource) return { client, server: client };
  const server = await loadPolicy(context.io, serverSource, { ...common, kind: "server" });
  warn(context.io, server.policy);
  return { client, server };
}
