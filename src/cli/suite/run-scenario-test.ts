import type {
  Interpretation,
  Policy,
  RecordExpectation,
  ScenarioTest,
  SessionRecord,
  SuiteFinding,
  WindowsVersion,
} from "../../model/index.ts";
import { runScenario } from "../../stack/index.ts";
import { decidersAmong, isLayer, isNamed } from "./deciders.ts";
import { FORWARDED, runForwarded } from "./run-forwarded.ts";

export interface ScenarioPolicies {
  readonly client: Policy;
  readonly server: Policy;
  readonly windows: WindowsVersion;
  readonly interpretation?: Partial<Interpretation>;
}

/** Plays the scenario and looks for the lines that a test expects. */
export function runScenarioTest(
  test: ScenarioTest,
  policies: ScenarioPolicies,
): { readonly findings: readonly SuiteFinding[]; readonly records: readonly SessionRecord[] } {
  const records =
    test.scenario === FORWARDED ? runForwarded(policies.server, policies.windows, policies.interpretation) : played(test, policies);
  const findings = test.expectations.flatMap((wanted): SuiteFinding[] => {
    const line = records.find((record) => meets(record, wanted));
    if ((line !== undefined) !== wanted.never) return [];
    const what = sentence(wanted);
    const message = wanted.never
      ? `expected no line with ${what}, found one: ${lineText(line)}`
      : `expected a line with ${what}, found ${nearest(records, wanted)}`;
    return [{ status: "failed", message, trace: null, alike: 0 }];
  });
  return { findings, records };
}

function played(test: ScenarioTest, policies: ScenarioPolicies): readonly SessionRecord[] {
  return runScenario(test.scenario, {
    clientPolicy: policies.client,
    serverPolicy: policies.server,
    family: test.family,
    windows: policies.windows,
    profile: test.profile,
    ...(policies.interpretation === undefined ? {} : { interpretation: policies.interpretation }),
    ...(test.clientApp === null ? {} : { clientApp: test.clientApp }),
    ...(test.serverApp === null ? {} : { serverApp: test.serverApp }),
    ...(test.serverPort === null ? {} : { serverPort: test.serverPort }),
  });
}

function meets(record: SessionRecord, wanted: RecordExpectation): boolean {
  if (wanted.host !== null && (!("host" in record) || record.host !== wanted.host)) return false;
  if (wanted.operation !== null)
    return (
      record.type === "outcome" && record.operation === wanted.operation && (wanted.result === null || record.result === wanted.result)
    );
  if (record.type !== "indication") return false;
  if (wanted.layer !== null && !isLayer(record.layer.name, wanted.layer)) return false;
  if (wanted.event !== null && record.event !== wanted.event) return false;
  if (wanted.verdict !== null && record.decision.verdict !== wanted.verdict) return false;
  if (wanted.decidedBy === null) return true;
  const { decidedBy } = wanted;
  return decidersAmong(record.subLayers, record.decision.filter, record.decision.verdict).some((filter) => isNamed(filter, decidedBy));
}

function sentence({ host, operation, result, layer, event, verdict, decidedBy }: RecordExpectation): string {
  return [
    host,
    operation === null ? null : `${operation}()${result === null ? "" : `: ${result}`}`,
    event,
    layer,
    verdict,
    decidedBy === null ? null : `decided by "${decidedBy}"`,
  ]
    .filter((part) => part !== null)
    .join(" ");
}

/** The line that an expectation most likely meant: of the same host and operation, or the same layer. */
function nearest(records: readonly SessionRecord[], wanted: RecordExpectation): string {
  const loose = { ...wanted, result: null, verdict: null, decidedBy: null };
  return lineText(records.find((record) => meets(record, loose)));
}

function lineText(record: SessionRecord | undefined): string {
  if (record?.type === "outcome") return `${record.host} ${record.operation}(): ${record.result}`;
  if (record?.type === "indication") {
    const { decision, host, event, layer } = record;
    const by = decision.filter === null ? "" : ` by "${decision.filter.name}" (#${decision.filter.filterId})`;
    return `${host} ${event} ${layer.name.replace(/^FWPM_LAYER_/, "")} ${decision.verdict}${by}`;
  }
  return "none";
}
