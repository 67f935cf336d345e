import { z } from "zod";
import {
  type FlowExpectation,
  type FlowPattern,
  type FlowTest,
  InputError,
  type InputPosition,
  type InvariantTest,
  parseFlowPatterns,
  type RecordExpectation,
  type ScenarioTest,
  type Suite,
  type SuitePolicy,
  type SuiteTest,
} from "../../model/index.ts";
import { invariantFlows } from "./invariants.ts";
import { readHosts } from "./read-hosts.ts";
import { type PolicyContext, readPolicy } from "./read-suite-policy.ts";
import { type Path, SuiteDocument } from "./suite-document.ts";
import { type FlowTestBody, type InvariantTestBody, type ScenarioTestBody, suiteSchema, TEST_KINDS } from "./suite-schema.ts";

export interface ReadSuiteOptions {
  /** For messages and for the names of reports. */
  readonly file: string;
  /** The text of a file that the suite names, relative to the suite. */
  readonly readText: (path: string, position: InputPosition) => string;
}

/**
 * Reads a suite of policy tests (docs/suite-format.md).
 * @throws InputError with file, line and column of the first mistake.
 */
export function readSuite(text: string, options: ReadSuiteOptions): Suite {
  const document = new SuiteDocument(text, options.file);
  const body = document.check(suiteSchema.extend({ tests: z.array(z.unknown()).min(1) }), document.value, []);
  const policies = new Map<string, SuitePolicy>();
  const context: PolicyContext = { document, policies };
  for (const [name, reference] of Object.entries(body.policies ?? {})) {
    policies.set(name, readPolicy(reference, ["policies", name], context, name));
  }
  const names = new Map<string, number>();
  const tests = body.tests.map((raw, index) => {
    const test = readTest(raw, ["tests", index], context, options);
    const before = names.get(test.name);
    if (before !== undefined) {
      throw new InputError(
        `expected a name of its own, found "${test.name}", as the test in line ${before} has`,
        document.position(["tests", index, "name"]),
      );
    }
    names.set(test.name, test.position.line ?? 0);
    return test;
  });
  return {
    file: options.file,
    name: body.suite ?? (options.file.split(/[\\/]/).at(-1) ?? options.file).replace(/\.ya?ml$/i, ""),
    description: body.description ?? null,
    policy: body.policy === undefined ? null : readPolicy(body.policy, ["policy"], context),
    policies,
    tests,
  };
}

type Reader = PolicyContext & Pick<ReadSuiteOptions, "readText">;

function readTest(raw: unknown, path: Path, policyContext: PolicyContext, options: ReadSuiteOptions): SuiteTest {
  const { document } = policyContext;
  const context: Reader = { ...policyContext, readText: options.readText };
  const has = (key: string) => typeof raw === "object" && raw !== null && key in raw;
  if (has("scenario")) return scenarioTest(document.check(TEST_KINDS.scenario, raw, path), path, context);
  if (has("invariant")) return invariantTest(document.check(TEST_KINDS.invariant, raw, path), path, context);
  const body = document.check(TEST_KINDS.flows, raw, path);
  if (body.flow === undefined && body.flows === undefined) {
    throw new InputError("expected one of flow, flows, scenario, invariant", document.position(path));
  }
  return flowTest(body, path, context);
}

function common(body: FlowTestBody | ScenarioTestBody | InvariantTestBody, path: Path, context: Reader) {
  return {
    name: body.name,
    position: context.document.position([...path, "name"]),
    description: body.description ?? null,
    source: body.source ?? null,
    policy: body.policy === undefined ? null : readPolicy(body.policy, [...path, "policy"], context),
    skip: body.skip ?? null,
  };
}

