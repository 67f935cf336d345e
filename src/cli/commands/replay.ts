import { FilterEngine } from "../../engine/index.ts";
import {
  formatAddress,
  type HostDescription,
  InputError,
  type IpAddress,
  type Policy,
  parseAddress,
  type RecordedVerdict,
  type ReplayFlow,
  type ReplayPacket,
  type Verdict,
} from "../../model/index.ts";
import {
  type DescribedEndpoint,
  describedByDump,
  describedByEvents,
  EndpointFacts,
  LocalAddresses,
  type PolicyEpoch,
  Replay,
} from "../../replay/index.ts";
import {
  replayComment,
  replayFlowJson,
  replayFlowLine,
  replayPacketJson,
  replayPacketLine,
  replaySummaryJson,
  replaySummaryText,
  whatIfJson,
  whatIfLines,
} from "../../report/index.ts";
import { decodeText, readHosts } from "../../sources/index.ts";
import { readCapture } from "../capture-input.ts";
import type { CliContext } from "../context.ts";
import { EXIT, type ExitStatus } from "../exit-status.ts";
import { guessLocal } from "../guess-local.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { loadEvents } from "../load-events.ts";
import { type LoadedPolicy, loadPolicy, warn, windowsOf } from "../load-policy.ts";
import { Output } from "../output.ts";
import { volumesOf } from "../volumes.ts";
import { warnOf } from "../warn.ts";
import { type WhatIfPolicy, whatIfPolicy } from "../what-if-load.ts";
import { AnnotatedCopy } from "../write-capture.ts";
import type { ReplayFlags } from "./replay-command.ts";

/** `wfplab replay`. */
export async function replay(this: CliContext, flags: ReplayFlags, capture: string): Promise<void> {
  const { io } = this;
  const inputs = [capture, flags.policy, flags.events, ...(flags.policyAt ?? []).map((setting) => policyAt(setting).file)];
  if (inputs.filter((input) => input === "-").length > 1) {
    throw new InputError("only one of CAPTURE, --policy, --policy-at and --events can be read from standard input");
  }
  const hosts = flags.hosts === undefined ? null : readHosts(decodeText(io.readFile(flags.hosts)), { source: flags.hosts });
  const interpretation = parseInterpretation(flags.interpretation ?? []);
  // Every policy of the capture is changed alike; --profile is the network's category here.
  const load = async (source: string | undefined): Promise<AskedPolicies> => {
    const loaded = await loadPolicy(io, source, { strict: flags.strict, kind: "desktop", windows: flags.windows, interpretation });
    warn(io, loaded.policy);
    return { loaded, changed: await whatIfPolicy(loaded, source, "desktop", { ...flags, profile: undefined }) };
  };
  const engineOf = (policy: Policy): FilterEngine => new FilterEngine(policy, { interpretation });
  const first = await load(flags.policy);
  const loaded = first.changed?.loaded ?? first.loaded;
  const { policy } = loaded;
  const start = { from: Number.NEGATIVE_INFINITY };
  const policies: [PolicyEpoch, ...PolicyEpoch[]] = [{ ...start, engine: engineOf(policy) }];
  const unchanged: [PolicyEpoch, ...PolicyEpoch[]] = [{ ...start, engine: engineOf(first.loaded.policy) }];
  for (const { from, file } of (flags.policyAt ?? []).map(policyAt).sort((a, b) => a.from - b.from)) {
    const next = await load(file);
    policies.push({ from, engine: engineOf((next.changed?.loaded ?? next.loaded).policy) });
    unchanged.push({ from, engine: engineOf(next.loaded.policy) });
  }
  const local = localAddresses(this, flags, hosts, capture);
  const recorded = flags.events === undefined ? null : await recordedEndpoints(this, flags.events, flags.strict, local.addresses);
  const profile = flags.profile ?? hosts?.profile;
  const output = new Output(io);
  const text = output.textOptions(0);
  const counts: Record<Verdict, number> = { permit: 0, block: 0, indeterminate: 0 };
  let unowned = 0;
  let since: ReplayPacket | null = null;
  let lastFlow = 0;
  const { write } = flags;
  const copy = write === undefined ? null : new AnnotatedCopy(() => io.createFile(write));
  const onFlow = (flow: ReplayFlow): void => {
    counts[flow.verdict]++;
    if (flow.verdict === "indeterminate" && flow.flow.app === undefined) unowned++;
    if (flags.json) output.json(replayFlowJson(flow));
    else if (flags.flows) output.text(replayFlowLine(flow, text));
  };
  const onPacket = (packet: ReplayPacket): void => {
    copy?.comment(replayComment(packet));
    if (!flags.packets) return;
    if (flags.json) output.json(replayPacketJson(packet));
    else {
      since ??= packet;
      // Flows are numbered as they begin.
      const opens = packet.flow !== null && packet.flow > lastFlow;
      if (opens) lastFlow = packet.flow ?? lastFlow;
      output.text(replayPacketLine(packet, { ...text, since, opens }));
    }
  };
  const host = {
    windows: flags.windows ?? windowsOf(policy),
    local: new LocalAddresses(local.addresses),
    endpoints: new EndpointFacts([...describedByDump(policy.endpoints), ...(hosts?.endpoints ?? []), ...(recorded?.endpoints ?? [])]),
    volumes: volumesOf(policy, flags.volume ?? []),
    ...(profile === undefined ? {} : { profile }),
  };
  const run = new Replay({ ...host, policies, onFlow, ...(copy !== null || flags.packets ? { onPacket } : {}) });
  const before: Record<Verdict, number> = { permit: 0, block: 0, indeterminate: 0 };
  const other =
    first.changed === undefined ? undefined : new Replay({ ...host, policies: unchanged, onFlow: ({ verdict }) => before[verdict]++ });
  if (first.changed !== undefined) {
    if (flags.json) output.json(whatIfJson(first.changed.applied, undefined));
    else output.text(`${whatIfLines(first.changed.applied, undefined, text).join("\n")}\n\n`);
  }
  const problems = await readCapture(io, capture, {
    packets: (batch) => {
      run.packets(batch);
      other?.packets(batch);
      copy?.batch(batch);
    },
    ...(copy === null ? {} : { interface: (added) => copy.interface(added), block: (block) => copy.block(block) }),
    breathe: () => output.breathe(),
  });
  const summary = run.end();
  other?.end();
  copy?.end();
  const remarks = [...loaded.remarks, ...local.remarks, ...(recorded?.remarks ?? []), ...unknowns(unowned, profile), ...problems];
  if (flags.json)
    output.json(
      replaySummaryJson(summary, {
        capture,
        policy: policy.source,
        local: local.addresses.map(formatAddress),
        remarks,
        ...(other === undefined ? {} : { before }),
      }),
    );
  else {
    const apart = flags.flows || flags.packets ? "\n" : "";
    output.text(`${apart}${replaySummaryText(summary, { ...text, capture, policy: policy.source, remarks })}`);
    if (other !== undefined) output.text(`\nBefore    ${countsText(before)}\nAfter     ${countsText(counts)}\n`);
  }
  this.setStatus(statusFor(flags.expect, counts));
  return output.flush();
}

