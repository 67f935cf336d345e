import { InputError, type Policy, toAppId, type WindowsVersion } from "../../model/index.ts";
import {
  PolicyNames,
  policyText,
  scenarioListJson,
  scenarioListText,
  sessionJson,
  sessionSummaryJson,
  sessionText,
} from "../../report/index.ts";
import { runScenario, SCENARIOS } from "../../stack/index.ts";
import type { CliContext } from "../context.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { type LoadedPolicy, loadPolicy, warn, windowsOf } from "../load-policy.ts";
import { Output } from "../output.ts";
import { volumesOf } from "../volumes.ts";
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
  const { client, server } = await loadPolicies(this, flags);
  const windows: WindowsVersion = flags.windows ?? windowsOf(server.policy);
  const records = runScenario(scenario.name, {
    clientPolicy: client.policy,
    serverPolicy: server.policy,
    family: flags.family === "v6" ? 6 : 4,
    windows,
    ...(flags.clientApp === undefined ? {} : { clientApp: programOf(client.policy, "--client-app", flags.clientApp) }),
    ...(flags.serverApp === undefined ? {} : { serverApp: programOf(server.policy, "--server-app", flags.serverApp) }),
    ...(serverPort === undefined ? {} : { serverPort }),
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    interpretation: parseInterpretation(flags.interpretation ?? []),
  });
  const verbose = flags.verbose ?? 0;
  if (flags.json) {
    for (const record of records) output.json(sessionJson(record, { fields: verbose > 0 }));
    const about = { windows, clientPolicy: client.policy.source, serverPolicy: server.policy.source };
    output.json(sessionSummaryJson(scenario.name, records, about));
    return output.flush();
  }
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
  return output.flush();
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
