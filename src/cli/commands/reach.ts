import { fidelityOf } from "../../engine/index.ts";
import { InputError, type SearchResult } from "../../model/index.ts";
import { accountName, PolicyNames, policyText, searchJson, searchText } from "../../report/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-status.ts";
import { Output } from "../output.ts";
import { Progress } from "../progress.ts";
import { type AskedPolicy, askedPolicy, requireCases } from "../questions/question-policy.ts";
import { reachBetween } from "../questions/reach-between.ts";
import { readPatterns } from "../questions/read-patterns.ts";
import { searchFlows } from "../questions/search-flows.ts";
import { wholeNumber } from "../questions/whole-number.ts";
import { SERVICE_USER } from "../suite/flow-dimensions.ts";
import type { ReachFlags } from "./reach-command.ts";

/** `wfplab reach`. */
export async function reach(this: CliContext, flags: ReachFlags): Promise<void> {
  const classes = wholeNumber("--classes", flags.classes, 1, 100_000);
  if (flags.policy === "-" && flags.toPolicy === "-") throw new InputError("standard input can be one of the two policies only");
  const outbound = flags.toPolicy !== undefined || flags.port === undefined;
  const pattern = patternOf(flags, outbound);
  const patterns = readPatterns(pattern);
  const question = questionOf(flags, outbound);
  const asked = await askedPolicy(this.io, flags.policy, flags);
  const other = flags.toPolicy === undefined ? undefined : await askedPolicy(this.io, flags.toPolicy, flags);
  const progress = new Progress(this.io.stderr, "searching", patterns.length * 6, 12);
  const options = {
    ...asked.options,
    question,
    verdict: "permit",
    filters: null,
    decidedBy: null,
    except: [],
    classes,
    now: () => performance.now() / 1000,
    onCase: (done: number) => progress.update(done),
  } as const;
  const found =
    other === undefined
      ? searchFlows(asked.engine, patterns, options)
      : reachBetween(asked.engine, other.engine, patterns, { ...options, there: other.options });
  progress.end();
  const account =
    flags.service === undefined || flags.user !== undefined
      ? []
      : [`the service runs as ${accountName(SERVICE_USER)} (--user for another account)`];
  const result = { ...found, assumptions: [...found.assumptions, ...account] };
  requireCases(pattern, result);
  const output = new Output(this.io);
  if (flags.json) for (const record of searchJson(result, asked.policy, other?.policy)) output.json(record);
  else output.text(textOf(result, asked, other, flags, output));
  await output.flush();
  this.setStatus(result.answers.length > 0 ? EXIT.ok : result.certainty === "proved" ? EXIT.failed : EXIT.indeterminate);
}

function textOf(result: SearchResult, asked: AskedPolicy, other: AskedPolicy | undefined, flags: ReachFlags, output: Output): string {
  const about: [string, string][] = [
    [other === undefined ? "Policy" : "From", policyText(asked.policy)],
    ...(other === undefined ? [] : [["To", policyText(other.policy)] as [string, string]]),
    ...asked.remarks.map((remark): [string, string] => ["Note", remark]),
  ];
  return searchText(result, {
    ...output.textOptions(0),
    about,
    names: new PolicyNames(asked.policy),
    fidelity: fidelityOf(asked.policy),
    ...(other === undefined ? {} : { there: { names: new PolicyNames(other.policy), fidelity: fidelityOf(other.policy) } }),
    explain: flags.explain,
  });
}

/** The flags as a question. */
function questionOf({ app, service, user, port, protocol, profile, from, to, toPolicy }: ReachFlags, outbound: boolean): string {
  const program = [
    ...(app === undefined ? [] : [`the program ${app}`]),
    ...(service === undefined ? [] : [`the service ${service}`]),
    ...(user === undefined ? [] : [`the account ${user}`]),
  ].join(" as ");
  const where = [
    ...(from === undefined || outbound ? [] : [`from ${from}`]),
    ...(from === undefined || !outbound ? [] : [`from its address ${from}`]),
    ...(to === undefined ? [] : [`at ${to}`]),
    ...(profile === undefined ? [] : [`on ${profile} networks`]),
  ];
  const rest = `${where.length === 0 ? "" : ` ${where.join(", ")}`} (${protocol})?`;
  if (toPolicy !== undefined) return `what gets from this host to the other one${port === undefined ? "" : `, to port ${port}`}${rest}`;
  if (!outbound) return `who can reach port ${port}${program === "" ? "" : ` of ${program}`}${rest}`;
  return `what can ${program === "" ? "any program" : program} reach${rest}`;
}

/** The flags as a flow pattern. @throws InputError where nothing is asked for */
function patternOf({ app, service, user, port, protocol, profile, from, to, toPolicy }: ReachFlags, outbound: boolean): string {
  if (app === undefined && service === undefined && user === undefined && port === undefined && toPolicy === undefined) {
    throw new InputError("expected --app, --service, --user, --port or --to-policy: what is to reach what?");
  }
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const end = (addresses: string | undefined, ports: string | undefined) => {
    const text = addresses ?? "any";
    return ports === undefined ? text : text.includes(":") ? `[${text}]:${ports}` : `${text}:${ports}`;
  };
  const who = [
    ...(app === undefined ? [] : [`app=${quoted(app)}`]),
    ...(service === undefined ? [] : [`service=${quoted(service)}`]),
    ...(user === undefined ? [] : [`user=${quoted(user)}`]),
    // A service has an account of its own and no other groups than its SID, outside any AppContainer.
    ...(service === undefined ? [] : [...(user === undefined ? [`user=${SERVICE_USER}`] : []), "groups=none package=none"]),
    ...(profile === undefined ? [] : [`profile=${profile}`]),
  ].join(" ");
  return `${outbound ? "out" : "in"} ${protocol} ${end(from, undefined)} > ${end(to, port)} ${who}`.trim();
}