/** A policy of the capture, and what the command line makes of it where it asks for changes. */
interface AskedPolicies {
  readonly loaded: LoadedPolicy;
  readonly changed: WhatIfPolicy | undefined;
}

function countsText({ permit, block, indeterminate }: Readonly<Record<Verdict, number>>): string {
  return `${permit} ${permit === 1 ? "flow" : "flows"} permitted, ${block} blocked, ${indeterminate} indeterminate`;
}

function statusFor(expect: "permit" | "block" | undefined, counts: Readonly<Record<Verdict, number>>): ExitStatus {
  if (expect === undefined) return EXIT.ok;
  const wrong = expect === "permit" ? counts.block : counts.permit;
  return wrong > 0 ? EXIT.failed : counts.indeterminate > 0 ? EXIT.indeterminate : EXIT.ok;
}

interface Local {
  readonly addresses: readonly IpAddress[];
  readonly remarks: readonly string[];
}

function localAddresses({ io }: CliContext, flags: ReplayFlags, hosts: HostDescription | null, capture: string): Local {
  const given = (flags.local ?? [])
    .flatMap((list) => list.split(","))
    .map((text) => {
      try {
        return parseAddress(text.trim());
      } catch {
        throw new InputError(`--local: expected an IP address, found "${text}"`);
      }
    });
  const told = [...given, ...(hosts?.addresses ?? [])];
  if (told.length > 0) return { addresses: told, remarks: [] };
  if (capture === "-") throw new InputError("a capture from standard input is read once only: --local ADDR has to say whose it is");
  const addresses = guessLocal(io, capture);
  if (addresses.length === 0) return { addresses, remarks: ["no IP traffic was found to guess the host's address from"] };
  return {
    addresses,
    remarks: [`the host is taken to be ${addresses.map(formatAddress).join(", ")}, guessed from the traffic; --local says otherwise`],
  };
}

/** The programs behind the host's ports that its own log names. */
async function recordedEndpoints(
  { io }: CliContext,
  path: string,
  strict: boolean,
  local: readonly IpAddress[],
): Promise<{ readonly endpoints: readonly DescribedEndpoint[]; readonly remarks: readonly string[] }> {
  const events = await loadEvents(io, path, { strict });
  warnOf(io, events.source, events.diagnostics);
  const verdicts = events.records.filter((record): record is RecordedVerdict => record.type === "verdict");
  const endpoints = describedByEvents(verdicts, local);
  const none = `${events.source} names no program of ${local.map(formatAddress).join(", ") || "the host"}: it is another computer's, or has no verdicts`;
  return { endpoints, remarks: endpoints.length === 0 ? [none] : [] };
}

/** What nobody told and verdicts may depend on. */
function unknowns(unowned: number, profile: string | undefined): string[] {
  return [
    ...(profile === undefined ? ["the network's category is unknown; --profile tells it"] : []),
    ...(unowned > 0
      ? [
          `no program is known for ${unowned} of the indeterminate flows; --hosts FILE or --events FILE tells them, or a "netsh wfp show state" of that very host`,
        ]
      : []),
  ];
}

/** `2026-11-23T12:00:00Z=FILE` or `1700000000.5=FILE`. */
function policyAt(setting: string): { readonly from: number; readonly file: string } {
  const at = setting.indexOf("=");
  const time = setting.slice(0, at);
  const seconds = /^\d+(\.\d+)?$/.test(time) ? Number(time) : Date.parse(time) / 1000;
  if (at < 1 || !Number.isFinite(seconds) || setting.length === at + 1) {
    throw new InputError(`--policy-at: expected TIME=FILE with a time like 2026-11-23T12:00:00Z or seconds since 1970, found "${setting}"`);
  }
  return { from: seconds, file: setting.slice(at + 1) };
}
