import { InputError, type Policy, type ScenarioRun, type SessionRecord, toAppId } from "../../model/index.ts";
import {
  type JsonRecord,
  PolicyNames,
  packetJson,
  policyText,
  scenarioListJson,
  scenarioListText,
  sequenceDiagram,
  sessionDifferenceLines,
  sessionDifferences,
  sessionJson,
  sessionSummaryJson,
  sessionText,
  unmetJson,
  unmetLines,
  whatIfJson,
  whatIfLines,
} from "../../report/index.ts";
import { type PlayOptions, playScenario, SCENARIOS } from "../../stack/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-status.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { Output } from "../output.ts";
import { volumesOf } from "../volumes.ts";
import { writeEvents } from "../write-events.ts";
import type { SessionFlags } from "./session-command.ts";
import { playedPolicies, policyRemarks, type SessionPolicies, sessionPolicies } from "./session-policies.ts";
import { type ChosenScenario, chooseScenario } from "./session-scenario.ts";

const NO_POLICY = "no policy: the scenario's own filters only";

/** `wfplab session`. */
export async function session(this: CliContext, flags: SessionFlags, name?: string): Promise<void> {
  const output = new Output(this.io);
  if (flags.list) {
    if (flags.json) for (const record of scenarioListJson(SCENARIOS)) output.json(record);
    else output.text(scenarioListText(SCENARIOS, output.style));
    return output.flush();
  }
  for (const [option, path] of [
    ["--pcap", flags.pcap],
    ["--diagram", flags.diagram],
    ["--event-log", flags.eventLog],
    ["--net-events", flags.netEvents],
  ] as const) {
    if (path === "-") throw new InputError(`${option}: expected a file: standard output has the session`);
  }
  const chosen = await chooseScenario(this.io, name);
  const policies = await sessionPolicies(this.io, flags, chosen);
  const options = playOptions(flags, chosen, policies);
  const run = playScenario(chosen.scenario, { ...options, policies: playedPolicies(policies.hosts, "loaded") });
  const before =
    policies.applied === null
      ? null
      : playScenario(chosen.scenario, { ...options, policies: playedPolicies(policies.hosts, "before"), check: false }).records;
  const told: Told = { chosen, policies, run, before };
  await writeFiles(this, flags, told);
  if (flags.json) printJson(output, flags, told);
  else printText(output, flags, told);
  this.setStatus(run.unmet.length > 0 ? EXIT.failed : EXIT.ok);
  return output.flush();
}

interface Told {
  readonly chosen: ChosenScenario;
  readonly policies: SessionPolicies;
  readonly run: ScenarioRun<SessionRecord>;
  readonly before: readonly SessionRecord[] | null;
}

function playOptions(flags: SessionFlags, { scenario, isBuiltIn }: ChosenScenario, policies: SessionPolicies): PlayOptions {
  const { serverPort, family, windows, profile } = flags;
  if (serverPort !== undefined && !(Number.isInteger(serverPort) && serverPort > 0 && serverPort < 65536)) {
    throw new InputError(`--server-port: expected a number from 1 to 65535, found ${serverPort}`);
  }
  const apps = new Map<string, string>();
  const addApp = (host: string, option: string, path: string | undefined) => {
    if (path === undefined) return;
    const found = policies.hosts.get(host);
    if (found === undefined) throw new InputError(`${option}: the scenario ${scenario.name} has no host ${host}`);
    apps.set(host, programOf(found.loaded.policy, option, path));
  };
  addApp("client", "--client-app", flags.clientApp);
  addApp("server", "--server-app", flags.serverApp);
  // What a built-in scenario expects is what happens as it stands; a file's author says what must happen whatever the policy.
  const isChanged = policies.isReplaced || windows !== undefined || flags.interpretation !== undefined;
  return {
    ...(family === undefined ? {} : { family: family === "v6" ? 6 : 4 }),
    ...(windows === undefined ? {} : { windows }),
    usualWindows: policies.usualWindows,
    ...(serverPort === undefined ? {} : { port: serverPort }),
    ...(profile === undefined ? {} : { profile }),
    apps,
    interpretation: parseInterpretation(flags.interpretation ?? []),
    check: !(isBuiltIn && isChanged),
  };
}

