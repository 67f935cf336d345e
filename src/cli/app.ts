import {
  type Application,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  help,
  text_en,
  version,
} from "@stricli/core";
import { diffCommand } from "./commands/diff-command.ts";
import { lintCommand } from "./commands/lint-command.ts";
import { reachCommand } from "./commands/reach-command.ts";
import { replayCommand } from "./commands/replay-command.ts";
import { rulesCommand } from "./commands/rules-command.ts";
import { searchCommand } from "./commands/search-command.ts";
import { sessionCommand } from "./commands/session-command.ts";
import { shadowCommand } from "./commands/shadow-command.ts";
import { showCommand } from "./commands/show-command.ts";
import { testCommand } from "./commands/test-command.ts";
import { traceCommand } from "./commands/trace-command.ts";
import { verifyCommand } from "./commands/verify-command.ts";
import type { CliContext } from "./context.ts";
import { errorText, statusOf } from "./error-text.ts";

const DESCRIPTION = `wfplab is an executable model of the Windows Filtering Platform. It loads the policy of a Windows machine, runs connections
through it layer by layer, and says which filter decided what, and why - on any operating system, without the machine.

EXAMPLES
  wfplab session tcp-session
  wfplab trace "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public" --policy wfpstate.xml
  wfplab search "in tcp from internet to :3389" --verdict permit --policy wfpstate.xml
  wfplab verify security.jsonl --policy wfpstate.xml
  wfplab test policy-tests.yaml --policy wfpstate.xml

A policy is a file of "netsh wfp show state" or "netsh wfp show filters", firewall rules in any of their forms, a Security log that records
policy changes, - for standard input, or @desktop or @server for one that comes with wfplab; @desktop is used where none is given.

EXIT STATUS
  0 as asked   1 an assertion failed, or there is a difference or finding   2 wrong usage or bad input
  3 indeterminate where a definite answer was required

ENVIRONMENT
  NO_COLOR=1 no colours   WFPLAB_DEBUG=1 stack traces of errors`;

/** What is wrong with the arguments; stricli's own text does not name the flag whose value is not one of its choices. */
function usageText(error: unknown): string {
  if (!(error instanceof ArgumentScannerError)) return errorText(error, false);
  return formatMessageForArgumentScannerError(error, {
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName}: expected ${values.join(" or ")}, found "${input}"`,
    // Flags that are parsed are numbers; everything else is read by the commands.
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, input }) =>
      `--${externalFlagNameOrPlaceholder}: expected a number, found "${input}"`,
  });
}

/** What a slip of the finger costs; suggestions stop at three. */
const SLIP = { insertion: 1, deletion: 3, substitution: 2, transposition: 0 };

/** The command line. Commands load their code when they are run. */
export function buildApp(currentVersion: () => Promise<string>, debug: boolean): Application<CliContext> {
  const root = buildRouteMap<
    "session" | "trace" | "replay" | "verify" | "show" | "test" | "search" | "diff" | "shadow" | "lint" | "reach" | "rules",
    CliContext
  >({
    routes: {
      // In the order of --help: one flow, a policy, recordings, firewall rules and their tests, questions over all flows.
      session: sessionCommand,
      trace: traceCommand,
      show: showCommand,
      replay: replayCommand,
      verify: verifyCommand,
      rules: rulesCommand,
      test: testCommand,
      search: searchCommand,
      reach: reachCommand,
      diff: diffCommand,
      shadow: shadowCommand,
      lint: lintCommand,
    },
    docs: { brief: "An executable model of the Windows Filtering Platform", fullDescription: DESCRIPTION },
  });
  const formatting = { useAliasInUsageLine: false, onlyRequiredInUsageLine: true, caseStyle: "convert-camel-to-kebab" } as const;
  return buildApplication<CliContext>(
    root,
    {
      name: "wfplab",
      scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true, distanceOptions: { threshold: 3, weights: SLIP } },
      documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true, onlyRequiredInUsageLine: true },
      localization: {
        text: {
          ...text_en,
          noCommandRegisteredForInput: (args) => `wfplab: ${text_en.noCommandRegisteredForInput(args)}; wfplab --help lists the commands`,
          exceptionWhileParsingArguments: (error) => `wfplab: ${usageText(error)}`,
          exceptionWhileLoadingCommandFunction: (error) => errorText(error, debug),
          exceptionWhileRunningCommand: (error) => errorText(error, debug),
        },
      },
      determineExitCode: statusOf,
    },
    {
      help: help<CliContext>({ brief: "Print this help and exit", defaultForRouteMap: true, formatting }),
      // -v is --verbose.
      version: version<CliContext>({ brief: "Print the version and exit", alias: false, info: { getCurrentVersion: currentVersion } }),
    },
  );
}