function flowTest(body: FlowTestBody, path: Path, context: Reader): FlowTest {
  const { document } = context;
  const expect: FlowExpectation = {
    verdict: body.expect ?? null,
    decidedBy: body["decided by"] === undefined ? null : String(body["decided by"]),
    peerSees: body["peer sees"] ?? null,
    at: body.at === undefined ? null : body.at.replace(/^FWPM_LAYER_/i, "").toUpperCase(),
  };
  if (Object.values(expect).every((part) => part === null)) {
    throw new InputError("expected one of expect, decided by, peer sees, at: the test says nothing otherwise", document.position(path));
  }
  const hostsAt = document.position([...path, "hosts"]);
  const hosts = body.hosts === undefined ? undefined : readHosts(context.readText(body.hosts, hostsAt), body.hosts, hostsAt);
  const placed: [string, Path][] = [
    ...(body.flow === undefined ? [] : [[body.flow, [...path, "flow"]] as [string, Path]]),
    ...(body.flows ?? []).map((text, index): [string, Path] => [text, [...path, "flows", index]]),
  ];
  const flows = placed.flatMap(([text, at]) => {
    const position = document.position(at);
    if (!text.includes("{host}")) return parseFlowPatterns(text, position);
    if (hosts === undefined) throw new InputError('expected "hosts:" with a hosts file, as the flow has {host}', position);
    return hosts.flatMap((address) =>
      parseFlowPatterns(text.replaceAll("{host}", address.includes(":") ? `[${address}]` : address), position),
    );
  });
  if (hosts !== undefined && !placed.some(([text]) => text.includes("{host}"))) {
    throw new InputError("expected {host} in a flow: the hosts file is of no use otherwise", hostsAt);
  }
  return { kind: "flows", ...common(body, path, context), flows, expect, listener: body.listener ?? null };
}

function scenarioTest(body: ScenarioTestBody, path: Path, context: Reader): ScenarioTest {
  const policy = (key: "client" | "server") => {
    const reference = body[key];
    return reference === undefined ? null : readPolicy(reference, [...path, key], context);
  };
  return {
    kind: "scenario",
    ...common(body, path, context),
    scenario: body.scenario,
    family: body.family === "v6" ? 6 : 4,
    profile: body.profile ?? "public",
    clientPolicy: policy("client"),
    serverPolicy: policy("server"),
    clientApp: body["client app"] ?? null,
    serverApp: body["server app"] ?? null,
    serverPort: body["server port"] ?? null,
    expectations: body.expect.map((line, index): RecordExpectation => {
      const position = context.document.position([...path, "expect", index]);
      const { operation, result, layer, event, verdict } = line;
      const decidedBy = line["decided by"];
      if (operation === undefined && layer === undefined && event === undefined && verdict === undefined && decidedBy === undefined) {
        throw new InputError(
          "expected an operation (bind, listen, connect, accept, send, receive, close) or a layer, event, verdict or decided by",
          position,
        );
      }
      if (result !== undefined && operation === undefined) throw new InputError("expected the operation whose result it is", position);
      return {
        position,
        host: line.host ?? null,
        operation: operation ?? null,
        result: result ?? null,
        layer: layer === undefined ? null : layer.replace(/^FWPM_LAYER_/i, "").toUpperCase(),
        event: event ?? null,
        verdict: verdict ?? null,
        decidedBy: decidedBy ?? null,
        never: line.never ?? false,
      };
    }),
  };
}

function invariantTest(body: InvariantTestBody, path: Path, context: Reader): InvariantTest {
  const { document } = context;
  const position = document.position([...path, "invariant"]);
  const patterns = (key: string, texts: readonly string[]): readonly FlowPattern[] =>
    texts.flatMap((text, index) => parseFlowPatterns(text, document.position([...path, key, index])));
  const { flows, exceptFlows, pairs, verdict } = invariantFlows(body, position);
  return {
    kind: "invariant",
    ...common(body, path, context),
    invariant: body.invariant,
    verdict,
    flows: flows.flatMap((text) => parseFlowPatterns(text, position)),
    except: [...patterns("except", body.except ?? []), ...exceptFlows.flatMap((text) => parseFlowPatterns(text, position))],
    pairs: pairs.flatMap(([v4, v6]) => {
      const [a, b] = [parseFlowPatterns(v4, position), parseFlowPatterns(v6, position)];
      return a.flatMap((left, index) => {
        const right = b[index];
        return right === undefined ? [] : [{ v4: left, v6: right }];
      });
    }),
  };
}