/** A program as filters name it: on the device that the host's policy says its drive is. */
function programOf(policy: Policy, option: string, path: string): string {
  if (path === "") throw new InputError(`${option}: expected a path (C:\\…, \\device\\…) or System, found nothing`);
  return toAppId(path, volumesOf(policy, []));
}

async function writeFiles({ io }: CliContext, flags: SessionFlags, { chosen: { scenario }, policies, run }: Told): Promise<void> {
  if (flags.pcap !== undefined) {
    const { writeCapture } = await import("./session-capture.ts");
    writeCapture(io.createFile(flags.pcap), scenario, run.packets);
  }
  if (flags.eventLog !== undefined) writeEvents(io, flags.eventLog, "event-log", run.records);
  if (flags.netEvents !== undefined) writeEvents(io, flags.netEvents, "net-events", run.records);
  if (flags.diagram === undefined) return;
  const file = io.createFile(flags.diagram);
  const title = `${scenario.name}: ${scenario.title}`;
  const about = [...policies.hosts].map(([name, { loaded, isBare }]) => ({ name, about: isBare ? NO_POLICY : policyText(loaded.policy) }));
  file.write(new TextEncoder().encode(sequenceDiagram(run.records, run.packets, { title, hosts: about })));
  file.close();
}

function printJson(output: Output, flags: SessionFlags, { chosen: { scenario }, policies, run, before }: Told): void {
  const fields = (flags.verbose ?? 0) > 0;
  if (policies.applied !== null) output.json(whatIfJson(policies.applied, undefined));
  let next = 0;
  for (let index = 0; index <= run.records.length; index++) {
    for (let packet = run.packets[next]; packet !== undefined && packet.after <= index; packet = run.packets[++next]) {
      output.json(packetJson(packet, { fields }));
    }
    const record = run.records[index];
    if (record !== undefined) output.json(sessionJson(record, { fields }));
  }
  for (const unmet of run.unmet) output.json(unmetJson(unmet));
  const sources = Object.fromEntries([...policies.hosts].map(([host, { loaded }]) => [host, loaded.policy.source]));
  const about: JsonRecord = {
    packets: run.packets.length,
    expectations: run.checked,
    unmet: run.unmet.length,
    windows: windowsText(flags, { scenario, policies }),
    ...Object.fromEntries(Object.entries(sources).map(([host, source]) => [`${host}Policy`, source])),
    ...(before === null ? {} : { differences: sessionDifferences(before, run.records) }),
  };
  output.json(sessionSummaryJson(scenario.name, run.records, about));
}

function printText(output: Output, flags: SessionFlags, { chosen: { scenario }, policies, run, before }: Told): void {
  const options = output.textOptions(flags.verbose ?? 0);
  if (policies.applied !== null) output.text(`${whatIfLines(policies.applied, undefined, options).join("\n")}\n\n`);
  const hosts = [...policies.hosts];
  output.text(
    sessionText(run.records, {
      ...options,
      title: `${scenario.name}: ${scenario.title}`,
      about: [
        ...hosts.map(([name, { loaded, isBare }]): [string, string] => [capitalized(name), isBare ? NO_POLICY : policyText(loaded.policy)]),
        ["Windows", windowsText(flags, { scenario, policies })],
        ...policyRemarks(policies.hosts).map((remark): [string, string] => ["Note", remark]),
      ],
      names: new Map(hosts.map(([name, { loaded }]) => [name, new PolicyNames(loaded.policy)])),
      ...(flags.packets ? { packets: run.packets } : {}),
    }),
  );
  const verdict = unmetLines(run.unmet, run.checked, options);
  if (verdict.length > 0) output.text(`${verdict.join("\n")}\n`);
  if (before !== null) output.text(`\n${sessionDifferenceLines(before, run.records, options).join("\n")}\n`);
}

/** The version on most hosts, and who has another. */
function windowsText(
  flags: SessionFlags,
  { scenario, policies }: { readonly scenario: ChosenScenario["scenario"]; readonly policies: SessionPolicies },
): string {
  if (flags.windows !== undefined) return flags.windows;
  const usual = scenario.windows ?? policies.usualWindows;
  const others = scenario.hosts
    .filter(({ windows }) => windows !== null && windows !== usual)
    .map(({ name, windows }) => `${name} ${windows}`);
  return [usual, ...others].join(", ");
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
