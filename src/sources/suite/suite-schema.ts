import { z } from "zod";
import { PEER_SEES } from "../../model/index.ts";

/** The shape of a suite file. What the words in it mean is checked by read-suite.ts, so that errors name the word. */

const text = z.string().min(1);
const onOff = z.enum(["on", "off"]);
const profile = z.enum(["public", "private", "domain"]);
const version = z.enum(["vista", "7", "8", "10", "11"]);
const listOf = <T extends z.ZodType>(item: T) => z.union([item, z.array(item)]);

const files = z.union([text, z.array(text).min(1)]);

const profileSettings = z
  .strictObject({
    firewall: onOff.optional().describe("Whether Windows Firewall is on for the profile"),
    inbound: z.enum(["allow", "block"]).optional().describe("What becomes of inbound connections without a rule"),
    outbound: z.enum(["allow", "block"]).optional().describe("What becomes of outbound connections without a rule"),
    stealth: onOff.optional().describe("Whether closed ports keep silent"),
    "allow rules": onOff.optional().describe("off: shields up, inbound allow rules are left out"),
    "local rules": z
      .enum(["apply", "ignore"])
      .optional()
      .describe("ignore: AllowLocalPolicyMerge=0, rules of the local store are left out"),
  })
  .describe("Settings of one profile; what is left out is Windows' default");

const rule = z
  .union([
    text,
    z.strictObject({
      rule: text.describe("The rule in wfplab's rule notation"),
      store: z.enum(["local", "group policy"]).optional().describe("Which store it is in; local unless told"),
    }),
  ])
  .describe('A firewall rule in one line: "allow in tcp 3389 from 10.0.0.0/8 profile=domain"');

const subLayer = z.strictObject({ name: text, weight: z.number().int().min(0).max(65535) });

const callout = z.strictObject({
  name: text,
  registered: z.boolean().optional().describe("Whether a driver has registered it; true unless told: what it decides is then unknown"),
});

const filter = z.strictObject({
  name: text,
  layer: listOf(text).describe("ALE_AUTH_CONNECT for both families, ALE_AUTH_CONNECT_V4 for one"),
  sublayer: text.optional().describe("Name of a sublayer of the suite or of Windows; the default sublayer unless told"),
  weight: z
    .union([z.number().int().min(0), text])
    .optional()
    .describe("0 to 15 is a range, more is the exact weight; automatic unless told"),
  action: z.enum(["permit", "block", "callout", "inspect"]),
  callout: text.optional().describe("Name of the callout, for actions callout and inspect"),
  hard: z.boolean().optional().describe("FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT"),
  "permit if unregistered": z.boolean().optional().describe("FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED"),
  conditions: z.array(text).optional().describe('"IP_REMOTE_PORT = 443", "FLAGS all loopback"'),
});

const change = {
  with: listOf(text).optional(),
  without: listOf(text).optional(),
  enable: listOf(text).optional(),
  disable: listOf(text).optional(),
};

const policyBody = z.strictObject({
  from: files
    .optional()
    .describe(
      "A file, a list of one machine's files with rules, or @desktop, @server, @empty (Windows Firewall without rules), @bare (no filters at all)",
    ),
  windows: version.optional(),
  rules: z.array(rule).optional().describe("Firewall rules beside those of `from`"),
  settings: z
    .strictObject({ public: profileSettings.optional(), private: profileSettings.optional(), domain: profileSettings.optional() })
    .optional(),
  sublayers: z.array(subLayer).optional(),
  callouts: z.array(callout).optional(),
  filters: z.array(filter).optional().describe("Filters of other products, added in this order"),
  ...change,
  profile: profile.optional().describe("The only active profile"),
});

const policy = z
  .union([text, z.array(text).min(1), policyBody])
  .describe(
    "Name of one of `policies`, a file, a list of one machine's files with rules, @desktop, @server, @empty, @bare, or what it is made from",
  );

const common = {
  name: text,
  description: text.optional(),
  source: text.optional().describe("Where the question comes from, e.g. a URL"),
  policy: policy.optional(),
  skip: text.optional().describe("Why the test is not run"),
};

const verdict = z.enum(["permit", "block", "indeterminate"]);

const flowTest = z.strictObject({
  ...common,
  flow: text.optional().describe('A flow: "in tcp 10.0.0.0/8 > *:445,3389 profile=public"'),
  flows: z.array(text).optional(),
  hosts: text.optional().describe("A hosts file; {host} in a flow stands for each address in it"),
  expect: verdict.optional(),
  "decided by": z.union([text, z.number().int()]).optional().describe("Filter id, key or name, or name or id of the rule"),
  "peer sees": z.enum(PEER_SEES).optional(),
  at: text.optional().describe("The layer that decides"),
  listener: z.boolean().optional().describe("Whether a program listens; true unless told"),
});

const recordExpectation = z.strictObject({
  host: z.enum(["client", "server", "host"]).optional(),
  operation: text.optional(),
  result: text.optional(),
  layer: text.optional(),
  event: text.optional(),
  verdict: verdict.optional(),
  "decided by": text.optional(),
  never: z.boolean().optional().describe("True: no such line may be there"),
});

const scenarioTest = z.strictObject({
  ...common,
  scenario: text.describe(
    "A built-in scenario (wfplab session --list names them), or forwarded: a datagram from a virtual machine through the host",
  ),
  family: z.enum(["v4", "v6"]).optional(),
  profile: profile.optional(),
  client: policy.optional().describe("Policy of the client; @desktop unless told"),
  server: policy.optional().describe("Policy of the server; the test's policy unless told"),
  "client app": text.optional(),
  "server app": text.optional(),
  "server port": z.number().int().min(1).max(65535).optional(),
  expect: z.array(recordExpectation).min(1),
});

export const INVARIANTS = [
  "nothing inbound from the Internet",
  "agent reaches its cloud",
  "no leak outside the tunnel",
  "v4 and v6 agree",
  "loopback works",
] as const;

const invariantTest = z.strictObject({
  ...common,
  invariant: z.enum(INVARIANTS),
  except: z.array(text).optional().describe("Flows that the invariant is not about"),
  app: text.optional().describe("The agent's program"),
  service: text.optional().describe("The agent's service"),
  to: text.optional().describe("Addresses of the cloud"),
  ports: text.optional().describe("Ports of the cloud; 443 unless told"),
  tunnel: text.optional().describe("Interface of the tunnel, as in if=: luid:… or an index"),
  flows: z.array(text).optional().describe("For v4 and v6 agree: flows without addresses"),
  pairs: z
    .array(z.strictObject({ v4: text, v6: text }))
    .optional()
    .describe("For v4 and v6 agree: peers of the same kind"),
});

/** The kinds of test by the key that tells them. */
export const TEST_KINDS = { flows: flowTest, scenario: scenarioTest, invariant: invariantTest } as const;

export const suiteSchema = z.strictObject({
  suite: text.optional().describe("Name of the suite; the file's unless told"),
  description: text.optional(),
  policy: policy.optional(),
  policies: z.record(text, policy).optional(),
  tests: z.array(z.union([flowTest, scenarioTest, invariantTest])).min(1),
});

export type SuiteBody = z.infer<typeof suiteSchema>;
export type PolicyBody = z.infer<typeof policyBody>;
export type FlowTestBody = z.infer<typeof flowTest>;
export type ScenarioTestBody = z.infer<typeof scenarioTest>;
export type InvariantTestBody = z.infer<typeof invariantTest>;
export type PolicyReference = z.infer<typeof policy>;
